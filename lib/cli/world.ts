import type { Cluster, ConnectContext } from "../kube/cluster.ts";
import type { Lines } from "../view/lines.ts";
import type { TemplateOutput } from "../view/output.ts";
import type { ParsedOptions } from "./grammar/flags.ts";
import type { connectionFlags } from "./grammar/shared-flags.ts";

/** The connection flags as typed, and the namespace. */
export type ConnectOptions = Partial<ParsedOptions<typeof connectionFlags>> & {
  /** `--namespace`; left out, the kubeconfig decides. */
  namespace?: string | undefined;
  /** The file that chose the kubeconfig, where none was typed, and the environment variables whose values it took up. */
  configuredBy?: { file: string; variables: readonly string[] } | undefined;
  /** Ends what is under way to this cluster alone, as Ctrl-C ends everything. */
  signal?: AbortSignal | undefined;
  /** Nobody is there to answer what a program to log in with would ask. */
  unattended?: boolean | undefined;
};

export type Connect = (options: ConnectOptions, context: ConnectContext) => Promise<Cluster>;

export interface Choice<Value> {
  name: string;
  value: Value;
  describe?: string;
}

/**
 * Questions to the person at the terminal, on stderr. Where stdin or stderr is no terminal, each throws UserError "usage"
 * whose hint is `flag`, the way to answer beforehand. Ctrl-C throws UserError "interrupted". What is shown is escaped.
 */
export interface Ask {
  /** No is the default. `flag` is for example `--yes`. */
  confirm(question: string, flag: string): Promise<boolean>;
  select<Value>(question: string, choices: readonly Choice<Value>[], flag: string): Promise<Value>;
  /** `check` returns what is wrong with the text, or undefined. */
  input(question: string, flag: string, check?: (text: string) => string | undefined): Promise<string>;
}

/** An object before and after a change; empty where there is none. */
export interface TwoTexts {
  name: string;
  before: string;
  after: string;
}

/** A line on stderr while something takes longer than a second. */
export interface Progress {
  update(text: string): void;
  end(): void;
}

/** All of the outside that a command may touch; files that its own flags name aside. */
export interface World {
  now(): Date;
  connect(options: ConnectOptions): Promise<Cluster>;
  /** The result for people, on stdout. Escaped here, as all of these lines are: no value adds a line or steers the terminal. */
  print(lines: Lines): void;
  /** Like print, on a terminal that is cleared before. */
  redraw(lines: Lines): void;
  /** The result for a program, on stdout as it is: text of a format that has escapes of its own (JSON, YAML, CSV). */
  document(text: string): void;
  /** Once all that was printed has left this process. False: nobody reads it any more (`| head -1`). */
  printed(): Promise<boolean>;
  /** `Warning: …` on stderr, each text once per run. */
  warn(text: string): void;
  /** Lines on stderr: what was done, "No resources found". */
  note(lines: Lines): void;
  /** What the command has changed so far, a text for each object: an error that ends it afterwards lists them. */
  wrote(changes: readonly string[]): void;
  readonly ask: Ask;
  progress(label: string): Progress;
  /**
   * Hands the process over to another program, with this terminal and these signals; its exit code is the answer. Where the
   * system can replace a process (POSIX) this never comes back. `file` must be a program that can be started.
   */
  exec(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number>;
  /** Opens a text in the user's editor ($KUBE_EDITOR, $EDITOR), in a file of this name; resolves to what was left in it. */
  edit(text: string, name: string): Promise<string>;
  /** Writes a file of this name that stays, in a new folder of the user's own; its path. */
  keep(text: string, name: string): Promise<string>;
  /** Shows what differs by the program that KUBECTL_EXTERNAL_DIFF names. */
  compare(program: string, texts: readonly TwoTexts[]): Promise<void>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
  readonly isTerminal: { stdin: boolean; stdout: boolean; stderr: boolean };
  /** The terminal's width; 80 where there is none. */
  readonly columns: number;
  /** `-o jsonpath=…` and its like: what prints a JSON document prints this of it. */
  readonly template?: TemplateOutput | undefined;
}
