import { listIn } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { decodeRule } from "../rbac/decode.ts";
import type { PolicyRule } from "../rbac/types.ts";

/** The rules of a role as it was read; what is no rule is left out. */
export function roleRules(role: KubernetesObject): PolicyRule[] {
  return listIn(role["rules"]).flatMap((rule) => decodeRule(rule, "", () => undefined) ?? []);
}
