import { widens, type ConsentFacts } from "../access/consent.ts";
import type { Intent } from "../access/intent.ts";
import { outlineGrant } from "../access/outline.ts";
import type { Lookup } from "../access/places.ts";
import type { Cluster, Plan } from "../kube/cluster.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { lookUp } from "./look-up.ts";
import { readOperatorNamespace } from "./namespaces.ts";

/** What stored intents are judged by before they give anybody anything new. */
export async function readConsentFacts(
  cluster: Cluster,
  planned: readonly { intent: Intent | undefined; plan: Plan }[],
): Promise<ConsentFacts> {
  const wide = planned.filter(({ plan }) => plan.some(widens));
  const intents = wide.flatMap(({ intent }) => (intent === undefined ? [] : [intent]));
  const names = [...new Set(intents.flatMap((intent) => outlineGrant(intent).roles.needed))];
  const [operator, ...roles] = await Promise.all([
    readOperatorNamespace(cluster),
    ...names.map(async (name): Promise<[string, Lookup]> => [
      name,
      await lookUp(cluster, nativeResources.clusterRoles, name),
    ]),
  ]);
  return { roles: new Map(roles), operator };
}
