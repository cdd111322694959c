import manifest from "../../../package.json" with { type: "json" };
import { requireNamespace } from "../../reading/namespaces.ts";
import { command } from "../../cli/grammar/command.ts";
import { allNamespacesFlag } from "../../cli/grammar/shared-flags.ts";
import { findingsExitCode } from "../../findings/exit-code.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { PolicyFinding } from "../../mirrord/policy/lint/finding.ts";
import { lintPolicies } from "../../mirrord/policy/lint/lint.ts";
import { lintRules } from "../../mirrord/policy/lint/rules.ts";
import { readPolicy } from "../../mirrord/policy/spec.ts";
import { printFindings, printRules } from "../../view/findings.ts";
import { nothingFound } from "../../view/nothing-found.ts";
import { findingsExitCodes, findingsFlags } from "../findings-flags.ts";
import { policyFindingValue } from "./finding-value.ts";
import { withPlaces } from "../with-places.ts";
import { filesExitCodes, filesFlag, placeFlags } from "./flags.ts";
import { readProfiles } from "../../reading/policies.ts";
import { readSchemas } from "../../reading/policy-schemas.ts";
import { policyKey, readPolicySet, type PolicySet } from "./policy-set.ts";
import { readPolicyTargets, type ListedTargets } from "./targets.ts";

export const lint = command({
  name: "policy lint",
  summary: "Find policies that do not do what they say.",
  description: [
    "Looks for the known traps: paths that match nothing, ways around a policy, expressions that match everything or nothing,",
    "profiles that do not exist, limits that are no security. With -f only the policies of the files are judged, beside those of",
    "the cluster; --manifests takes a folder instead of a cluster. --rules explains every rule.",
  ].join(" "),
  usage: "[-f FILE] [flags]",
  examples: {
    "kubectl mirrord policy lint -n dev": "The policies that can apply in namespace dev",
    "kubectl mirrord policy lint -f policies/ --fail-on warning": "Before they are applied, for CI",
    "kubectl mirrord policy lint --manifests policies/ -o sarif": "Without a cluster, for a code host",
  },
  flags: {
    file: filesFlag,
    allNamespaces: allNamespacesFlag,
    ...findingsFlags,
    ...placeFlags,
  },
  exitCodes: {
    ...findingsExitCodes,
    ...filesExitCodes,
    3: "part of it could not be read",
  },
  waits: "Reading the policies and their targets",
  async run({ file, allNamespaces, failOn, rules, output, noHeaders, ...options }, world) {
    if (rules) {
      await printRules("PolicyLintRules", lintRules, output, world);
      return 0;
    }
    const cluster = await world.connect(options);
    const fallback = options.namespace ?? cluster.namespace;
    const everywhere = allNamespaces || (cluster.offline && options.namespace === undefined);
    const namespace = everywhere ? undefined : fallback;
    const set = await readPolicySet(cluster, file, {
      namespace,
      fallback,
      exclude: options.exclude,
      warn: (text) => world.warn(text),
    });
    if (namespace !== undefined && set.policies.every(({ metadata }) => metadata.namespace === undefined))
      await requireNamespace(cluster, options.namespace);
    const { found, missed } = await findings(cluster, set, { onlyLocal: file.length > 0, namespace });
    const unread = [...set.unreadable, ...missed];
    await printFindings(
      {
        kind: "PolicyLint",
        tool: { name: "kubectl-mirrord policy lint", version: manifest.version },
        rules: lintRules,
        findings: found,
        subject: "POLICY",
        item: policyFindingValue,
        empty: nothingFound(set.policies.length === 0 ? "No policies found." : "No findings.", unread.length === 0),
      },
      { format: output, noHeaders },
      world,
    );
    if (unread.length > 0) world.warn(`you may not list ${unread.join(", ")}: not everything was looked at`);
    return findingsExitCode(found, { failOn, incomplete: unread.length > 0 });
  },
});

interface Scope {
  onlyLocal: boolean;
  /** Left out: everywhere. */
  namespace: string | undefined;
}

async function findings(
  cluster: Cluster,
  { policies, local, places }: PolicySet,
  { onlyLocal, namespace }: Scope,
): Promise<{ found: PolicyFinding[]; missed: string[] }> {
  const [{ schemas }, { targets, incomplete, missed }, { profiles, unreadable }] = await Promise.all([
    readSchemas(cluster),
    lintTargets(cluster, namespace),
    readProfiles(cluster),
  ]);
  const all = lintPolicies(policies, {
    schemas,
    // A folder with nothing but policies shows no targets: then nothing can be said about what they match.
    ...(targets.length === 0 && cluster.offline ? {} : { targets }),
    targetsIncomplete: incomplete.length > 0,
    ...(profiles === undefined ? {} : { profiles }),
  });
  const judged = onlyLocal ? local : policies;
  const namesProfiles = judged.some((policy) => (readPolicy(policy).profileAllowlist ?? []).length > 0);
  const own = new Set(judged.map((policy) => policyKey(readPolicy(policy).ref)));
  const found = all.filter(({ subject }) => own.has(policyKey(subject)));
  return {
    // A policy of a file is in place of its namesake.
    found: withPlaces(withPlaces(found, cluster), { places: () => places }),
    missed: judged.length === 0 ? [] : [...missed, ...(namesProfiles ? unreadable : [])],
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
