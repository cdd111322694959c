import t from "tap";
import { parseArguments } from "../../../lib/cli/grammar/argv.ts";
import { command } from "../../../lib/cli/grammar/command.ts";
import type { Command } from "../../../lib/cli/grammar/command.ts";
import { parseDuration } from "../../../lib/text/duration.ts";
import { dryRunFlag, namespaceFlag, outputFlag } from "../../../lib/cli/grammar/shared-flags.ts";
import { UserError } from "../../../lib/errors.ts";

const sample: Command = command({
  name: "sample",
  summary: "Has a flag of each type.",
  usage: "[flags]",
  positionals: {
    action: { type: "string", placeholder: "ACTION", describe: "" },
    rest: { type: "list", placeholder: "REST", describe: "" },
  },
  flags: {
    namespace: namespaceFlag,
    allNamespaces: { type: "boolean", short: "A", describe: "" },
    output: outputFlag(["table", "json", "yaml"]),
    dryRun: dryRunFlag,
    asGroup: { type: "list", describe: "" },
    filename: { type: "list", short: "f", commas: true, describe: "" },
    selector: { type: "string", short: "l", describe: "" },
    for: { type: "string", describe: "", parse: parseDuration },
    noHeaders: { type: "boolean", describe: "" },
  },
});

const nothing = {
  action: undefined,
  rest: [],
  namespace: undefined,
  allNamespaces: false,
  output: "table",
  dryRun: "none",
  asGroup: [],
  filename: [],
  selector: undefined,
  for: undefined,
  noHeaders: false,
};

const accepted: { name: string; args: string[]; want: Partial<Record<keyof typeof nothing, unknown>> }[] = [
  { name: "nothing given is every default", args: [], want: {} },
  { name: "a value after the flag", args: ["--namespace", "dev"], want: { namespace: "dev" } },
  { name: "a value after =", args: ["--namespace=dev"], want: { namespace: "dev" } },
  { name: "an alias", args: ["--ns", "dev"], want: { namespace: "dev" } },
  { name: "a letter and its value", args: ["-n", "dev"], want: { namespace: "dev" } },
  { name: "a letter glued to its value", args: ["-ndev"], want: { namespace: "dev" } },
  { name: "a letter, = and its value", args: ["-n=dev"], want: { namespace: "dev" } },
  { name: "-ojson is not five letters", args: ["-ojson"], want: { output: "json" } },
  { name: "a selector may hold =", args: ["-lapp=x"], want: { selector: "app=x" } },
  { name: "a selector may hold several =", args: ["-l", "a=b,c==d"], want: { selector: "a=b,c==d" } },
  { name: "letters in a cluster", args: ["-Aojson"], want: { allNamespaces: true, output: "json" } },
  {
    name: "letters in a cluster, the value apart",
    args: ["-Ao", "json"],
    want: { allNamespaces: true, output: "json" },
  },
  { name: "a value may begin with a dash", args: ["-l", "-x"], want: { selector: "-x" } },
  { name: "a value may look like a flag", args: ["--selector", "--ns"], want: { selector: "--ns" } },
  { name: "a value may be empty", args: ["--selector="], want: { selector: "" } },
  { name: "a value may be an empty argument", args: ["-l", ""], want: { selector: "" } },
  { name: "a value keeps line breaks and quotes", args: ['--selector="a\nb"'], want: { selector: '"a\nb"' } },
  { name: "an empty namespace is none, as for kubectl", args: ["-n", ""], want: { namespace: undefined } },
  { name: "the last scalar wins", args: ["--for", "1h", "--for", "2h"], want: { for: 7_200_000 } },
  { name: "a filter that says the same twice", args: ["--ns", "a", "--namespace=a"], want: { namespace: "a" } },
  { name: "a list keeps each", args: ["--as-group", "a", "--as-group=b"], want: { asGroup: ["a", "b"] } },
  {
    name: "a list takes one value each time",
    args: ["--as-group", "a", "pods"],
    want: { asGroup: ["a"], action: "pods" },
  },
  { name: "a list does not split at commas", args: ["--as-group", "a,b"], want: { asGroup: ["a,b"] } },
  { name: "a list splits where it says so", args: ["-f", "a,b", "-fc"], want: { filename: ["a", "b", "c"] } },
  { name: "a list may hold an empty value", args: ["--as-group="], want: { asGroup: [""] } },
  { name: "--dry-run bare is client", args: ["--dry-run", "pods"], want: { dryRun: "client", action: "pods" } },
  { name: "--dry-run=server", args: ["--dry-run=server"], want: { dryRun: "server" } },
  {
    name: "booleans take kubectl's spellings",
    args: ["-A=t", "--no-headers=1"],
    want: { allNamespaces: true, noHeaders: true },
  },
  { name: "a boolean can be switched off", args: ["-A", "--all-namespaces=F"], want: { allNamespaces: false } },
  { name: "a boolean takes no positional", args: ["-A", "false"], want: { allNamespaces: true, action: "false" } },
  { name: "--no-x is a flag of its own", args: ["--no-headers"], want: { noHeaders: true } },
  { name: "a parsed value", args: ["--for", "1h30m"], want: { for: 5_400_000 } },
  { name: "positionals stay text", args: ["123", "1e3", "0x10"], want: { action: "123", rest: ["1e3", "0x10"] } },
  { name: "flag values stay text", args: ["-n", "0123"], want: { namespace: "0123" } },
  {
    name: "flags between positionals",
    args: ["a", "-A", "b"],
    want: { action: "a", rest: ["b"], allNamespaces: true },
  },
  { name: "a dash is a positional", args: ["-"], want: { action: "-" } },
  { name: "all is positional behind --", args: ["--", "-A", "--foo"], want: { action: "-A", rest: ["--foo"] } },
  { name: "a second -- is positional", args: ["--", "a", "--", "b"], want: { action: "a", rest: ["--", "b"] } },
  {
    name: "names of Object's own are plain text",
    args: ["__proto__", "-nconstructor"],
    want: { action: "__proto__", namespace: "constructor" },
  },
];

for (const { name, args, want } of accepted)
  t.test(name, async (t) => {
    t.same(await parseArguments(sample, args), { ...nothing, ...want });
  });

const refused: { args: string[]; message: string; hint?: string }[] = [
  { args: ["--unheard-of"], message: "unknown flag: --unheard-of" },
  { args: ["--unheard-of=x"], message: "unknown flag: --unheard-of" },
  {
    args: ["-n", "a", "--ns=b"],
    message: '--namespace is given twice, as "a" and "b"',
    hint: "It takes one value here.",
  },
  { args: ["--foo"], message: "unknown flag: --foo", hint: 'Did you mean "--for"?' },
  { args: ["--namespac", "dev"], message: "unknown flag: --namespac", hint: 'Did you mean "--namespace"?' },
  { args: ["--allNamespaces"], message: "unknown flag: --allNamespaces", hint: 'Did you mean "--all-namespaces"?' },
  { args: ["--__proto__=x"], message: "unknown flag: --__proto__" },
  { args: ["--namespace.x=y"], message: "unknown flag: --namespace.x", hint: 'Did you mean "--namespace"?' },
  { args: ["--headers"], message: "unknown flag: --headers" },
  { args: ["--no-all-namespaces"], message: "unknown flag: --no-all-namespaces" },
  { args: ["-x"], message: "unknown shorthand flag: 'x' in -x" },
  { args: ["-Ax"], message: "unknown shorthand flag: 'x' in -Ax" },
  { args: ["-1"], message: "unknown shorthand flag: '1' in -1" },
  { args: ["--="], message: "bad flag syntax: --=" },
  { args: ["---n"], message: "bad flag syntax: ---n" },
  { args: ["--namespace"], message: "flag needs an argument: --namespace" },
  { args: ["-n"], message: "flag needs an argument: 'n' in -n" },
  { args: ["-An"], message: "flag needs an argument: 'n' in -An" },
  { args: ["-A=maybe"], message: 'invalid argument "maybe" for "-A, --all-namespaces" flag: must be true or false' },
  { args: ["--no-headers="], message: 'invalid argument "" for "--no-headers" flag: must be true or false' },
  {
    args: ["-o", "xml"],
    message:
      'unable to match a printer suitable for the output format "xml", allowed formats are: custom-columns,custom-columns-file,json,jsonpath,jsonpath-as-json,jsonpath-file,table,yaml',
  },
  {
    args: ["-o="],
    message:
      'unable to match a printer suitable for the output format "=", allowed formats are: custom-columns,custom-columns-file,json,jsonpath,jsonpath-as-json,jsonpath-file,table,yaml',
  },
  { args: ["--dry-run=x"], message: 'Invalid dry-run value (x). Must be "none", "server", or "client".' },
  {
    args: ["--dry-run=clent"],
    message: 'Invalid dry-run value (clent). Must be "none", "server", or "client".',
    hint: 'Did you mean "client"?',
  },
  {
    args: ["--for", "8"],
    message: 'invalid duration "8"',
    hint: "Write a number and a unit, for example 30m, 8h, 1h30m, 7d or 2w.",
  },
];

for (const { args, message, hint } of refused)
  t.test(`${args.join(" ")} is refused: ${message}`, async (t) => {
    await t.rejects(parseArguments(sample, args), { name: "UserError", kind: "usage", message, hint });
  });

t.test("a required flag, a required positional, a closed list of words", async (t) => {
  const strict = command({
    name: "strict",
    summary: "",
    usage: "",
    positionals: {
      shell: { type: "string", placeholder: "SHELL", describe: "", required: true, values: ["bash", "zsh"] },
    },
    flags: { dir: { type: "string", describe: "", required: true } },
  });
  const cases: [string[], string, string?][] = [
    [["bash"], 'required flag "--dir" not set'],
    [["--dir=x"], "SHELL is missing"],
    [["--dir=x", "basch"], 'invalid SHELL "basch": must be one of bash, zsh', 'Did you mean "bash"?'],
    [["--dir=x", "bash", "zsh"], 'unexpected argument "zsh"'],
    [["--dir=x", "bash", "license.key=secret"], 'unexpected argument "license.key=…"'],
  ];
  for (const [args, message, hint] of cases)
    await t.rejects(parseArguments(strict, args), new UserError("usage", message, hint));
  t.same(await parseArguments(strict, ["--dir", "x", "zsh"]), { dir: "x", shell: "zsh" });
});

t.test("a list that may not be empty", async (t) => {
  const strict = command({
    name: "strict",
    summary: "",
    usage: "",
    positionals: { words: { type: "list", placeholder: "WORD", describe: "", required: true } },
  });
  await t.rejects(parseArguments(strict, []), new UserError("usage", "WORD is missing"));
  t.same(await parseArguments(strict, ["a", "b"]), { words: ["a", "b"] });
});

t.test(
  "what follows -- can be kept apart: nothing before it goes there, and nothing behind it anywhere else",
  async (t) => {
    const runs = command({
      name: "runs",
      summary: "",
      usage: "",
      positionals: {
        target: { type: "string", placeholder: "TARGET", describe: "" },
        words: { type: "list", placeholder: "COMMAND", describe: "", afterDashes: true },
      },
      flags: { key: { type: "string", describe: "" } },
    });
    const cases: [string[], { target?: string; words: string[]; key?: string }][] = [
      [["--", "deploy/run.sh", "--", "-x"], { words: ["deploy/run.sh", "--", "-x"] }],
      [["a", "--", "b", "--key"], { target: "a", words: ["b", "--key"] }],
      [["--key", "--", "a", "--", "b"], { key: "--", target: "a", words: ["b"] }],
      [["a"], { target: "a", words: [] }],
    ];
    for (const [args, want] of cases)
      t.same(await parseArguments(runs, args), { key: undefined, target: undefined, ...want }, args.join(" "));
    await t.rejects(parseArguments(runs, ["a", "b", "--", "c"]), new UserError("usage", 'unexpected argument "b"'));
  },
);
