import type { V1RoleRef } from "@kubernetes/client-node";
import { UserError, usageError } from "../errors.ts";
import { listIn, objectIn, textIn } from "../json.ts";
import type { Plan } from "../kube/cluster.ts";
import { fieldsIn } from "../kubernetes/api-types.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { patchChange } from "../kubernetes/plan.ts";
import { nativeResources, RBAC_GROUP } from "../kubernetes/resources.ts";
import { toQuestion } from "../rbac/decide/question.ts";
import { ruleAllows } from "../rbac/decide/rule-match.ts";
import { roleRules } from "../rbac/decode.ts";
import { byCodePoint } from "../text/order.ts";
import { shellCommand } from "../text/shell-quote.ts";
import { ADMIN_ROLE, MANAGED_BY, MANAGED_BY_LABEL } from "./names.ts";
import { ACCESS_GROUP } from "./privileged-options.ts";
import { boundSubject, formatSubject, rbacSubject, type RbacSubject } from "./subject.ts";

// All administrators that `grant admin` names are subjects of one ClusterRoleBinding: with one binding each, two who remove the
// last two at the same time would both succeed. Here the second one's write is for a version that is gone.

/** What the admission policies ask of an administrator, at cluster scope. */
const manageGrants = toQuestion({ verb: "manage", apiGroup: ACCESS_GROUP, resource: "grants" });

/** Somebody who passes for an administrator. */
export interface Administrator {
  subject: RbacSubject;
  /** The ClusterRoleBinding, and the ClusterRole that it binds. */
  binding: string;
  role: string;
  /** `grant admin` keeps the binding. */
  managed: boolean;
}

/** Everybody whom a ClusterRoleBinding lets manage grants: those that `grant admin` names, and whoever may do everything anyway. */
export function administrators(objects: readonly KubernetesObject[]): Administrator[] {
  const roles = new Set(
    objects
      .filter(({ kind }) => kind === "ClusterRole")
      .filter((role) => roleRules(role).some((rule) => ruleAllows(rule, manageGrants)))
      .map(({ metadata }) => metadata.name ?? ""),
  );
  return objects
    .filter(({ kind }) => kind === "ClusterRoleBinding")
    .flatMap((binding) => {
      const role = boundRole(binding);
      if (!roles.has(role)) return [];
      const { name = "" } = binding.metadata;
      const managed = name === ADMIN_ROLE && role === ADMIN_ROLE;
      return bindingSubjects(binding).map((subject) => ({ subject, binding: name, role, managed }));
    })
    .toSorted((one, other) => byCodePoint(orderKey(one), orderKey(other)));
}

const orderKey = ({ subject, binding, managed }: Administrator) =>
  [managed ? "" : "by another binding", formatSubject(subject), binding].join("\0");

const boundRole = (binding: KubernetesObject): string => textIn(fieldsIn<V1RoleRef>(binding["roleRef"]).name);

/** Whom a ClusterRoleBinding names. */
function bindingSubjects(binding: KubernetesObject): RbacSubject[] {
  return listIn(binding["subjects"]).flatMap((subject) => boundSubject(objectIn(subject), undefined) ?? []);
}

/** Throws UserError "refused" where something else stands under the name of the administrators' binding. */
function requireOwn(binding: KubernetesObject): void {
  const look = `Look at it: ${shellCommand(["kubectl", "get", "clusterrolebinding", ADMIN_ROLE, "-o", "yaml"])}`;
  if (boundRole(binding) !== ADMIN_ROLE)
    throw new UserError("refused", `clusterrolebinding "${ADMIN_ROLE}" binds another role: it was not made here`, look);
}

const isSame = (one: RbacSubject) => (other: RbacSubject) => formatSubject(one) === formatSubject(other);

/** What makes them administrators; nothing for whoever is one. `stored` is the administrators' binding. */
export function planAdministrators(stored: KubernetesObject | undefined, added: readonly RbacSubject[]): Plan {
  if (stored !== undefined) {
    requireOwn(stored);
    const known = bindingSubjects(stored);
    const missing = added.filter((subject) => !known.some(isSame(subject)));
    return [withSubjects(stored, [...listIn(stored["subjects"]), ...missing.map(rbacSubject)])];
  }
  const type = nativeResources.clusterRoleBindings;
  const object: KubernetesObject = {
    apiVersion: `${type.group}/${type.version}`,
    kind: type.kind,
    metadata: { name: ADMIN_ROLE, labels: { [MANAGED_BY_LABEL]: MANAGED_BY } },
    roleRef: { apiGroup: RBAC_GROUP, kind: "ClusterRole", name: ADMIN_ROLE },
    subjects: added.map(rbacSubject),
  };
  return [{ action: "create", type, object, stage: 1, isNew: true }];
}

/** What makes them administrators no more. Throws UserError "usage" where nobody would be left. */
export function planNoAdministrators(stored: KubernetesObject | undefined, removed: readonly RbacSubject[]): Plan {
  if (stored === undefined) return [];
  requireOwn(stored);
  const subjects = listIn(stored["subjects"]);
  const isRemoved = (subject: RbacSubject | undefined) => subject !== undefined && removed.some(isSame(subject));
  const kept = subjects.filter((subject) => !isRemoved(boundSubject(objectIn(subject), undefined)));
  if (kept.length === 0 && subjects.length > 0) {
    throw usageError(
      `${removed.map(formatSubject).join(" and ")} ${removed.length === 1 ? "is the last administrator" : "are the last administrators"}`,
      "Name another one first: kubectl mirrord grant admin add SUBJECT",
    );
  }
  return [withSubjects(stored, kept)];
}

/** Of the version that was read: who was named or taken out meanwhile is not overwritten. */
function withSubjects(current: KubernetesObject, subjects: readonly unknown[]): Plan[number] {
  const { resourceVersion } = current.metadata;
  const metadata = resourceVersion === undefined ? {} : { metadata: { resourceVersion } };
  return patchChange({ type: nativeResources.clusterRoleBindings, current, stage: 1 }, { ...metadata, subjects });
}
