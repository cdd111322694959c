import t from "tap";
import { command } from "../../../lib/cli/grammar/command.ts";
import { fullHelp } from "../../../lib/cli/grammar/help.ts";
import { dryRunFlag, namespaceFlag } from "../../../lib/cli/grammar/shared-flags.ts";

const sample = command({
  name: "grant",
  summary: "Let somebody in.",
  description:
    "Writes ordinary objects. The same grant again changes nothing at all, however often it is made.\nSecond line.",
  usage: "SUBJECT [flags]",
  examples: { "kubectl mirrord grant jim": "Let jim in", "kubectl mirrord grant group:x": "Let a group in" },
  positionals: {
    subject: { type: "string", placeholder: "SUBJECT", describe: "Whom.", values: ["jim", "group:x"] },
  },
  flags: {
    namespace: namespaceFlag,
    context: { type: "string", placeholder: "NAME", describe: "The context.", group: "Connection flags" },
    dryRun: dryRunFlag,
    all: { type: "boolean", short: "A", describe: "Everywhere." },
    secret: { type: "boolean", describe: "Not shown.", hidden: true },
    role: { type: "string", default: "user", describe: "The role." },
    aVeryLongNameForAFlagIndeed: { type: "list", placeholder: "SOMETHING", describe: "Rarely used." },
  },
  verbs: [
    { name: "grant list", summary: "List them.", load: () => Promise.reject(new Error("not loaded")) },
    { name: "grant secret", summary: "Not shown.", hidden: true, load: () => Promise.reject(new Error("not loaded")) },
  ],
  exitCodes: { 1: "nobody was let in" },
  run: async () => 0,
});

t.test("help: examples, verbs, flags by group, usage, exit codes", async (t) => {
  t.equal(
    fullHelp(sample, 80)
      .map((line) => `${line}\n`)
      .join(""),
    `Let somebody in.

Writes ordinary objects. The same grant again changes nothing at all, however
often it is made.
Second line.

Examples:
  # Let jim in
  kubectl mirrord grant jim

  # Let a group in
  kubectl mirrord grant group:x

Available commands:
  list   List them.

Arguments:
  SUBJECT   Whom. One of: jim, group:x.

Flags:
  -n, --namespace, --ns NAMESPACE      The namespace; without it, the one of the
                                       kubeconfig context.
      --dry-run[=MODE]                 none; client: show what would be written
                                       without sending it; server: have the
                                       server check it without storing it. One
                                       of: none, client, server. Default: none.
  -A, --all                            Everywhere.
      --role VALUE                     The role. Default: user.
      --a-very-long-name-for-a-flag-indeed SOMETHING
                                       Rarely used.

Usage:
  kubectl mirrord grant SUBJECT [flags]

Exit codes:
  0     done
  1     nobody was let in
  2     the command line is wrong, or lacks a flag that says it is meant
  3     could not be determined or reached
  4     the API server refused a write, or only part was done
  70    a bug in kubectl-mirrord
  130   interrupted
  143   ended by SIGTERM

Use "kubectl mirrord grant COMMAND --help" for more about a command.
Use "kubectl mirrord options" for the flags that say which cluster, and as whom.
`,
  );
});

t.test("help fits the terminal", async (t) => {
  const isText = (line: string): boolean => !/^( {2}kubectl| +--a-very)/.test(line);
  for (const columns of [60, 80, 100, 300]) {
    const longest = Math.max(
      ...fullHelp(sample, columns)
        .filter(isText)
        .map(({ length }) => length),
    );
    t.ok(longest <= Math.min(columns, 100), `${longest} of ${columns}`);
  }
});

t.test("in a narrow terminal an explanation keeps half of the width", async (t) => {
  const indents = fullHelp(sample, 40)
    .filter((line) => /^ {12,}\S/.test(line))
    .map((line) => line.search(/\S/));
  t.ok(indents.length > 0);
  t.ok(
    indents.every((indent) => indent <= 20),
    indents.join(" "),
  );
});
