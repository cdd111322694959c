import type { World } from "../../../cli/world.ts";
import { usageError } from "../../../errors.ts";
import { networkPolicies, podSecurity } from "../../../install/secure-defaults/hardening.ts";
import { readDefaultsFacts } from "../../../install/secure-defaults/read.ts";
import type { Cluster, Plan } from "../../../kube/cluster.ts";
import { plan } from "../../../kubernetes/plan.ts";
import { nativeResources } from "../../../kubernetes/resources.ts";
import { listWords } from "../../../text/list-words.ts";
import { writePlan } from "../../write-plan.ts";
import { asWritten, type OperatorAccount } from "../../../install/secure-defaults/objects.ts";
import { current, staged } from "../staged.ts";
import { isConfirmed, type Written } from "../write-guarded.ts";
import type { SecureDefaultsOptions } from "./write.ts";
import { allObjects } from "../../../kubernetes/object-list.ts";

export interface HardeningFlags {
  podSecurity: boolean;
  networkPolicies: boolean;
}

/** @throws UserError "usage" for what does not go together with agents in running pods */
export function checkHardening(flags: HardeningFlags, { ephemeralAgents }: OperatorAccount): void {
  if (!ephemeralAgents) return;
  const hint = "Leave it out, or have the operator make pods for its agents: --set agent.extraConfig.ephemeral=false";
  if (flags.podSecurity) {
    throw usageError("--pod-security: baseline refuses the agents that this operator puts into running pods", hint);
  }
  if (flags.networkPolicies) {
    throw usageError("--network-policies: agents in running pods are in the namespaces of their targets", hint);
  }
}

/**
 * Pod Security labels and NetworkPolicies. The server judges all of it, and warns of pods that a label would refuse, before
 * anybody is asked.
 */
export async function writeHardening(
  cluster: Cluster,
  flags: HardeningFlags,
  options: SecureDefaultsOptions & { operator: OperatorAccount },
  world: World,
): Promise<Written> {
  if (!flags.podSecurity && !flags.networkPolicies) return { plan: [], confirmed: true };
  let confirmed = true;
  const { planned } = await writePlan(async () => ({ plan: await makePlan(cluster, flags, options, world) }), cluster, {
    world,
    dryRun: options.dryRun,
    confirmsJudged: true,
    confirm: async ({ plan: shown }) => (confirmed = await isConfirmed(shown, options, world)),
  });
  return { plan: planned.plan, confirmed };
}

async function makePlan(
  cluster: Cluster,
  flags: HardeningFlags,
  { operator }: { operator: OperatorAccount },
  world: World,
): Promise<Plan> {
  const labels = flags.podSecurity ? await labelledNamespaces(cluster, operator, world) : [];
  const deployment = flags.networkPolicies
    ? await cluster.get(nativeResources.deployments, "mirrord-operator", operator.namespace)
    : undefined;
  const networks = flags.networkPolicies ? networkPolicies(operator.namespace, deployment) : [];
  const wanted = staged([...labels, ...networks].map(asWritten), 0);
  return plan(await current(cluster, wanted), wanted);
}

async function labelledNamespaces(cluster: Cluster, operator: OperatorAccount, world: World) {
  const [namespaces, { offenders }] = await Promise.all([
    allObjects(cluster.list(nativeResources.namespaces)),
    readDefaultsFacts(cluster),
  ]);
  const { objects, left } = podSecurity(namespaces, operator.namespace, offenders);
  if (left.length > 0) {
    world.warn(`no Pod Security label for ${listWords(left)}: what is there could not be made anew, whoever makes it`);
  }
  return objects;
}
