import { command } from "../../cli/grammar/command.ts";
import { allNamespacesFlag, noHeadersFlag, outputFlag, quietWith } from "../../cli/grammar/shared-flags.ts";
import { booleanFlag, listFlag, stringFlag, type ParsedOptions } from "../../cli/grammar/flags.ts";
import type { World } from "../../cli/world.ts";
import { usageError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { configuredAction } from "../../mirrord/config/config.ts";
import type { SessionPlan } from "../../mirrord/plan/session-plan.ts";
import type { Target } from "../../mirrord/target.ts";
import { parseTypedTarget } from "../../mirrord/typed-target.ts";
import { knownTarget } from "../../reading/target-by-name.ts";
import { parseVersion } from "../../mirrord/plan/client-age.ts";
import type { NamedConfig } from "../../mirrord/plan/session-question.ts";
import { readConfig } from "../config-file.ts";
import { connectConfigured } from "../connection.ts";
import { parseProfile } from "./cases.ts";
import { filesExitCodes, filesFlag, placeFlags } from "./flags.ts";
import { parseConnection, parseProbe, type Probe } from "./probe.ts";
import { readPolicySet, type PolicySet } from "./policy-set.ts";
import { testAll } from "./test-all.ts";
import { testCases } from "./test-cases.ts";
import { showTest, type ShownTest } from "./test-one.ts";
import { readTested, testTarget } from "./test-target.ts";

/** What is tried where nothing is named. */
const plainProbes = ["mirror", "steal", "steal-with-filter", "copy", "copy-scale-down"];

const flags = {
  file: { ...filesFlag, describe: "Policies that are tried as if they were applied; may be repeated." },
  config: stringFlag("FILE", "Try the session of this mirrord configuration.", { completes: "file" }),
  all: booleanFlag("Try every target, as a matrix."),
  expect: listFlag("FILE", "A file of cases with what is expected of each; exit code 1 when one comes out otherwise.", {
    completes: "file",
  }),
  allNamespaces: { ...allNamespacesFlag, describe: "With --all: the targets of every namespace." },
  action: listFlag(
    "ACTION",
    "Try only this: mirror, steal, steal-with-filter, copy, copy-scale-down; may be repeated.",
    { offers: plainProbes },
  ),
  filter: stringFlag(
    "REGEX",
    "The header filter of steal-with-filter; without it, what a policy asks of filters is a condition.",
  ),
  outgoing: listFlag("HOST:PORT", "Also try this connection; udp://HOST:PORT works too.", {
    parse: (text: string): Probe => ({ kind: "outgoing", connection: parseConnection(text), text }),
  }),
  read: listFlag("FILE", "Also try to read this file of the target."),
  write: listFlag("FILE", "Also try to write this file of the target."),
  env: listFlag("NAME", "Also try to fetch this environment variable of the target."),
  profile: stringFlag("NAME", "The mirrord profile of the sessions: NAME or NAMESPACE/NAME.", { parse: parseProfile }),
  operatorVersion: stringFlag(
    "VERSION",
    "The version of the operator, in place of what the cluster says: newer ones read policies otherwise.",
    { parse: checkVersion },
  ),
  quiet: quietWith("--action, --config or --expect"),
  output: outputFlag(["table", "wide", "json", "yaml", "csv"]),
  noHeaders: noHeadersFlag,
  ...placeFlags,
} as const;

export const test = command({
  name: "policy test",
  summary: "See which policies apply to a target, and what they do to its sessions.",
  description: [
    "Without a session: says of each policy whether it applies and why not, what each action comes to, and the merged result.",
    "Policies of -f are tried as if they were applied, in place of their namesakes. --expect makes it a test for CI.",
    "--manifests takes a folder instead of a cluster.",
  ].join(" "),
  usage: "(TARGET | --config FILE | --all | --expect FILE) [-f POLICIES] [flags]",
  examples: {
    "kubectl mirrord policy test deploy/web -n dev": "All that policies do to sessions on web",
    "kubectl mirrord policy test deploy/web -n dev -f new.yaml": "What new policies would do",
    "kubectl mirrord policy test --all -n dev --outgoing db:5432": "Every target of a namespace",
    "kubectl mirrord policy test --config .mirrord/mirrord.json": "The session of a configuration",
    "kubectl mirrord policy test --expect cases.yaml -n dev --manifests ./cluster": "For CI, without a cluster",
  },
  positionals: {
    target: {
      type: "string",
      placeholder: "TARGET",
      describe: "KIND/NAME[/container/NAME], NAME, label/KEY=VALUE or targetless",
      completes: "target",
    },
  },
  flags,
  conflicts: [
    { option: "target", excludes: ["config", "all", "expect"] },
    { option: "config", excludes: ["all", "expect"] },
    { option: "all", excludes: ["expect"] },
    // A configuration and a case say themselves what is tried; a profile beside a configuration stands in for its own.
    {
      option: "config",
      excludes: ["action", "filter", "outgoing", "read", "write", "env"],
      message: (config, excluded) => `${excluded} is not for ${config}`,
      hint: "Name the TARGET in place of --config.",
    },
    {
      option: "expect",
      excludes: ["action", "filter", "outgoing", "read", "write", "env", "profile"],
      message: (expect, excluded) => `${excluded} is not for ${expect}`,
      hint: "Write it into the cases.",
    },
  ],
  needs: [
    {
      option: "quiet",
      needs: ["action", "config", "expect"],
      message: "-q is for one answer",
      hint: "Add --action ACTION, --config FILE or --expect FILE.",
    },
    {
      option: "output",
      values: ["csv"],
      needs: ["all"],
      message: "-o csv is for --all",
      hint: "Choose table, wide, json or yaml.",
    },
    {
      needs: ["target", "config", "all", "expect"],
      message: "nothing to test: a target is missing",
      hint: "Write for example: kubectl mirrord policy test deploy/web -n dev",
    },
  ],
  exitCodes: {
    0: "done; with --config or one --action: yes",
    1: "no, or a case came out otherwise",
    ...filesExitCodes,
    3: "unknown, or part of it could not be read",
  },
  waits: "Reading the policies and the target",
  async run(options, world) {
    const typed = options.target === undefined ? undefined : parseTypedTarget(options.target);
    const probes = parseProbes(options);
    const config = options.config === undefined ? undefined : readConfig(options.config, world.env);
    for (const warning of config?.session.warnings ?? []) world.warn(warning);
    const cluster = await connectConfigured(options, config, world);
    const namespace = options.namespace ?? config?.session.namespace ?? cluster.namespace;
    const everywhere = options.allNamespaces || options.expect.length > 0;
    const scope = { namespace: everywhere ? undefined : namespace, fallback: namespace };
    const set = await readPolicySet(cluster, options.file, {
      ...scope,
      exclude: options.exclude,
      warn: (text) => world.warn(text),
    });
    const { profile, output, noHeaders, operatorVersion } = options;
    if (options.all) {
      return await testAll(
        cluster,
        set,
        { ...scope, typedNamespace: options.namespace, probes, profile, operatorVersion, output, noHeaders },
        world,
      );
    }
    if (options.expect.length > 0) {
      return await testCases(cluster, set, { files: options.expect, namespace, operatorVersion, output }, world);
    }
    const named = config?.session.target ?? typed;
    if (named === undefined) throw new Error("the table lets nothing through without a target");
    const target = await knownTarget(cluster, named, namespace);
    const tested = await testOne(cluster, { ...options, target, config, namespace, set, probes, profile }, world);
    await showTest(tested, output, world);
    const [only, ...more] = tested.outcomes;
    const isOneAnswer = config !== undefined || (options.action.length === 1 && more.length === 0);
    if (isOneAnswer && only !== undefined) return exitCode(only.outcome.result);
    return set.unreadable.length > 0 ? 3 : 0;
  },
});

type Options = ParsedOptions<typeof flags>;

interface OneTest {
  target: Target;
  config: NamedConfig | undefined;
  namespace: string;
  set: PolicySet;
  probes: readonly Probe[];
  profile: SessionPlan["profile"];
  operatorVersion: string | undefined;
}

/** Tries everything on one target, or the session of a configuration as it stands there. */
async function testOne(cluster: Cluster, one: OneTest, world: World): Promise<ShownTest> {
  const { target, config, namespace, set, profile } = one;
  const tested = await readTested(cluster, set, { target, namespace, config }, world);
  const operatorVersion = one.operatorVersion ?? tested.operatorVersion;
  const probes = config === undefined ? one.probes : [configuredProbe(config, tested.plan)];
  const options = { profile, operatorVersion, asPlanned: config !== undefined };
  return { ...testTarget(set, tested, probes, options), tested, set, operatorVersion };
}

/** What the session does is in its plan: a profile may have changed what the file says. */
function configuredProbe({ session }: NamedConfig, { incoming }: SessionPlan): Probe {
  const action = configuredAction(session);
  if (action === "copy" || action === "copy-scale-down") return { kind: action };
  if (incoming?.mode !== "steal") return { kind: "mirror" };
  return incoming.filter === undefined ? { kind: "steal" } : { kind: "steal-with-filter", filter: incoming.filter };
}

function exitCode(result: string): number {
  if (result === "yes") return 0;
  return result === "unknown" ? 3 : 1;
}

/** Throws UserError "usage" for what cannot be read, and for a filter that nothing would use. */
function parseProbes({ action, filter, ...more }: Options): Probe[] {
  if (filter !== undefined && action.length > 0 && !action.includes("steal-with-filter")) {
    throw usageError("--filter is for steal-with-filter", "Add --action steal-with-filter.");
  }
  const header = filter === undefined ? undefined : { header: filter };
  const words = action.length > 0 ? action : plainProbes;
  return [
    ...words.map((word) => parseProbe(word, header)),
    ...more.outgoing,
    ...more.read.map((path): Probe => ({ kind: "file", access: { path, mode: "read" } })),
    ...more.write.map((path): Probe => ({ kind: "file", access: { path, mode: "write" } })),
    ...more.env.map((name): Probe => ({ kind: "env", name })),
  ];
}

function checkVersion(text: string): string {
  if (parseVersion(text) !== undefined) return text;
  throw usageError(`${JSON.stringify(text)} is not a version of the operator`, "Write for example 3.187.0.");
}
