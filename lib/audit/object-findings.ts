import type { V1RoleRef } from "@kubernetes/client-node";
import { operatorRoleDifference } from "../access/operator-roles.ts";
import { boundSubject, formatSubject, type GrantSubject } from "../access/subject.ts";
import { listIn, objectIn, textIn } from "../json.ts";
import { fieldsIn } from "../kubernetes/api-types.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { keyByKind } from "../kubernetes/object-key.ts";
import { isMirrordGroup } from "../mirrord/resources.ts";
import { roleRules } from "../rbac/decode.ts";
import { ruleWords } from "../rbac/rule-words.ts";
import type { PolicyRule, RbacRef } from "../rbac/types.ts";
import { RBAC_GROUP } from "../kubernetes/resources.ts";
import { isControlPlane, isEverybody, isStockBinding, isStockSubject } from "./control-plane.ts";
import { auditFinding, type AuditFinding } from "./finding.ts";
import { rights } from "./edges/rights.ts";
import { compactRules } from "../rbac/compact.ts";
import { uncovered } from "../rbac/covers.ts";
import { stockRules } from "../rbac/stock-rules.ts";
import { givesRight, holderKey, type HeldRights } from "./rights.ts";

export interface ObjectFacts {
  rbac: readonly KubernetesObject[];
  /** All of the cluster, undefined where they may not be listed: then nothing can be said to be missing. */
  existingAccounts: ReadonlySet<string> | undefined;
  /** Plural names of what of RBAC may not be listed. */
  unreadable: readonly string[];
}

/** What is wrong with roles and bindings themselves. Pure. */
export function objectFindings(facts: ObjectFacts, held: HeldRights): AuditFinding[] {
  const bindings = facts.rbac.filter(({ kind }) => kind.endsWith("Binding"));
  const roles = facts.rbac.filter(({ kind }) => kind.endsWith("Role"));
  return [
    ...bindings.flatMap(changedStock),
    ...roles.flatMap(widenedRole),
    ...roles.flatMap(aggregatedRole),
    ...roles.flatMap(changedRole),
    ...danglingBindings(bindings, roles, facts.unreadable),
    ...bindings.flatMap((binding) => missingAccounts(binding, facts.existingAccounts, held)),
    ...alikeNames(bindings, held),
  ];
}

function bindingRef({ kind, metadata: { name = "", namespace } }: KubernetesObject): RbacRef {
  const place = namespace === undefined ? {} : { namespace };
  return { kind: kind === "RoleBinding" ? "RoleBinding" : "ClusterRoleBinding", name, ...place };
}

function roleRef({ kind, metadata: { name = "", namespace } }: KubernetesObject): RbacRef {
  return { kind: kind === "Role" ? "Role" : "ClusterRole", name, ...(namespace === undefined ? {} : { namespace }) };
}

function subjectsIn(binding: KubernetesObject): GrantSubject[] {
  const { namespace } = binding.metadata;
  return listIn(binding["subjects"]).flatMap((subject) => boundSubject(objectIn(subject), namespace) ?? []);
}

function changedStock(binding: KubernetesObject): AuditFinding[] {
  const ref = bindingRef(binding);
  if (!isStockBinding(ref)) return [];
  const who = subjectsIn(binding).filter((subject) => !isStockSubject(ref, subject));
  if (who.length === 0) return [];
  return [
    auditFinding("system-binding-changed", {
      subject: ref,
      who,
      message: `${ref.name} also names ${who.map(formatSubject).join(", ")}`,
    }),
  ];
}

/** Of what a new cluster has; what gives none of the rights that anything here is about may be from another version. */
function widenedRole(role: KubernetesObject): AuditFinding[] {
  const stock = stockRules(role);
  const added = stock === undefined ? [] : uncovered(stock, roleRules(role));
  if (added.length === 0) return [];
  const matters = added.some((rule) => Object.values(rights).some((right) => givesRight(rule, right)));
  return [
    auditFinding("system-role-widened", {
      subject: roleRef(role),
      message: `it also allows ${rulesWords(compactRules(added))}`,
      ...(matters ? {} : { severity: "note" as const }),
    }),
  ];
}

const AGGREGATE = `${RBAC_GROUP}/aggregate-to-`;
const isMirrords = (group: string): boolean => isMirrordGroup(group) || group.endsWith(".kubectl-mirrord.io");

function aggregatedRole(role: KubernetesObject): AuditFinding[] {
  const into = Object.entries(role.metadata.labels ?? {}).flatMap(([key, value]) =>
    key.startsWith(AGGREGATE) && value === "true" ? key.slice(AGGREGATE.length) : [],
  );
  if (into.length === 0 || !roleRules(role).some(({ apiGroups = [] }) => apiGroups.some(isMirrords))) return [];
  const message = `its rules for mirrord are part of the role ${into.join(", ")} as well`;
  return [auditFinding("aggregated-role", { subject: roleRef(role), message })];
}

const rulesWords = (rules: readonly PolicyRule[]): string => rules.map(ruleWords).join("; ");

function changedRole(role: KubernetesObject): AuditFinding[] {
  const { name = "" } = role.metadata;
  if (role.kind !== "ClusterRole") return [];
  const { lacks = [], adds = [], beyondPage = [] } = operatorRoleDifference(name, roleRules(role)) ?? {};
  const subject = roleRef(role);
  const parts = [
    ...(lacks.length === 0 ? [] : [`lacks ${rulesWords(lacks)}`]),
    ...(adds.length === 0 ? [] : [`also allows ${rulesWords(adds)}`]),
  ];
  const changed = parts.length === 0 ? [] : [{ rule: "operator-role-changed", message: `it ${parts.join(", and ")}` }];
  const wider =
    beyondPage.length === 0
      ? []
      : [
          {
            rule: "wider-operator-role",
            message: `beyond mirrord's page on access control it allows ${rulesWords(beyondPage)}`,
          },
        ];
  return [...changed, ...wider].map(({ rule, message }) => auditFinding(rule, { subject, message }));
}

/** A role that may not be listed is not missing. */
function danglingBindings(
  bindings: readonly KubernetesObject[],
  roles: readonly KubernetesObject[],
  unreadable: readonly string[],
): AuditFinding[] {
  const known = new Set(roles.map(({ kind, metadata }) => keyByKind(kind, metadata)));
  return bindings.flatMap((binding) => {
    const ref = bindingRef(binding);
    const { kind, name } = fieldsIn<V1RoleRef>(binding["roleRef"]);
    const role = { kind: textIn(kind), name: textIn(name) };
    const isRefused = unreadable.includes(role.kind === "Role" ? "roles" : "clusterroles");
    const namespace = role.kind === "Role" ? binding.metadata.namespace : "";
    if (isRefused || isStockBinding(ref) || known.has(keyByKind(role.kind, { namespace, name: role.name }))) return [];
    const isMirrordRole = role.name.startsWith("mirrord");
    return [
      auditFinding("dangling-binding", {
        subject: ref,
        who: subjectsIn(binding),
        message: `there is no ${role.kind.toLowerCase()} ${role.name}`,
        ...(isMirrordRole ? { severity: "warning" as const } : {}),
      }),
    ];
  });
}

function missingAccounts(
  binding: KubernetesObject,
  existing: ReadonlySet<string> | undefined,
  { holders }: HeldRights,
): AuditFinding[] {
  const ref = bindingRef(binding);
  if (existing === undefined || isStockBinding(ref)) return [];
  const missing = subjectsIn(binding).filter(
    (subject) => subject.kind === "ServiceAccount" && !existing.has(`${subject.namespace}/${subject.name}`),
  );
  if (missing.length === 0) return [];
  // With a right that matters, whoever may create the account gets it.
  const isGrave = missing.some((subject) => holders.has(holderKey(subject)));
  const message = `there is no ${missing.map((one) => formatSubject(one).replace("sa:", "service account ")).join(", ")}`;
  return [
    auditFinding("missing-account", {
      subject: ref,
      who: missing,
      message,
      ...(isGrave ? { severity: "warning" as const } : {}),
    }),
  ];
}

/** Among those who have a right that matters: others may be called as they like. */
function alikeNames(bindings: readonly KubernetesObject[], { holders }: HeldRights): AuditFinding[] {
  const first = new Map<string, { subject: GrantSubject; binding: KubernetesObject }>();
  for (const binding of bindings)
    for (const subject of subjectsIn(binding)) {
      const key = holderKey(subject);
      if (!first.has(key) && !isControlPlane(subject) && !isEverybody(subject)) first.set(key, { subject, binding });
    }
  const everybody = [...first.values()];
  const isHolder = ({ subject }: { subject: GrantSubject }) => holders.has(holderKey(subject));
  const looks = groups(
    everybody.filter(({ subject }) => subject.kind !== "ServiceAccount"),
    ({ subject }) => `${subject.kind} ${skeleton(subject.name)}`,
  );
  const names = groups(
    everybody.filter(({ subject: { name } }) => name !== "default"),
    ({ subject: { name } }) => name,
  );
  const found = (rule: string, group: readonly (typeof everybody)[number][], text: string) => {
    const one = group.find(isHolder);
    if (one === undefined) return [];
    const who = group.map(({ subject }) => subject);
    return [
      auditFinding(rule, {
        subject: bindingRef(one.binding),
        who,
        message: `${who.map(formatSubject).join(" and ")} ${text}`,
        evidence: group.map(({ binding }) => bindingRef(binding)),
      }),
    ];
  };
  return [
    ...looks.flatMap((group) => found("look-alike", group, "look alike, and are not the same")),
    ...names.flatMap((group) => found("same-name", group, "have one name")),
  ];
}

function groups<Item>(items: readonly Item[], key: (item: Item) => string): Item[][] {
  return [...Map.groupBy(items, key).values()].filter((group) => group.length > 1);
}

/** Letters of other alphabets that are drawn as Latin ones. Source: Unicode's confusables.txt, those of names. */
const confusable: Readonly<Record<string, string>> = Object.fromEntries(
  [..."аa еe оo рp сc хx уy іi јj ѕs ԁd һh ԛq ԝw αa οo ρp υu νv ιi κk ıi".matchAll(/(\S)(\S)/gu)].map(
    ([, from = "", to = ""]) => [from, to],
  ),
);

/** What a name looks like: without what nobody sees, in one letter case and alphabet. */
function skeleton(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replaceAll(/[\p{M}\p{Cf}\p{DI}\s]/gu, "")
    .toLowerCase();
  return [...plain].map((letter) => confusable[letter] ?? letter).join("");
}
