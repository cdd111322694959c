import { grantRefusal, recordedConsent, widens, type Consent } from "../../access/consent.ts";
import type { Intent } from "../../access/intent.ts";
import { outlineGrant } from "../../access/outline.ts";
import type { UserError } from "../../errors.ts";
import type { Cluster, Plan } from "../../kube/cluster.ts";
import { readConsentFacts } from "../../reading/consent-facts.ts";
import { readGrantGuard } from "../../reading/guards.ts";

/**
 * Judges a plan for a stored intent that somebody else may have written: why `grant` would refuse what it gives anybody anew;
 * undefined where it would not, or where nothing is given. `typed` is what was said on this command line.
 */
export async function findRefusal(
  cluster: Cluster,
  { intent, plan }: { intent: Intent; plan: Plan },
  typed: Consent,
): Promise<UserError | undefined> {
  if (!plan.some(widens)) return undefined;
  const [facts, guard] = await Promise.all([readConsentFacts(cluster, [{ intent, plan }]), readGrantGuard(cluster)]);
  const recorded = recordedConsent(intent, cluster.offline || guard.guards);
  return grantRefusal(outlineGrant(intent), facts, {
    dangerous: typed.dangerous || recorded.dangerous,
    allowSystem: typed.allowSystem || recorded.allowSystem,
  });
}
