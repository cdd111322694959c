import { bindingText } from "../../access/change-text.ts";
import { widens } from "../../access/consent.ts";
import { withConsent, type GrantPlan } from "../../access/sync.ts";
import type { Cluster, Plan } from "../../kube/cluster.ts";
import { readConsentFacts } from "../../reading/consent-facts.ts";
import { grantsAreGuarded } from "../../reading/grant-expiry.ts";
import { planLines } from "../show-plan.ts";

/** The plans without what `grant` would refuse. In a folder whoever writes an intent can write the bindings, too. */
export async function withheldPlans(cluster: Cluster, plans: readonly GrantPlan[]): Promise<GrantPlan[]> {
  const planned = plans.map(({ grant: { intent }, plan }) => ({ intent, plan }));
  if (!planned.some(({ plan }) => plan.some(widens))) return [...plans];
  const [facts, isGuarded] = await Promise.all([readConsentFacts(cluster, planned), grantsAreGuarded(cluster)]);
  return withConsent(plans, facts, { guarded: cluster.offline || isGuarded });
}

/** Each change with whom it gives or takes what, and where. */
export function questionLines(changes: Plan): string[] {
  const lines = planLines(changes, "client");
  return changes.map((change, at) => [lines[at] ?? "", bindingText(change)].filter((part) => part !== "").join(": "));
}
