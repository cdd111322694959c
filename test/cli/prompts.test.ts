import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import t from "tap";
import { prompts } from "../../lib/cli/prompts.ts";
import type { Ask } from "../../lib/cli/world.ts";

interface Terminal {
  ask: Ask;
  /** Types the keys as soon as `prompt` is on the screen. */
  type(prompt: string, keys: string): void;
  screen(): string;
}

function terminal(): Terminal {
  const input = new PassThrough();
  const output = new PassThrough();
  let screen = "";
  let waiting: { prompt: string; keys: string }[] = [];
  output.on("data", (chunk: Buffer) => {
    screen += chunk.toString();
    const due = waiting.filter(({ prompt }) => screen.includes(prompt));
    waiting = waiting.filter((entry) => !due.includes(entry));
    for (const { keys } of due) setImmediate(() => input.write(keys));
  });
  return {
    ask: prompts({ input: () => input, output, interactive: true }),
    type: (prompt, keys) => void waiting.push({ prompt, keys }),
    screen: () => screen,
  };
}

const confirmations: { keys: string; want: boolean }[] = [
  { keys: "y\n", want: true },
  { keys: "n\n", want: false },
  { keys: "\n", want: false },
];

for (const { keys, want } of confirmations)
  t.test(`${JSON.stringify(keys)} confirms: ${want}`, async (t) => {
    const { ask, type } = terminal();
    type("Go on?", keys);
    t.equal(await ask.confirm("Go on?", "--yes"), want);
  });

t.test("a choice is the value, not its name", async (t) => {
  const { ask, type, screen } = terminal();
  type("Which?", "\u001b[B\n");
  const choices = [
    { name: "one", value: { id: 1 } },
    { name: "two\u001b[2J", value: { id: 2 }, describe: "the second" },
  ];
  t.same(await ask.select("Which?", choices, "--id"), { id: 2 });
  t.match(screen(), "two^[[2J");
});

t.test("text is asked for until it is right", async (t) => {
  const { ask, type } = terminal();
  type("Name?", "x\n");
  type("too short", "yz\n");
  t.equal(await ask.input("Name?", "--name", (typed) => (typed.length < 2 ? "too short" : undefined)), "xyz");
});

t.test("Ctrl-C at a question is an interrupt", async (t) => {
  const { ask, type } = terminal();
  type("Go on?", "\u0003");
  await t.rejects(ask.confirm("Go on?", "--yes"), { name: "UserError", kind: "interrupted" });
});

t.test("Ctrl-D at a question, after which nothing else is left to do, is an interrupt", async (t) => {
  const { ask, type } = terminal();
  type("Go on?", "\u0004");
  const asked = ask.confirm("Go on?", "--yes");
  await new Promise(setImmediate);
  process.emit("beforeExit", 0);
  await t.rejects(asked, { name: "UserError", kind: "interrupted" });
});

t.test("without a terminal nothing is asked, and the flag is named", async (t) => {
  const output = new PassThrough();
  const ask = prompts({ input: () => new PassThrough(), output, interactive: false });
  const refusal = {
    kind: "usage",
    message: "this needs an answer, and there is no terminal to ask on: Go ^[on?",
    hint: "Answer it beforehand with --yes.",
  };
  await t.rejects(ask.confirm("Go \u001bon?", "--yes"), refusal);
  await t.rejects(ask.select("Go \u001bon?", [{ name: "a", value: 1 }], "--yes"), refusal);
  await t.rejects(ask.input("Go \u001bon?", "--yes"), refusal);
  output.end();
  t.equal(await text(output), "");
});
