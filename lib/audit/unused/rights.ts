import type { StoredGrant } from "../../access/stored.ts";
import { objectIn, textIn } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { keyByKind } from "../../kubernetes/object-key.ts";
import { isMirrordGroup } from "../../mirrord/resources.ts";
import { compactRules } from "../../rbac/compact.ts";
import { uncovered } from "../../rbac/covers.ts";
import { roleRules } from "../../rbac/decode.ts";
import { ruleWords } from "../../rbac/rule-words.ts";
import type { PolicyRule } from "../../rbac/types.ts";
import type { GrantUse } from "./use.ts";

/**
 * The rights about mirrord that a grant gives and no request used, as people say them. Of other rights the log need not tell.
 * @param roles ClusterRoles, by `keyByKind`
 */
export function unexercisedRights(
  grant: StoredGrant,
  roles: ReadonlyMap<string, KubernetesObject>,
  { requests }: GrantUse,
): string[] {
  const own = new Map(grant.objects.map(({ object }) => [keyByKind(object.kind, object.metadata), object]));
  const given = grant.objects.flatMap(({ object }): PolicyRule[] => {
    const { kind, name } = objectIn(object["roleRef"]);
    const namespace = kind === "Role" ? object.metadata.namespace : undefined;
    const key = keyByKind(textIn(kind), { name: textIn(name), namespace });
    const role = own.get(key) ?? roles.get(key);
    return role === undefined ? [] : roleRules(role);
  });
  const ofMirrord = given.filter(({ apiGroups = [] }) => apiGroups.length > 0 && apiGroups.every(isMirrordGroup));
  const exercised = requests.map(({ verb, resource }): PolicyRule => {
    const [type = "", subresource] = resource.split("/");
    const [plural = "", ...group] = type.split(".");
    return {
      apiGroups: [group.join(".")],
      resources: [subresource === undefined ? plural : `${plural}/${subresource}`],
      verbs: [verb],
    };
  });
  const left = new Map(uncovered(exercised, ofMirrord).map((atom) => [JSON.stringify(atom), atom]));
  return compactRules([...left.values()]).map(ruleWords);
}
