import t from "tap";
import { command } from "../../../lib/cli/grammar/command.ts";
import { complete } from "../../../lib/cli/completion/complete.ts";
import type { Completers } from "../../../lib/cli/completion/complete.ts";
import { completeNamespaces } from "../../../lib/cli/completion/completers.ts";
import {
  clusterFlags,
  dryRunFlag,
  namespaceFlag,
  namespacesFlag,
  outputFlag,
} from "../../../lib/cli/grammar/shared-flags.ts";
import type { ConnectOptions, World } from "../../../lib/cli/world.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { fakeWorld } from "../fake-world.ts";

const list = command({
  name: "grant list",
  summary: "List grants.",
  usage: "",
  flags: { output: outputFlag(["table", "json"]) },
});

const grant = command({
  name: "grant",
  summary: "Grant.",
  usage: "",
  positionals: { subject: { type: "string", placeholder: "SUBJECT", describe: "", completes: "user" } },
  flags: {
    namespace: namespacesFlag,
    dryRun: dryRunFlag,
    secret: { type: "boolean", describe: "", hidden: true },
    dir: { type: "string", describe: "", completes: "directory" },
    role: { type: "string", describe: "", offers: ["user", "view"] },
    config: { type: "optional-value", short: "f", takesNext: true, bare: "", describe: "", completes: "file" },
    yes: { type: "boolean", short: "y", describe: "Do not\nask." },
    ...clusterFlags,
  },
  conflicts: [
    { option: "config", excludes: ["dir"] },
    { option: "subject", excludes: ["role"] },
    { option: "yes", excludes: ["role"] },
  ],
  verbs: [list],
});

const canI = command({
  name: "can-i",
  summary: "Ask.",
  usage: "",
  positionals: { words: { type: "list", placeholder: "WORD", describe: "", completes: "target" } },
  flags: { namespace: namespaceFlag },
});

const root = command({
  name: "",
  summary: "",
  usage: "",
  verbs: [
    grant,
    canI,
    { name: "__complete", summary: "", hidden: true, load: () => Promise.reject(new Error("not loaded")) },
  ],
});

const completers: Completers = {
  namespace: async () => ["dev", "qa", "with\u001bescape"],
  user: async () => ["jane", "jim"],
  target: async ({ namespace }) => [`deploy/web-in-${namespace ?? "default"}`],
  context: () => Promise.reject(new Error("no kubeconfig")),
};

const cases: { name: string; words: string[]; want: string[] }[] = [
  { name: "the commands", words: [""], want: ["grant\tGrant.", "can-i\tAsk.", ":4"] },
  { name: "a command begun", words: ["c"], want: ["can-i\tAsk.", ":4"] },
  { name: "nothing at all", words: [], want: ["grant\tGrant.", "can-i\tAsk.", ":4"] },
  { name: "verbs and the first positional", words: ["grant", ""], want: ["list\tList grants.", "jane", "jim", ":4"] },
  { name: "a positional begun", words: ["grant", "ji"], want: ["jim", ":4"] },
  { name: "no second positional where there is one", words: ["grant", "jim", ""], want: [":4"] },
  { name: "more of a list", words: ["can-i", "mirror", "dep"], want: ["deploy/web-in-default", ":4"] },
  { name: "with what the line says", words: ["can-i", "-n", "dev", ""], want: ["deploy/web-in-dev", ":4"] },
  { name: "a flag's value", words: ["can-i", "-n", ""], want: ["dev", "qa", ":4"] },
  { name: "a flag's value begun", words: ["can-i", "--namespace", "q"], want: ["qa", ":4"] },
  { name: "a flag's value after =", words: ["can-i", "--namespace=q"], want: ["qa", ":4"] },
  { name: "an alias's value", words: ["grant", "--ns", "d"], want: ["dev", ":4"] },
  { name: "a value from a closed list", words: ["grant", "--dry-run=s"], want: ["server", ":4"] },
  { name: "a verb's flag", words: ["grant", "list", "-o", ""], want: ["table", "json", ":4"] },
  { name: "files", words: ["grant", "--kubeconfig", ""], want: [":0"] },
  { name: "folders", words: ["grant", "--dir="], want: [":16"] },
  { name: "an alias begun", words: ["grant", "--ns"], want: ["--ns\tA namespace; may be repeated.", ":4"] },
  { name: "words that are offered, not required", words: ["grant", "--role", ""], want: ["user", "view", ":4"] },
  { name: "a file behind -f, which could stand alone", words: ["grant", "-f", ""], want: [":0"] },
  { name: "a file behind its long name", words: ["grant", "--config", "m"], want: [":0"] },
  { name: "the positional behind a file that is named", words: ["grant", "-f", "x", "ji"], want: ["jim", ":4"] },
  {
    name: "a plugin as kubectl spells its file",
    words: ["can_i", "mirror", "dep"],
    want: ["deploy/web-in-default", ":4"],
  },
  { name: "flags begun", words: ["grant", "--y"], want: ["--yes\tDo not ask.", ":4"] },
  { name: "a flag that was given is not offered again", words: ["grant", "-y", "--y"], want: [":4"] },
  {
    name: "a flag that excludes one that was given is not offered",
    words: ["grant", "--dir=x", "--con"],
    want: ["--context\tThe kubeconfig context to use.", ":4"],
  },
  {
    name: "nor is one that is excluded",
    words: ["grant", "-f", "x", "--di"],
    want: ["--disable-compression\tAsk the server for answers that are not compressed.", ":4"],
  },
  { name: "nor one that a positional excludes", words: ["grant", "jim", "--ro"], want: [":4"] },
  { name: "nor one that a boolean excludes", words: ["grant", "--yes", "--ro"], want: [":4"] },
  {
    name: "a boolean that is switched off excludes nothing",
    words: ["grant", "--yes=false", "--ro"],
    want: ["--role\t", ":4"],
  },
  {
    name: "a list may be given again",
    words: ["grant", "-n", "dev", "--names"],
    want: ["--namespace\tA namespace; may be repeated.", ":4"],
  },
  { name: "a hidden flag is not offered", words: ["grant", "--sec"], want: [":4"] },
  { name: "help", words: ["grant", "--he"], want: ["--help\tShow help.", ":4"] },
  { name: "no flags behind --", words: ["can-i", "--", "--n"], want: [":4"] },
  { name: "an unknown command", words: ["frobnicate", ""], want: [":4"] },
  { name: "an unknown flag's value", words: ["grant", "--frobnicate="], want: [":4"] },
  { name: "a completer that fails is silent", words: ["grant", "--context", ""], want: [":4"] },
  { name: "nobody knows the values", words: ["grant", "--cluster", ""], want: [":4"] },
];

for (const { name, words, want } of cases)
  t.test(`completes ${name}: ${words.join(" ")}`, async (t) => {
    t.equal(await complete(root, words, completers, fakeWorld()), want.map((line) => `${line}\n`).join(""));
  });

t.test("a cluster that does not answer in time has no candidates", async (t) => {
  const world: World = { ...fakeWorld(), connect: () => new Promise(() => {}) };
  t.equal(await complete(root, ["can-i", "-n", ""], { namespace: completeNamespaces }, world), ":4\n");
});

for (const { name, connect } of [
  { name: "does not answer in time", connect: () => new Promise<never>(() => {}) },
  { name: "cannot be reached", connect: () => Promise.reject(new Error("refused")) },
])
  t.test(`words that need no cluster are offered where it ${name}`, async (t) => {
    const offering: Completers = {
      namespace: async (typed, world, _line, offer) => {
        offer(["first", "second"]);
        await world.connect(typed);
        return ["third"];
      },
    };
    t.equal(await complete(root, ["can-i", "-n", ""], offering, { ...fakeWorld(), connect }), "first\nsecond\n:4\n");
  });

t.test("stdin, which the user types on, is not read for candidates; words that need none are offered", async (t) => {
  const world = fakeWorld();
  const words = ["grant", "--manifests=-", "-n", ""];
  const offering: Completers = {
    namespace: async (typed, given, _line, offer) => {
      offer(["first"]);
      await given.connect(typed);
      return ["second"];
    },
  };
  t.equal(await complete(root, words, offering, world), "first\n:4\n");
  t.same(world.connectedWith, []);
});

t.test("namespaces come from the cluster that the line names, and it is not waited for", async (t) => {
  const namespaces = async function* (): AsyncGenerator<KubernetesObject> {
    for (const name of ["dev", "qa"]) yield { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  };
  const world = fakeWorld({ cluster: { list: namespaces } });
  const words = [
    "grant",
    "--context",
    "c",
    "--manifests=a",
    "--manifests=b",
    "--insecure-skip-tls-verify",
    "-v=8",
    "-n",
    "",
  ];
  t.equal(await complete(root, words, { namespace: completeNamespaces }, world), "dev\nqa\n:4\n");
  const want: ConnectOptions = {
    context: "c",
    manifests: ["a", "b"],
    insecureSkipTlsVerify: true,
    requestTimeout: 1000,
    unattended: true,
  };
  const [{ signal, ...given } = {}] = world.connectedWith;
  t.same(given, want);
  t.ok(signal?.aborted, "what was under way is ended with the answer");
});
