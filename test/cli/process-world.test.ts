import { PassThrough, Writable } from "node:stream";
import t from "tap";
import { processWorld } from "../../lib/cli/process-world.ts";
import type { ProcessWorld, ProcessWorldOptions } from "../../lib/cli/process-world.ts";
import type { ConnectOptions } from "../../lib/cli/world.ts";
import type { ConnectContext } from "../../lib/kube/cluster.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";

interface Screen {
  world: ProcessWorld;
  stdout(): string;
  stderr(): string;
  abort: AbortController;
}

function sink(): { stream: Writable; read(): string } {
  let written = "";
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      written += chunk;
      done();
    },
  });
  return { stream, read: () => written };
}

function screen(given: Partial<ProcessWorldOptions> = {}): Screen {
  const [stdout, stderr, abort] = [sink(), sink(), new AbortController()];
  const world = processWorld({
    stdin: () => new PassThrough(),
    stdout: stdout.stream,
    stderr: stderr.stream,
    isTerminal: { stdin: false, stdout: false, stderr: false },
    columns: undefined,
    env: {},
    signal: abort.signal,
    loadConnect: undefined,
    ...given,
  });
  return { world, stdout: stdout.read, stderr: stderr.read, abort };
}

const terminal = { stdin: true, stdout: true, stderr: true };

t.test("a result is lines, no lines are nothing, and a document is as it is", async (t) => {
  const { world, stdout, stderr } = screen();
  world.print("yes");
  world.print(["", "no"]);
  world.print([]);
  world.note([]);
  world.document("a\r\n");
  world.document("");
  t.equal(stdout(), "yes\n\nno\na\r\n");
  t.equal(stderr(), "");
});

t.test("what is drawn again comes on a cleared terminal", async (t) => {
  const { world, stdout } = screen({ isTerminal: terminal });
  world.redraw(["a\u001b[2J", "b"]);
  t.equal(stdout(), "\u001b[H\u001b[2J\u001b[3Ja^[[2J\nb\n");
});

t.test("what was printed has left when printed() says so, and it says when nobody reads any more", async (t) => {
  const left: string[] = [];
  const broken = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
  const stdout = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      setImmediate(() => {
        left.push(chunk);
        done(left.includes("three\n") ? broken : null);
      });
    },
  });
  const { world } = screen({ stdout });
  t.equal(await world.printed(), true);
  world.print("one");
  world.print("two");
  t.notSame(left.slice(1), ["one\n", "two\n"]);
  t.equal(await world.printed(), true);
  t.same(left.slice(1, 3), ["one\n", "two\n"]);
  world.print("three");
  t.equal(await world.printed(), false);
  world.print("four");
  t.equal(await world.printed(), false);
});

t.test("after an interrupt no result is printed", async (t) => {
  const { world, stdout, stderr, abort } = screen();
  abort.abort();
  world.print("yes");
  world.redraw("yes");
  world.document("yes\n");
  world.note("done: 1 of 2");
  t.equal(stdout(), "");
  t.equal(stderr(), "done: 1 of 2\n");
});

t.test("no value adds a line or steers the terminal, whichever stream it goes to", async (t) => {
  const { world, stdout, stderr } = screen();
  world.print("a\u001b[2J\nb");
  world.print(["a\r\n", "b\u202e\tc"]);
  t.equal(stdout(), "a^[[2J\\nb\na\\r\\n\nb\\u{202e}\\tc\n");
  world.note("a\u001b[2J\nb");
  world.note(["a\n", "b"]);
  world.warn("c\u202e\r\nWarning: d");
  t.equal(stderr(), "a^[[2J\\nb\na\\n\nb\nWarning: c\\u{202e}\\r\\nWarning: d\n");
});

const colours: { name: string; given: Partial<ProcessWorldOptions>; want: string }[] = [
  {
    name: "coloured on a terminal",
    given: { isTerminal: terminal },
    want: "\u001b[33m\u001b[1mWarning:\u001b[22m\u001b[39m x\n",
  },
  { name: "plain on a dumb terminal", given: { isTerminal: terminal, env: { TERM: "dumb" } }, want: "Warning: x\n" },
  {
    name: "plain with NO_COLOR, even empty",
    given: { isTerminal: terminal, env: { NO_COLOR: "" } },
    want: "Warning: x\n",
  },
  { name: "plain in a file", given: {}, want: "Warning: x\n" },
];

for (const { name, given, want } of colours)
  t.test(`a warning is said once, ${name}`, async (t) => {
    const { world, stderr } = screen(given);
    world.warn("x");
    world.warn("x");
    t.equal(stderr(), want);
  });

t.test("on a terminal what is said is wrapped between words, elsewhere it is one line", async (t) => {
  const words = "eleven words that are said of what was taken for granted here";
  const said = (given: Partial<ProcessWorldOptions>) => {
    const { world, stderr } = screen({ env: { NO_COLOR: "1" }, ...given });
    world.note([`error: ${words}`]);
    world.warn(words);
    return stderr();
  };
  t.equal(said({ columns: 30 }), `error: ${words}\nWarning: ${words}\n`);
  const wrapped = [
    "error: eleven words that are",
    "said of what was taken for",
    "granted here",
    "Warning: eleven words that are",
    "said of what was taken for",
    "granted here",
  ];
  t.equal(said({ isTerminal: terminal, columns: 30 }), wrapped.map((line) => `${line}\n`).join(""));
  t.equal(said({ isTerminal: terminal, columns: 200, noteColumns: 30 }), wrapped.map((line) => `${line}\n`).join(""));
});

t.test("a failure begins in red on a terminal", async (t) => {
  const { world, stderr } = screen({ isTerminal: terminal });
  world.note(["error: no such thing", "Try another."]);
  t.equal(stderr(), "\u001b[31merror:\u001b[39m no such thing\nTry another.\n");
});

t.test("the width is the terminal's, or 80", async (t) => {
  t.equal(screen().world.columns, 80);
  t.equal(screen({ columns: 132 }).world.columns, 132);
});

t.test("connecting is loaded when it is used; what was opened is closed at the end", async (t) => {
  const calls: { options: ConnectOptions; context: ConnectContext }[] = [];
  let closed = 0;
  const env = { KUBECONFIG: "/k" };
  const { world, stderr, abort } = screen({
    env,
    loadConnect: async () => ({
      connect: async (options, context) => {
        calls.push({ options, context });
        return { close: () => closed++ } as unknown as Cluster;
      },
    }),
  });
  await world.connect({ context: "dev" });
  await world.connect({ v: 6 });
  const [plain, traced] = calls;
  t.same(plain?.options, { context: "dev" });
  t.equal(plain?.context.env, env);
  t.equal(plain?.context.signal, abort.signal);
  t.equal(plain?.context.trace, undefined);
  traced?.context.trace?.("GET https://x 200 OK");
  plain?.context.warn("old API");
  t.equal(stderr(), "GET https://x 200 OK\nWarning: old API\n");
  t.equal(closed, 0);
  world.close();
  t.equal(closed, 2);
});

t.test("a connection may have an end of its own beside Ctrl-C", async (t) => {
  const signals: AbortSignal[] = [];
  const options: ConnectOptions[] = [];
  const { world, abort } = screen({
    loadConnect: async () => ({
      connect: async (given, context) => {
        options.push(given);
        signals.push(context.signal);
        return { close() {} } as unknown as Cluster;
      },
    }),
  });
  const own = new AbortController();
  await world.connect({ context: "dev", signal: own.signal });
  await world.connect({ context: "qa", signal: new AbortController().signal });
  t.same(options, [{ context: "dev" }, { context: "qa" }], "it is nothing that the cluster is found by");
  own.abort();
  t.same(
    signals.map(({ aborted }) => aborted),
    [true, false],
  );
  abort.abort();
  t.equal(signals[1]?.aborted, true);
});

t.test("a command that was given no way to connect is a bug", async (t) => {
  await t.rejects(screen().world.connect({}), { name: "Error", message: /no way to connect/ });
});

t.test("the end takes a progress line away", async (t) => {
  const { world, stderr } = screen({ isTerminal: terminal });
  world.progress("Reading");
  world.progress("Writing").end();
  world.close();
  t.equal(stderr(), "");
});
