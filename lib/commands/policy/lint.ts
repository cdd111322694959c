import manifest from "../../../package.json" with { type: "json" };
import { command } from "../../cli/grammar/command.ts";
import { allNamespacesFlag, noHeadersFlag, outputFlag } from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { Finding } from "../../mirrord/policy/lint/finding.ts";
import { lintPolicies } from "../../mirrord/policy/lint/lint.ts";
import { lintRules, severities, type LintRule, type Severity } from "../../mirrord/policy/lint/rules.ts";
import { readPolicy } from "../../mirrord/policy/spec.ts";
import { printDocument, printOutput } from "../../view/output.ts";
import { sarifLog } from "../../view/sarif.ts";
import { filesExitCodes, filesFlag, placeFlags } from "./flags.ts";
import { readSchemas } from "./installed.ts";
import { policyKey, readPolicySet, type PolicySet } from "./policy-set.ts";
import { readProfiles } from "./profiles.ts";
import { referenceText } from "./reference.ts";
import { readPolicyTargets, type ListedTargets } from "./targets.ts";

const failOnValues = ["error", "warning", "note", "never"] as const;

export const lint = command({
  name: "policy lint",
  summary: "Find policies that do not do what they say.",
  description: [
    "Looks for the known traps: paths that match nothing, ways around a policy, expressions that match everything or nothing,",
    "profiles that do not exist, limits that are no security. With -f only the policies of the files are judged, beside those of",
    "the cluster; --manifests takes a folder instead of a cluster. --rules explains every rule.",
  ].join(" "),
  usage: "[-f FILE] [flags]",
  examples: [
    { command: "kubectl mirrord policy lint -n dev", does: "The policies that can apply in namespace dev" },
    { command: "kubectl mirrord policy lint -f policies/ --fail-on warning", does: "Before they are applied, for CI" },
    {
      command: "kubectl mirrord policy lint --manifests policies/ -o sarif",
      does: "Without a cluster, for a code host",
    },
  ],
  flags: {
    file: filesFlag,
    allNamespaces: allNamespacesFlag,
    failOn: {
      type: "string",
      values: failOnValues,
      default: "error",
      placeholder: "SEVERITY",
      describe: "Exit with 1 when there is a finding at least this severe: error, warning, note; never.",
    },
    rules: { type: "boolean", describe: "Explain the rules, and look at nothing." },
    output: outputFlag(["table", "wide", "json", "yaml", "sarif", "csv"]),
    noHeaders: noHeadersFlag,
    ...placeFlags,
  },
  exitCodes: {
    0: "clean, as far as --fail-on asks",
    1: "there are findings as severe as --fail-on says (by itself: errors)",
    ...filesExitCodes,
    3: "part of it could not be read",
  },
  async run({ file, allNamespaces, failOn, rules, output, noHeaders, ...options }, world) {
    if (rules) return await showRules(output, world);
    const cluster = await world.connect(options);
    const fallback = options.namespace ?? cluster.namespace;
    const everywhere = allNamespaces || (cluster.offline && options.namespace === undefined);
    const namespace = everywhere ? undefined : fallback;
    const set = await readPolicySet(cluster, file, { namespace, fallback });
    const { found, missed } = await findings(cluster, set, { onlyLocal: file.length > 0, namespace });
    await show(found, set, { output, noHeaders }, world);
    const unread = [...set.unreadable, ...missed];
    if (unread.length > 0) world.warn(`you may not list ${unread.join(", ")}: not everything was looked at`);
    const limit = failOn === "never" ? -1 : severities.indexOf(failOn);
    if (found.some(({ severity }) => severities.indexOf(severity) <= limit)) return 1;
    return unread.length > 0 ? 3 : 0;
  },
});

interface Scope {
  onlyLocal: boolean;
  /** Left out: everywhere. */
  namespace: string | undefined;
}

async function findings(
  cluster: Cluster,
  { policies, local }: PolicySet,
  { onlyLocal, namespace }: Scope,
): Promise<{ found: Finding[]; missed: string[] }> {
  const [{ schemas }, { targets, incomplete, missed }, profiles] = await Promise.all([
    readSchemas(cluster),
    lintTargets(cluster, namespace),
    readProfiles(cluster),
  ]);
  const all = lintPolicies(policies, {
    schemas,
    // A folder with nothing but policies shows no targets: then nothing can be said about what they match.
    ...(targets.length === 0 && cluster.offline ? {} : { targets }),
    targetsIncomplete: incomplete.length > 0,
    ...profiles.known,
  });
  const judged = onlyLocal ? local : policies;
  const namesProfiles = judged.some((policy) => (readPolicy(policy).profileAllowlist ?? []).length > 0);
  const own = new Set(judged.map((policy) => policyKey(readPolicy(policy).ref)));
  return {
    found: all.filter(({ policy }) => own.has(policyKey(policy))),
    missed: judged.length === 0 ? [] : [...missed, ...(namesProfiles ? profiles.missed : [])],
  };
}

/** Cluster policies are about every namespace; who may not look everywhere sees one, and nothing is said to match no object. */
async function lintTargets(
  cluster: Cluster,
  namespace: string | undefined,
): Promise<Pick<ListedTargets, "targets" | "incomplete"> & { missed: string[] }> {
  const everywhere = await readPolicyTargets(cluster, undefined);
  if (namespace === undefined || everywhere.incomplete.length === 0) {
    return { ...everywhere, missed: everywhere.incomplete };
  }
  const { targets, incomplete: missed } = await readPolicyTargets(cluster, namespace);
  return { targets, incomplete: everywhere.incomplete, missed };
}

interface ShowOptions {
  output: "table" | "wide" | "json" | "yaml" | "sarif" | "csv";
  noHeaders: boolean;
}

async function show(
  found: readonly Finding[],
  { policies, places }: PolicySet,
  { output, noHeaders }: ShowOptions,
  world: World,
): Promise<void> {
  const rows = found.map((finding) => ({ ...finding, ...places.get(policyKey(finding.policy)) }));
  if (output === "sarif") {
    const results = rows.map(({ rule, severity, policy, field, message, fix, ...place }) => ({
      ruleId: rule,
      level: severity,
      message: `${message}. ${fix}`,
      subject: referenceText(policy),
      ...(field === undefined ? {} : { field }),
      ...place,
    }));
    await printDocument(
      sarifLog({ name: "kubectl-mirrord policy lint", version: manifest.version }, ruleList(), results),
      "json",
      world,
    );
    return;
  }
  const count = (severity: Severity) => found.filter((finding) => finding.severity === severity).length;
  await printOutput(
    {
      kind: "PolicyLint",
      value: { summary: { error: count("error"), warning: count("warning"), note: count("note") }, items: rows },
      rows,
      bounded: true,
      columns: {
        SEVERITY: ({ severity }) => severity,
        RULE: ({ rule }) => rule,
        POLICY: ({ policy }) => referenceText(policy),
        MESSAGE: ({ message }) => message,
        FIX: { wide: ({ fix }) => fix },
        WHERE: { wide: ({ file, line }) => (file === undefined ? "" : `${file}:${line}`) },
      },
      empty: policies.length === 0 ? "No policies found." : "No findings.",
    },
    { format: output, noHeaders },
    world,
  );
}

function ruleList(): { id: string; level: Severity; summary: string; explanation: string }[] {
  return Object.entries<LintRule>(lintRules).map(([id, { severity, summary, explanation }]) => ({
    id,
    level: severity,
    summary,
    explanation,
  }));
}

async function showRules(output: ShowOptions["output"], world: World): Promise<number> {
  const rows = ruleList();
  const format = output === "sarif" ? "json" : output;
  const columns = {
    RULE: ({ id }: (typeof rows)[number]) => id,
    SEVERITY: ({ level }: (typeof rows)[number]) => level,
    SUMMARY: ({ summary }: (typeof rows)[number]) => summary,
    WHY: { wide: ({ explanation }: (typeof rows)[number]) => explanation },
  };
  await printOutput(
    { kind: "PolicyLintRules", value: { items: rows }, rows, columns, bounded: true },
    { format },
    world,
  );
  return 0;
}
