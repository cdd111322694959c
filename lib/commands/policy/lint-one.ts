import type { World } from "../../cli/world.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { PolicyFinding } from "../../mirrord/policy/lint/finding.ts";
import { lintPolicies } from "../../mirrord/policy/lint/lint.ts";
import type { MirrordPolicy } from "../../mirrord/policy.ts";
import { readPolicy } from "../../mirrord/policy/spec.ts";
import { readPolicies, readProfiles } from "../../reading/policies.ts";
import { readSchemas } from "../../reading/policy-schemas.ts";
import { policyKey } from "./policy-set.ts";
import { readPolicyTargets, type ListedTargets } from "./targets.ts";

/**
 * What is wrong with one policy, beside the others that apply where it does, and the targets there. `unread` are plural names of
 * what may not be listed, other than targets: what follows from it is not found.
 */
export async function lintOne(
  cluster: Cluster,
  policy: MirrordPolicy,
): Promise<{ findings: PolicyFinding[]; listed: ListedTargets; unread: string[] }> {
  const { ref, profileAllowlist = [] } = readPolicy(policy);
  const [{ policies, unreadable }, { schemas }, listed, { profiles, unreadable: unreadProfiles }] = await Promise.all([
    readPolicies(cluster, ref.namespace),
    readSchemas(cluster),
    readPolicyTargets(cluster, ref.namespace),
    readProfiles(cluster),
  ]);
  const others = policies.filter((other) => policyKey(readPolicy(other).ref) !== policyKey(ref));
  const all = lintPolicies([policy, ...others], {
    schemas,
    ...(listed.targets.length === 0 && cluster.offline ? {} : { targets: listed.targets }),
    targetsIncomplete: listed.incomplete.length > 0,
    ...(profiles === undefined ? {} : { profiles }),
  });
  return {
    findings: all.filter(({ subject }) => policyKey(subject) === policyKey(ref)),
    listed,
    unread: [...unreadable, ...(profileAllowlist.length > 0 ? unreadProfiles : [])],
  };
}

/** Says what lint finds of a policy that was just written; who may not read what that takes hears nothing. */
export async function noteFindings(cluster: Cluster, policy: MirrordPolicy, world: Pick<World, "note">): Promise<void> {
  const { findings } = await lintOne(cluster, policy);
  world.note(findings.flatMap(({ severity, rule, message, fix }) => [`${severity} ${rule}: ${message}.`, `  ${fix}`]));
}
