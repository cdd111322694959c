import { isDeepStrictEqual } from "node:util";
import { usageError, UserError } from "../errors.ts";
import { listIn, objectIn } from "../json.ts";
import type { Plan } from "../kube/cluster.ts";
import { parseLabelSelector, selects } from "../kubernetes/label-selector.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { patchChange } from "../kubernetes/plan.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { ruleText } from "../rbac/compact.ts";
import { withAggregation } from "../rbac/decide/aggregation.ts";
import { roleRules } from "../rbac/decode.ts";
import { shellQuote } from "../text/shell-quote.ts";
import { customRoleName, customRoleObject, customRoles, type RoleContent } from "./custom-role.ts";
import { accessModel } from "./names.ts";
import { holderTexts, roleHolders } from "./role-holders.ts";
import { dangerousRules } from "./roles.ts";
import { withBindable, withoutBindable } from "./sync-role.ts";

const FLAG = "Add --dangerous if that is what you mean.";
const STAGE = 0;

/**
 * What has to change so that there is this role. Throws UserError "usage" for a role of that name with other rules, and where the
 * role would give somebody access at once, or its holder more rights than it says, unless that is meant.
 * @param objects all RBAC objects
 */
export function planNewRole(
  name: string,
  content: RoleContent,
  { objects, dangerous }: { objects: readonly KubernetesObject[]; dangerous: boolean },
): Plan {
  const wanted: KubernetesObject = { ...customRoleObject(name, content) };
  const type = nativeResources.clusterRoles;
  const current = objects.find(({ kind, metadata }) => kind === type.kind && metadata.name === customRoleName(name));
  if (current === undefined) {
    if (!dangerous) refuseAtOnce(name, wanted, objects);
    return [{ action: "create", type, object: wanted, stage: STAGE, isNew: true }, ...syncMayBind(objects, name)];
  }
  if (!customRoles([current]).has(name))
    throw new UserError(
      "refused",
      `clusterrole ${JSON.stringify(customRoleName(name))} is there already and was not made here`,
    );
  const field = "rules" in content ? "rules" : "aggregationRule";
  if (
    !isDeepStrictEqual(current[field], wanted[field]) ||
    (field === "rules" && current["aggregationRule"] !== undefined)
  )
    throw usageError(
      `role ${name} is there already and allows something else`,
      `Change it: kubectl mirrord grant role edit ${shellQuote(name)}`,
    );
  return [{ action: "unchanged", type, object: wanted, current, stage: STAGE }, ...syncMayBind(objects, name)];
}

function refuseAtOnce(name: string, role: KubernetesObject, objects: readonly KubernetesObject[]): void {
  refuseDangerous(role, objects);
  refuseAggregated(role, objects);
  // A binding can be there before its role.
  const holders = holderTexts(roleHolders(customRoleName(name), objects, []));
  if (holders.length > 0)
    throw usageError(`role ${name} is bound already, and making it gives access to ${holders.join(", ")}`, FLAG);
}

/** Throws UserError "usage" for a role whose holder can come to more rights than it shows. */
export function refuseDangerous(role: KubernetesObject, objects: readonly KubernetesObject[]): void {
  const others = objects.filter(({ kind, metadata }) => kind !== role.kind || metadata.name !== role.metadata.name);
  const filled = withAggregation([...others, role]).objects.at(-1) ?? role;
  const [first] = dangerousRules(roleRules(filled));
  if (first !== undefined) throw usageError(`the role lets its holder gain more rights: ${ruleText(first)}`, FLAG);
}

/** Throws UserError "usage" where other ClusterRoles take up the rules of this one: whoever holds those would hold them at once. */
export function refuseAggregated(role: KubernetesObject, objects: readonly KubernetesObject[]): void {
  const labels = role.metadata.labels ?? {};
  const into = objects.find(({ kind, metadata, ...other }) => {
    const selectors = listIn(objectIn(other["aggregationRule"])["clusterRoleSelectors"]);
    const isOther = kind === role.kind && metadata.name !== role.metadata.name;
    return isOther && selectors.some((selector) => selects(parseLabelSelector(selector), labels));
  });
  if (into === undefined) return;
  throw usageError(
    `clusterrole ${into.metadata.name} takes up what this role allows, by its labels: whoever holds that one holds it at once`,
    FLAG,
  );
}

/** Makes the account of grant sync able to bind the role; nothing where that is not installed, and left out where the caller may not. */
function syncMayBind(objects: readonly KubernetesObject[], name: string): Plan {
  return patchSync(objects, (role) => withBindable(role, customRoleName(name)));
}

/** The role's deletion, after whatever else takes it from those who hold it. */
export function planRoleDeletion(role: KubernetesObject, objects: readonly KubernetesObject[]): Plan {
  const type = nativeResources.clusterRoles;
  return [
    ...patchSync(objects, (sync) => withoutBindable(sync, role.metadata.name ?? "")),
    { action: "delete", type, object: role, current: role, stage: Number.MAX_SAFE_INTEGER },
  ];
}

function patchSync(objects: readonly KubernetesObject[], change: (role: KubernetesObject) => KubernetesObject): Plan {
  const type = nativeResources.clusterRoles;
  const current = objects.find(({ kind, metadata }) => kind === type.kind && metadata.name === accessModel.sync.role);
  if (current === undefined) return [];
  const changed = change(current);
  if (changed === current) return [];
  const { resourceVersion } = current.metadata;
  const metadata = resourceVersion === undefined ? {} : { metadata: { resourceVersion } };
  const patch = { ...metadata, rules: changed["rules"] };
  return [{ ...patchChange({ type, current, stage: STAGE + 1 }, patch), optional: true }];
}
