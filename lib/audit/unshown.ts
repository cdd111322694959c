import type { Cluster } from "../kube/cluster.ts";
import type { AccessAttributes } from "../kubernetes/access.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { parseReason } from "../preview/reason.ts";
import { authorizer } from "../rbac/authorizer.ts";
import { ruleWords } from "../rbac/rule-words.ts";
import { attempt } from "../reading/read.ts";

/** What the API server says of the caller: a question that it answers with yes for no reason that RBAC gives, and its words. */
export interface OtherYes {
  attributes: AccessAttributes;
  reason: string;
}

/**
 * Asks the API server about the caller. Another authorizer than RBAC (a webhook of a cloud provider, the node authorizer, ABAC)
 * may have said yes where RBAC is not named as the reason. Empty for a folder, and where the server cannot be asked.
 */
export async function askOtherYes(cluster: Cluster, questions: readonly AccessAttributes[]): Promise<OtherYes[]> {
  if (cluster.offline) return [];
  const read = await attempt(() => cluster.review(questions));
  if (read.failed) return [];
  return read.value.flatMap(({ answer, reason }, at): OtherYes[] => {
    const attributes = questions[at];
    return answer !== "yes" || attributes === undefined || parseReason(reason) !== undefined
      ? []
      : [{ attributes, reason }];
  });
}

/**
 * What the caller may do although none of the RBAC objects says so: clauses. Then others may, too, and no object shows who.
 * Members of `system:masters` are not meant: they pass every check without any object.
 */
export async function unshownAccess(
  cluster: Cluster,
  objects: readonly KubernetesObject[],
  found: readonly OtherYes[],
): Promise<string[]> {
  if (found.length === 0) return [];
  const identity = await attempt(() => cluster.identity());
  if (identity.failed) return [];
  const engine = authorizer(objects);
  const unshown = found.filter(({ attributes }) => !engine.authorize({ ...attributes, user: identity.value }).allowed);
  return unshown.map(({ attributes, reason }) => {
    const words = reason === "" ? "" : ` (${JSON.stringify(reason)})`;
    return `another authorizer than RBAC allows you to ${attributesText(attributes)}${words}`;
  });
}

function attributesText(attributes: AccessAttributes): string {
  if ("path" in attributes) return `${attributes.verb} ${attributes.path}`;
  const { verb, apiGroup, resource, subresource = "", name = "", namespace = "" } = attributes;
  const rule = {
    verbs: [verb],
    apiGroups: [apiGroup],
    resources: [subresource === "" ? resource : `${resource}/${subresource}`],
    ...(name === "" ? {} : { resourceNames: [name] }),
  };
  return `${ruleWords(rule)}${namespace === "" ? "" : ` in ${namespace}`}`;
}
