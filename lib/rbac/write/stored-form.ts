// What the API server makes of an RBAC object before it looks at it: unknown fields gone, defaults filled in. Two
// objects that say the same come out alike.

import { isJsonObject, objectIn } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { stringList } from "../decode.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";

/** A text that says where the object cannot be decoded (400), or the object as it would be stored. */
export function storedForm(object: KubernetesObject): KubernetesObject | string {
  const { apiVersion, kind } = object;
  const metadata = metadataForm(object.metadata);
  if (typeof metadata === "string") return metadata;
  const parts = kind === "Role" || kind === "ClusterRole" ? roleForm(object) : bindingForm(object);
  return typeof parts === "string" ? parts : { apiVersion, kind, metadata, ...parts };
}

type Form = Record<string, unknown>;

const metaStrings = [
  "name",
  "generateName",
  "namespace",
  "uid",
  "resourceVersion",
  "creationTimestamp",
  "deletionTimestamp",
];

function metadataForm(value: unknown): Form | string {
  if (!isJsonObject(value)) return "metadata is not an object";
  const form: Form = {};
  for (const field of metaStrings) {
    const given = value[field] ?? "";
    if (typeof given !== "string") return `metadata.${field} is not a string`;
    if (given !== "") form[field] = given;
  }
  for (const field of ["labels", "annotations"]) {
    const given = stringMap(value[field]);
    if (given === undefined) return `metadata.${field} is not a map of strings`;
    if (Object.keys(given).length > 0) form[field] = given;
  }
  for (const field of ["ownerReferences", "finalizers", "managedFields"]) {
    const given = value[field] ?? [];
    if (!Array.isArray(given)) return `metadata.${field} is not a list`;
    if (given.length > 0) form[field] = given;
  }
  return form;
}

/** A null is the empty string. */
function stringMap(value: unknown): Form | undefined {
  const given = value ?? {};
  if (!isJsonObject(given)) return undefined;
  const entries = Object.entries(given).map(([key, entry]) => [key, entry ?? ""] as const);
  return entries.every(([, entry]) => typeof entry === "string") ? Object.fromEntries(entries) : undefined;
}

const ruleFields = ["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"];

function roleForm(object: KubernetesObject): Form | string {
  const given = object["rules"] ?? [];
  if (!Array.isArray(given)) return "rules is not a list";
  const rules: Form[] = [];
  for (const [position, rule] of given.entries()) {
    if (!isJsonObject(rule ?? {})) return `rules[${position}] is not an object`;
    const form: Form = {};
    for (const field of ruleFields) {
      const list = stringList(objectIn(rule)[field]);
      if (list === undefined) return `rules[${position}].${field} is not a list of strings`;
      if (list.length > 0) form[field] = list;
    }
    rules.push(form);
  }
  const aggregation = object["aggregationRule"] ?? undefined;
  if (object.kind !== "ClusterRole" || aggregation === undefined) return { rules };
  if (!isJsonObject(aggregation) || !Array.isArray(aggregation["clusterRoleSelectors"] ?? []))
    return "aggregationRule is not valid";
  return { rules, aggregationRule: { clusterRoleSelectors: aggregation["clusterRoleSelectors"] ?? [] } };
}

function bindingForm(object: KubernetesObject): Form | string {
  const subjects = object["subjects"] ?? [];
  if (!Array.isArray(subjects)) return "subjects is not a list";
  const forms: Form[] = [];
  for (const [position, subject] of subjects.entries()) {
    const form = stringFields(subject ?? {}, ["kind", "apiGroup", "name", "namespace"]);
    if (form === undefined) return `subjects[${position}] is not valid`;
    const { kind } = form;
    if (form["apiGroup"] === undefined && (kind === "User" || kind === "Group")) form["apiGroup"] = RBAC_GROUP;
    forms.push(form);
  }
  const roleRef = stringFields(object["roleRef"] ?? {}, ["apiGroup", "kind", "name"]);
  if (roleRef === undefined) return "roleRef is not valid";
  return { roleRef: { apiGroup: RBAC_GROUP, ...roleRef }, subjects: forms };
}

function stringFields(value: unknown, fields: readonly string[]): Form | undefined {
  if (!isJsonObject(value)) return undefined;
  const form: Form = {};
  for (const field of fields) {
    const given = value[field] ?? "";
    if (typeof given !== "string") return undefined;
    if (given !== "") form[field] = given;
  }
  return form;
}
