import { styleText } from "node:util";
import type { Cluster } from "../kube/cluster.ts";
import { lineText, lineTexts, type Line, type Lines } from "../view/lines.ts";
import { pieces } from "../view/pieces.ts";
import { noteLines } from "../view/text.ts";
import { progressLine, type ProgressLine } from "./progress.ts";
import { prompts } from "./prompts.ts";
import type { Connect, World } from "./world.ts";

/** The module that can connect; loaded by the first command that does. */
export type LoadConnect = () => Promise<{ connect: Connect }>;

export interface ProcessWorld extends World {
  /** Takes away what is drawn on the terminal and closes every connection. */
  close(): void;
}

export interface ProcessWorldOptions {
  stdin: () => NodeJS.ReadableStream;
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
  isTerminal: World["isTerminal"];
  /** Undefined where stdout is no terminal. */
  columns: number | undefined;
  /** Undefined where stderr is no terminal. */
  noteColumns?: number | undefined;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  loadConnect: LoadConnect | undefined;
}

const WARNING = "Warning:";
const FAILURE = "error:";

const HOME_AND_CLEAR = "\u001b[H\u001b[2J\u001b[3J";

/** kubectl's level for the URLs of requests. */
const TRACE_LEVEL = 6;

/** The world as this process finds it. After an interrupt nothing more reaches stdout: half an answer is none. */
export function processWorld(options: ProcessWorldOptions): ProcessWorld {
  const { stdin, stdout, stderr, isTerminal, env, signal, loadConnect } = options;
  const warned = new Set<string>();
  const clusters: Cluster[] = [];
  const lines = new Set<ProgressLine>();
  const clearLines = (): void => lines.forEach((line) => line.clear());

  let isRead = true;
  stdout.on("error", () => void (isRead = false));

  const write = (text: string): void => {
    if (signal.aborted || text === "") return;
    clearLines();
    stdout.write(text);
  };

  // A terminal that was never told its size says 0.
  const columns = options.columns || 80;
  const noteWidth = isTerminal.stderr ? options.noteColumns || columns : Infinity;
  const onStdout = colours(env, isTerminal.stdout);
  const onStderr = colours(env, isTerminal.stderr);

  const note = (said: Lines): void => {
    if (said.length === 0 && said !== "") return;
    clearLines();
    const plain = typeof said === "string" ? [said] : said;
    stderr.write(lineText(noteLines(plain.map(failureLine), noteWidth), onStderr));
  };

  const warn = (text: string): void => {
    if (warned.has(text)) return;
    warned.add(text);
    clearLines();
    const said = lineText(noteLines(`${WARNING} ${text}`, noteWidth));
    const prefix = onStderr ? styleText(["yellow", "bold"], WARNING, { validateStream: false }) : WARNING;
    stderr.write(prefix + said.slice(WARNING.length));
  };

  const close = (): void => {
    for (const line of lines) line.end();
    for (const cluster of clusters) cluster.close();
  };

  return {
    now: () => new Date(),
    warn,
    note,
    // Whoever runs the command lists it.
    wrote() {},
    signal,
    env,
    isTerminal,
    columns,

    print: (result) => {
      for (const piece of pieces(lineTexts(result, onStdout))) write(piece);
    },
    redraw: (result) => write(HOME_AND_CLEAR + lineText(result, onStdout)),
    document: write,

    async printed() {
      const failure = await new Promise<Error | null | undefined>((resolve) => stdout.write("", resolve));
      return isRead && !failure;
    },

    async connect({ signal: own, ...connectOptions }) {
      if (loadConnect === undefined) throw new Error("this command was given no way to connect");
      const { connect } = await loadConnect();
      const tracing = (connectOptions.v ?? 0) >= TRACE_LEVEL;
      const ending = own === undefined ? signal : AbortSignal.any([signal, own]);
      const context = { env, signal: ending, warn, ...(tracing ? { trace: note } : {}) };
      const cluster = await connect(connectOptions, context);
      clusters.push(cluster);
      return cluster;
    },

    ask: prompts({
      input: stdin,
      output: stderr,
      interactive: isTerminal.stdin && isTerminal.stderr,
      beforeAsking: clearLines,
    }),

    progress(label) {
      const line = progressLine(label, {
        write: (text) => void stderr.write(text),
        terminal: isTerminal.stderr && env["TERM"] !== "dumb",
        columns: noteWidth,
      });
      lines.add(line);
      return {
        update: line.update,
        end() {
          lines.delete(line);
          line.end();
        },
      };
    },

    async exec(file, args, execEnv) {
      close();
      const { become } = await import("./become.ts");
      return await become(file, args, execEnv);
    },

    async edit(text, name) {
      clearLines();
      const { editText } = await import("./editor.ts");
      return await editText(text, name, env);
    },

    async keep(text, name) {
      const { newFile } = await import("./editor.ts");
      return newFile(text, name);
    },

    async compare(program, texts) {
      clearLines();
      const { showByProgram } = await import("./external-diff.ts");
      await showByProgram(program, texts, env);
    },

    close,
  };
}

/** A failure begins in its colour. */
function failureLine(line: Line): Line {
  const isFailure = typeof line === "string" && line.startsWith(FAILURE);
  return isFailure ? [{ text: FAILURE, tone: "no" }, { text: line.slice(FAILURE.length) }] : line;
}

/** Source of the rule: kubectl's AllowsColorOutput (pkg/util/term/color.go), and https://no-color.org. */
function colours(env: NodeJS.ProcessEnv, terminal: boolean): boolean {
  return terminal && env["TERM"] !== "dumb" && env["NO_COLOR"] === undefined;
}
