import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import t from "tap";
import { parseArguments } from "../../../lib/cli/grammar/argv.ts";
import { command } from "../../../lib/cli/grammar/command.ts";
import { outputFlag } from "../../../lib/cli/grammar/shared-flags.ts";
import { UserError } from "../../../lib/errors.ts";

const root = join(import.meta.dirname, "..", "..", "..");

// Everything that yargs would take another way than kubectl's users mean it, or from somewhere else than the words.
const sample = command({
  name: "sample",
  summary: "",
  usage: "",
  positionals: {
    subject: { type: "string", placeholder: "SUBJECT", describe: "" },
    words: { type: "list", placeholder: "WORD", describe: "" },
  },
  flags: {
    reason: { type: "string", short: "r", describe: "" },
    output: outputFlag(["table", "json"]),
    version: { type: "string", describe: "" },
    help: { type: "string", describe: "" },
    noReads: { type: "boolean", describe: "" },
    everything: { type: "boolean", short: "e", describe: "" },
    item: { type: "list", describe: "" },
    when: {
      type: "string",
      describe: "",
      parse: () => {
        throw new UserError("undetermined", "cannot look", "Look later.");
      },
    },
  },
  conflicts: [{ option: "everything", excludes: ["output", "noReads"] }],
});

const absent = {
  subject: undefined,
  words: [],
  reason: undefined,
  output: "table",
  version: undefined,
  help: undefined,
  noReads: false,
  everything: false,
  item: [],
  when: undefined,
};

const kept: { name: string; args: string[]; want: Partial<Record<keyof typeof absent, unknown>> }[] = [
  { name: "a value keeps its quotes", args: ["--reason='x'"], want: { reason: "'x'" } },
  { name: "a value of two quotes is no empty one", args: ["-r", '""'], want: { reason: '""' } },
  { name: "a value may be two dashes", args: ["--reason", "--", "jim"], want: { reason: "--", subject: "jim" } },
  { name: "a value may look like a group of letters", args: ["-r", "-abc"], want: { reason: "-abc" } },
  { name: "a value may look like one of our flags", args: ["-r", "--everything"], want: { reason: "--everything" } },
  { name: "a value may hold =, dots and spaces", args: ["-r", "a.b=c d"], want: { reason: "a.b=c d" } },
  { name: "a value may be a number", args: ["-r", "0x1F"], want: { reason: "0x1F" } },
  { name: "a value may be three dashes", args: ["-r", "---"], want: { reason: "---" } },
  { name: "each of a list may be odd", args: ["--item=", "--item=-x"], want: { item: ["", "-x"] } },
  { name: "a positional may be empty", args: ["", "a"], want: { subject: "", words: ["a"] } },
  { name: "positionals may be dashes", args: ["--", "-x", "--y", "--"], want: { subject: "-x", words: ["--y", "--"] } },
  {
    name: "a positional may be yargs' name of the command",
    args: ["$0", "$0"],
    want: { subject: "$0", words: ["$0"] },
  },
  {
    name: "the words of yargs' own options are words",
    args: ["help", "version"],
    want: { subject: "help", words: ["version"] },
  },
  {
    name: "options may be named as yargs' own",
    args: ["--version", "1", "--help=x"],
    want: { version: "1", help: "x" },
  },
  {
    name: "a word behind a boolean is no value of it",
    args: ["-e", "true"],
    want: { everything: true, subject: "true" },
  },
  { name: "--no-x is a flag, not the opposite of x", args: ["--no-reads"], want: { noReads: true } },
  { name: "a default conflicts with nothing", args: ["-e"], want: { everything: true } },
  {
    name: "a boolean that is false conflicts with nothing",
    args: ["-e", "--no-reads=false"],
    want: { everything: true },
  },
  { name: "the last of two values", args: ["-r", "a", "--reason=b"], want: { reason: "b" } },
];

for (const { name, args, want } of kept)
  t.test(name, async (t) => {
    t.same(await parseArguments(sample, args), { ...absent, ...want });
  });

const refused: { name: string; args: string[]; want: UserError }[] = [
  {
    name: "a positional has no other spelling",
    args: ["--subject", "jim"],
    want: new UserError("usage", "unknown flag: --subject"),
  },
  {
    name: "nor has an option",
    args: ["--noReads"],
    want: new UserError("usage", "unknown flag: --noReads", 'Did you mean "--no-reads"?'),
  },
  {
    name: "a value is missing at the end",
    args: ["jim", "-er"],
    want: new UserError("usage", "flag needs an argument: 'r' in -er"),
  },
  {
    name: "options that exclude each other",
    args: ["--output=table", "-e"],
    want: new UserError("usage", "--everything and --output exclude each other", "Leave one of them out."),
  },
  {
    name: "what a value's own check throws stays what it is",
    args: ["--when=now"],
    want: new UserError("undetermined", "cannot look", "Look later."),
  },
];

for (const { name, args, want } of refused)
  t.test(`${name}: ${args.join(" ")}`, async (t) => {
    const { kind, message, hint } = want;
    await t.rejects(parseArguments(sample, args), { name: "UserError", kind, message, hint });
  });

t.test("the parts of yargs that are used are those of the version that was tried", async (t) => {
  const require = createRequire(import.meta.url);
  const yargs = join(root, "node_modules", "yargs");
  const manifest = (file: string): Record<string, unknown> => JSON.parse(readFileSync(file, "utf8"));
  const { dependencies } = manifest(join(root, "package.json")) as { dependencies: Record<string, string> };
  t.equal(dependencies["yargs"], "18.2.0");
  t.equal(manifest(join(yargs, "package.json"))["version"], dependencies["yargs"]);
  t.match(readFileSync(join(yargs, "index.mjs"), "utf8"), "import {YargsFactory} from './build/lib/yargs-factory.js'");
  const factory = readFileSync(join(yargs, "build", "lib", "yargs-factory.js"), "utf8");
  t.match(factory, "new YargsInstance(processArgs, cwd, parentRequire, _shim)");
  const own = createRequire(join(yargs, "index.mjs"));
  t.equal(own.resolve("yargs-parser/browser"), require.resolve("yargs-parser/browser"));
});
