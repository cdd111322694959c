import t from "tap";
import { command, lazy } from "../../lib/cli/grammar/command.ts";
import { connectionFlags, quietFlag } from "../../lib/cli/grammar/shared-flags.ts";
import { UserError } from "../../lib/errors.ts";
import type { Command, LazyCommand } from "../../lib/cli/grammar/command.ts";
import { execute } from "../../lib/cli/execute.ts";
import type { World } from "../../lib/cli/world.ts";
import { fakeWorld } from "./fake-world.ts";

/** A command that prints its name and what it was given. */
const echo = (name: string, world: World, options: object): number => {
  world.print(`${name} ${JSON.stringify(options)}`);
  return 0;
};

const list = command({
  name: "grant list",
  summary: "List.",
  usage: "",
  flags: { sortBy: { type: "string", describe: "" } },
  run: async (options, world) => echo("grant list", world, options),
});

const grant = command({
  name: "grant",
  summary: "Grant.",
  usage: "SUBJECT",
  positionals: { subject: { type: "string", placeholder: "SUBJECT", describe: "" } },
  flags: {
    namespace: { type: "string", short: "n", describe: "" },
    all: { type: "boolean", short: "A", describe: "" },
  },
  verbs: [list],
  run: async (options, world) => echo("grant", world, options),
});

/** Runs by itself and takes no word but its verbs. */
const check = command({
  name: "check",
  summary: "Check.",
  usage: "",
  verbs: [command({ name: "check list", summary: "List.", usage: "" })],
  run: async (options, world) => echo("check", world, options),
});

const raw: Command<{ args: string[] }> = {
  ...command({ name: "raw", summary: "Raw.", usage: "", examples: {} }),
  raw: true,
  run: async (options, world) => echo("raw", world, options),
};

const loaded: string[] = [];
const lazily = (to: Command): LazyCommand => ({
  name: to.name,
  summary: to.summary,
  load: async () => {
    loaded.push(to.name);
    return to;
  },
});

const root = command({
  name: "",
  summary: "All.",
  usage: "COMMAND",
  verbs: [
    lazily(grant),
    { ...lazily(check), hidden: true },
    lazily(raw),
    { ...lazily(command({ name: "secret", summary: "", usage: "", examples: {} })), hidden: true },
  ],
});

const runs: { args: string[]; want: string; loads?: string[] }[] = [
  {
    args: ["grant", "jim", "-n", "dev"],
    want: 'grant {"namespace":"dev","all":false,"subject":"jim"}',
    loads: ["grant"],
  },
  { args: ["grant", "list"], want: "grant list {}", loads: ["grant"] },
  { args: ["grant", "list", "--sort-by=x"], want: 'grant list {"sortBy":"x"}' },
  { args: ["grant", "--sort-by", "x", "list"], want: 'grant list {"sortBy":"x"}' },
  { args: ["grant", "--sort-by", "list", "list"], want: 'grant list {"sortBy":"list"}' },
  { args: ["grant", "-A", "jim"], want: 'grant {"all":true,"subject":"jim"}' },
  { args: ["grant", "-n", "list"], want: 'grant {"namespace":"list","all":false}' },
  { args: ["grant", "--", "list"], want: 'grant {"all":false,"subject":"list"}' },
  { args: ["grant"], want: 'grant {"all":false}' },
  { args: ["-n", "dev", "grant", "jim"], want: 'grant {"namespace":"dev","all":false,"subject":"jim"}' },
  { args: ["raw", "--help", "-x", "--", "grant"], want: 'raw {"args":["--help","-x","--","grant"]}', loads: ["raw"] },
];

for (const { args, want, loads } of runs)
  t.test(args.join(" "), async (t) => {
    const world = fakeWorld();
    loaded.length = 0;
    t.equal(await execute(root, args, world), 0);
    t.equal(world.stdout, `${want}\n`);
    if (loads) t.same(loaded, loads);
  });

const mistakes: { args: string[]; message: string; hint?: string }[] = [
  { args: ["gran"], message: 'unknown command "gran" for "kubectl mirrord"', hint: 'Did you mean "grant"?' },
  { args: ["help", "gran"], message: 'unknown command "gran" for "kubectl mirrord"', hint: 'Did you mean "grant"?' },
  {
    args: ["secre"],
    message: 'unknown command "secre" for "kubectl mirrord"',
    hint: "See 'kubectl mirrord --help' for the commands.",
  },
  { args: ["--bar"], message: "unknown flag: --bar", hint: "See 'kubectl mirrord --help' for usage." },
  {
    args: ["grant", "jim", "jane"],
    message: 'unexpected argument "jane"',
    hint: "See 'kubectl mirrord grant --help' for usage.",
  },
  {
    args: ["grant", "lst", "jim"],
    message: 'unexpected argument "jim"',
    hint: "Did you mean \"kubectl mirrord grant list\"?\nSee 'kubectl mirrord grant --help' for usage.",
  },
  {
    args: ["check", "lst"],
    message: 'unexpected argument "lst"',
    hint: "Did you mean \"kubectl mirrord check list\"?\nSee 'kubectl mirrord check --help' for usage.",
  },
  {
    args: ["grant", "list", "--sortby=x"],
    message: "unknown flag: --sortby",
    hint: "Did you mean \"--sort-by\"?\nSee 'kubectl mirrord grant list --help' for usage.",
  },
];

for (const { args, message, hint } of mistakes)
  t.test(`${args.join(" ")}: ${message}`, async (t) => {
    await t.rejects(execute(root, args, fakeWorld()), { name: "UserError", kind: "usage", message, hint });
  });

t.test("bare, a list of verbs shows them, and loads none", async (t) => {
  const world = fakeWorld();
  loaded.length = 0;
  t.equal(await execute(root, [], world), 0);
  t.equal(
    world.stdout,
    `All.

Available commands:
  grant   Grant.
  raw     Raw.

Usage:
  kubectl mirrord COMMAND

Use "kubectl mirrord COMMAND --help" for more about a command.
`,
  );
  t.same(loaded, []);
});

t.test("help for a verb that flags stand before", async (t) => {
  const world = fakeWorld();
  t.equal(await execute(root, ["grant", "-A", "list", "-h"], world), 0);
  t.match(world.stdout, /^List\.\n/);
});

t.test("--help behind -- is not a question for help", async (t) => {
  const world = fakeWorld();
  await execute(root, ["grant", "--", "--help"], world);
  t.equal(world.stdout, 'grant {"all":false,"subject":"--help"}\n');
});

t.test("an alias chooses its command, and help names it", async (t) => {
  const short = lazy("x list", "List.", async () => list, ["ls"]);
  const parent = command({ name: "x", summary: "X.", usage: "COMMAND", verbs: [short] });
  const world = fakeWorld();
  t.equal(await execute(parent, ["ls", "--sort-by", "a"], world), 0);
  t.match(world.stdout, 'grant list {"sortBy":"a"}');
  await execute(parent, ["ls", "--help"], world);
  t.match(world.stdout, "Aliases:\n  list, ls\n");
});

t.test("with -q nothing is said, and errors are still thrown", async (t) => {
  const loud = command({
    name: "loud",
    summary: "Loud.",
    usage: "",
    flags: { quiet: quietFlag, fail: { type: "boolean", describe: "" } },
    run: async ({ fail }, world) => {
      world.print("said");
      world.redraw("drawn");
      world.document("document");
      world.note("noted");
      world.warn("warned");
      if (fail) throw new UserError("undetermined", "not known");
      return 1;
    },
  });
  const world = fakeWorld();
  t.equal(await execute(loud, ["-q"], world), 1);
  await t.rejects(execute(loud, ["-q", "--fail"], world), { message: "not known" });
  t.same([world.stdout, world.stderr], ["", ""]);
  t.equal(await execute(loud, ["-q=false"], world), 1);
  t.match(world.stdout, "said");
});

t.test("a command says what it waits for from the moment that it asks for a cluster", async (t) => {
  const said: string[] = [];
  const progress = (label: string) => {
    said.push(label);
    return { update() {}, end: () => void said.push("ended") };
  };
  const asks = (waits?: string) =>
    command({
      name: "ask",
      summary: "Ask.",
      usage: "",
      ...(waits === undefined ? {} : { waits }),
      run: async (_, world) => {
        await world.connect({});
        throw new UserError("undetermined", "no answer");
      },
    });
  for (const [waits, want] of [
    ["Reading the grants", "Reading the grants"],
    [undefined, "Waiting for the cluster"],
  ] as const) {
    const world = { ...fakeWorld({ cluster: {} }), progress };
    await t.rejects(execute(asks(waits), [], world));
    t.same(said.splice(0), [want, "ended"]);
  }
});

t.test("what an error says to look at is in the cluster that was typed", async (t) => {
  const refused = command({
    name: "refused",
    summary: "Is refused.",
    usage: "",
    flags: { ...connectionFlags, user: { type: "string", describe: "whose" } },
    run: () => {
      throw new UserError("undetermined", "forbidden", [
        "To see what you may do: kubectl auth can-i --list",
        "An administrator can let you in: kubectl mirrord grant YOU",
      ]);
    },
  });
  const hints = async (...words: string[]) =>
    await execute(refused, words, fakeWorld()).catch((error: UserError) => error.hints);
  const [look, grants] = ["To see what you may do: kubectl auth can-i --list", /grant YOU$/];
  t.match(await hints(), [look, grants]);
  t.match(await hints("--context", "my east", "--kubeconfig", "x"), [
    `${look} --kubeconfig x --context 'my east'`,
    grants,
  ]);
  t.match(await hints("--user", "jim"), [/--list$/, grants], "that is no flag of the connection here");
  t.match(await hints("--manifests", "folder"), [/grant YOU --manifests folder$/]);
});
