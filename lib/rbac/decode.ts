import { isJsonObject, listIn } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { goQuote } from "../text/go-quote.ts";
import { RBAC_GROUP } from "../kubernetes/resources.ts";
import type { BindingKind, PolicyRule, RoleKind, RoleRef, Subject, SubjectKind } from "./types.ts";

/** A Role or ClusterRole. `namespace` is "" for a ClusterRole. */
export interface DecodedRole {
  kind: RoleKind;
  name: string;
  namespace: string;
  /** In their places; undefined where one is not well-formed. */
  rules: readonly (PolicyRule | undefined)[];
  object: KubernetesObject;
}

/** A RoleBinding or ClusterRoleBinding. `namespace` is "" for a ClusterRoleBinding. */
export interface DecodedBinding {
  kind: BindingKind;
  name: string;
  namespace: string;
  roleRef: RoleRef;
  /** In their places; undefined where one is not well-formed. */
  subjects: readonly (Subject | undefined)[];
}

export type Decoded = DecodedRole | DecodedBinding | undefined;

export const isRole = (decoded: DecodedRole | DecodedBinding): decoded is DecodedRole =>
  decoded.kind === "Role" || decoded.kind === "ClusterRole";

/**
 * Reads one object that may be anything at all. What the API server could not have stored is left out, each part with
 * one line in `errors`; what is well-formed in the same object still counts.
 */
export function decode(object: KubernetesObject, errors: string[]): Decoded {
  if (!isJsonObject(object)) {
    errors.push("an object is not a JSON object: ignored");
    return undefined;
  }
  const { apiVersion, kind } = object;
  const metadata: Record<string, unknown> = isJsonObject(object.metadata) ? object.metadata : {};
  const name = metadata["name"];
  const label = (): string =>
    `${typeof kind === "string" ? shorten(kind) : "an object without a kind"} ${typeof name === "string" ? goQuote(shorten(name)) : "without a name"}`;
  if (apiVersion !== `${RBAC_GROUP}/v1` || !isRbacKind(kind)) {
    errors.push(`${label()}: not an RBAC object of ${RBAC_GROUP}/v1, ignored`);
    return undefined;
  }
  if (typeof name !== "string" || name === "") {
    errors.push(`${label()}: ignored`);
    return undefined;
  }
  const clusterScoped = kind === "ClusterRole" || kind === "ClusterRoleBinding";
  const namespace = clusterScoped ? "" : metadata["namespace"];
  if (typeof namespace !== "string" || (namespace === "" && !clusterScoped)) {
    errors.push(`${label()}: has no namespace, ignored`);
    return undefined;
  }
  const report = (problem: string): void => void errors.push(`${label()}: ${problem}`);
  if (kind === "Role" || kind === "ClusterRole") {
    return { kind, name, namespace, rules: decodeRules(object["rules"], report), object };
  }
  const roleRef = decodeRoleRef(object["roleRef"], report);
  return roleRef && { kind, name, namespace, roleRef, subjects: decodeSubjects(object["subjects"], report) };
}

const rbacKinds: ReadonlySet<unknown> = new Set(["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"]);
const isRbacKind = (kind: unknown): kind is RoleKind | BindingKind => rbacKinds.has(kind);

/** Long names are legal; a message need not repeat them whole. */
const shorten = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);

type Report = (problem: string) => void;

/** The list itself where every rule in it is well-formed: nothing is copied. */
function decodeRules(value: unknown, report: Report): readonly (PolicyRule | undefined)[] {
  const list = expectList(value, "rules", report);
  return list.every(isPlainRule) ? list : list.map((item, index) => decodeRule(item, `rules[${index}]`, report));
}

const ruleLists = ["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"] as const;

/** The rule itself where it is well-formed (nothing is copied), a copy without its nulls, or undefined. */
export function decodeRule(item: unknown, where: string, report: Report): PolicyRule | undefined {
  if (!isJsonObject(item)) {
    report(`${where} is not a rule, ignored`);
    return undefined;
  }
  if (isPlainRule(item)) return item;
  const rule: PolicyRule = { verbs: [] };
  for (const field of ruleLists) {
    const list = stringList(item[field]);
    if (list === undefined) {
      report(`${where}.${field} is not a list of strings: the rule is ignored`);
      return undefined;
    }
    rule[field] = list;
  }
  return rule;
}

/** The rules of a Role or ClusterRole; what is not well-formed is left out. */
export function roleRules(role: KubernetesObject): PolicyRule[] {
  return listIn(role["rules"]).flatMap((rule) => decodeRule(rule, "", () => undefined) ?? []);
}

// Each field by its name: of thousands of rules a loop over the names takes longer.
function isPlainRule(item: unknown): item is PolicyRule {
  if (!isJsonObject(item)) return false;
  const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = item;
  return (
    isStringList(verbs) &&
    isNoneOrStringList(apiGroups) &&
    isNoneOrStringList(resources) &&
    isNoneOrStringList(resourceNames) &&
    isNoneOrStringList(nonResourceURLs)
  );
}

const isNoneOrStringList = (value: unknown): boolean => value === undefined || isStringList(value);

/** Absent and null are the empty list, and a null in it the empty string, as the API server decodes them; undefined for anything else. */
export function stringList(value: unknown): string[] | undefined {
  const list = value ?? [];
  if (isStringList(list)) return list;
  const texts = Array.isArray(list) ? list.map((entry: unknown) => entry ?? "") : undefined;
  return isStringList(texts) ? texts : undefined;
}

export function isStringList(value: unknown): value is string[] {
  if (!Array.isArray(value)) return false;
  for (const entry of value) if (typeof entry !== "string") return false;
  return true;
}

function decodeSubjects(value: unknown, report: Report): readonly (Subject | undefined)[] {
  const list = expectList(value, "subjects", report);
  if (list.every(isSubject)) return list;
  return list.map((item, index) => {
    if (isSubject(item)) return item;
    report(`subjects[${index}] is not a User, Group or ServiceAccount with a name: it applies to nobody`);
    return undefined;
  });
}

function isSubject(item: unknown): item is Subject {
  if (!isJsonObject(item) || typeof item["name"] !== "string" || !subjectKinds.has(item["kind"])) return false;
  return typeof (item["namespace"] ?? "") === "string";
}

const subjectKinds: ReadonlySet<unknown> = new Set<SubjectKind>(["User", "Group", "ServiceAccount"]);

/** `roleRef.apiGroup` is not looked at when a request is decided (validation pins it), so it is not looked at here. */
function decodeRoleRef(value: unknown, report: Report): RoleRef | undefined {
  if (isRoleRef(value)) return value;
  if (!isJsonObject(value) || typeof value["name"] !== "string") {
    report("roleRef has no name: the binding is ignored");
    return undefined;
  }
  const { kind, name } = value;
  if (kind !== "Role" && kind !== "ClusterRole") {
    report(`unsupported role reference kind: ${typeof kind === "string" ? goQuote(shorten(kind)) : "none"}`);
    return undefined;
  }
  return { apiGroup: RBAC_GROUP, kind, name };
}

const isRoleRef = (value: unknown): value is RoleRef =>
  isJsonObject(value) &&
  typeof value["name"] === "string" &&
  (value["kind"] === "ClusterRole" || value["kind"] === "Role") &&
  value["apiGroup"] === RBAC_GROUP;

/** Absent and null are the empty list, as the API server reads them. */
function expectList(value: unknown, field: string, report: Report): unknown[] {
  if (Array.isArray(value)) return value;
  if (value !== undefined && value !== null) report(`${field} is not a list, ignored`);
  return [];
}
