// What the API server refuses with 422 about RBAC objects, whoever asks.
// Source: pkg/apis/rbac/validation/validation.go.

import type { RbacV1Subject, V1RoleRef } from "@kubernetes/client-node";
import { isJsonObject, listIn, textIn } from "../../json.ts";
import { fieldsIn, type Unchecked } from "../../kubernetes/api-types.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { decodeRule } from "../decode.ts";
import { invalid, notSupported, required, type FieldError } from "../../kubernetes/field-error.ts";
import { parseLabelSelector } from "../../kubernetes/label-selector.ts";
import { dns1123Subdomain } from "../../kubernetes/names.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";
import { storedForm } from "./stored-form.ts";
import type { PolicyRule } from "../types.ts";
import { metaErrors, pathSegmentErrors } from "./validate-meta.ts";

/** Every fault, in the server's order. `object` is well-formed and defaulted (see stored-form.ts). */
export function validationErrors(object: KubernetesObject): FieldError[] {
  const namespaced = object.kind === "Role" || object.kind === "RoleBinding";
  const errors = metaErrors(object.metadata, namespaced);
  if (object.kind === "RoleBinding" || object.kind === "ClusterRoleBinding") {
    return [
      ...errors,
      ...roleRefErrors(object["roleRef"], namespaced),
      ...subjectsErrors(object["subjects"], namespaced),
    ];
  }
  errors.push(...rulesErrors(object["rules"], namespaced));
  if (object.kind === "ClusterRole") errors.push(...aggregationErrors(object["aggregationRule"]));
  return errors;
}

/**
 * Why no API server could hold this object, in its words; undefined for one that it could. Of a cluster-scoped object a
 * namespace does not count: kubectl takes it out before it sends the object.
 */
export function refusal(object: KubernetesObject): string | undefined {
  if (object.apiVersion !== `${RBAC_GROUP}/v1`) return `${object.apiVersion} is not served: write ${RBAC_GROUP}/v1`;
  const form = storedForm(object);
  if (typeof form === "string") return form;
  if (form.kind.startsWith("Cluster")) delete form.metadata.namespace;
  const errors = validationErrors(form);
  return errors.length === 0 ? undefined : errors.join(", ");
}

function parseRoleRef(value: unknown): { apiGroup: string; kind: string; name: string } {
  const { apiGroup, kind, name } = fieldsIn<V1RoleRef>(value);
  return { apiGroup: textIn(apiGroup), kind: textIn(kind), name: textIn(name) };
}

function rulesErrors(rules: unknown, namespaced: boolean): FieldError[] {
  return listIn(rules).flatMap((item, position) => {
    const rule = decodeRule(item, "", () => undefined) ?? { verbs: [] };
    return ruleErrors(rule, `rules[${position}]`, namespaced);
  });
}

function ruleErrors(rule: PolicyRule, path: string, namespaced: boolean): FieldError[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const errors: FieldError[] = [];
  if (verbs.length === 0) errors.push(required(`${path}.verbs`, "verbs must contain at least one value"));
  if (nonResourceURLs.length > 0) {
    const fault = (detail: string): FieldError => invalid(`${path}.nonResourceURLs`, nonResourceURLs, detail);
    if (namespaced) errors.push(fault("namespaced rules cannot apply to non-resource URLs"));
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      errors.push(fault("rules cannot apply to both regular resources and non-resource URLs"));
    }
    return errors;
  }
  if (apiGroups.length === 0)
    errors.push(required(`${path}.apiGroups`, "resource rules must supply at least one api group"));
  if (resources.length === 0)
    errors.push(required(`${path}.resources`, "resource rules must supply at least one resource"));
  return errors;
}

function aggregationErrors(rule: unknown): FieldError[] {
  if (!isJsonObject(rule)) return [];
  const path = "aggregationRule.clusterRoleSelectors";
  const selectors = listIn(rule["clusterRoleSelectors"]);
  if (selectors.length === 0)
    return [required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil")];
  return selectors.flatMap((selector, position) => selectorErrors(selector, `${path}[${position}]`));
}

function selectorErrors(selector: unknown, path: string): FieldError[] {
  const { faults } = parseLabelSelector(selector ?? {});
  const errors = faults.map((fault) => `${path}.${fault}`);
  return errors.length === 0 ? [] : [...errors, invalid(path, null, "invalid label selector.")];
}

function roleRefErrors(value: unknown, namespaced: boolean): FieldError[] {
  const { apiGroup, kind, name } = parseRoleRef(value);
  const kinds = namespaced ? ["Role", "ClusterRole"] : ["ClusterRole"];
  const errors: FieldError[] = [];
  if (apiGroup !== RBAC_GROUP) errors.push(notSupported("roleRef.apiGroup", apiGroup, [RBAC_GROUP]));
  if (!kinds.includes(kind)) errors.push(notSupported("roleRef.kind", kind, kinds));
  if (name === "") errors.push(required("roleRef.name"));
  else errors.push(...pathSegmentErrors("roleRef.name", name));
  return errors;
}

function subjectsErrors(subjects: unknown, namespaced: boolean): FieldError[] {
  return listIn(subjects).flatMap((item, position) =>
    subjectErrors(fieldsIn<RbacV1Subject>(item), `subjects[${position}]`, namespaced),
  );
}

/** The namespace of a ServiceAccount may be any text, but must be there in a ClusterRoleBinding. */
function subjectErrors(subject: Unchecked<RbacV1Subject>, path: string, namespaced: boolean): FieldError[] {
  const [kind, name, apiGroup, namespace] = [
    textIn(subject.kind),
    textIn(subject.name),
    textIn(subject.apiGroup),
    textIn(subject.namespace),
  ];
  const errors: FieldError[] = name === "" ? [required(`${path}.name`)] : [];
  if (kind === "User" || kind === "Group") {
    if (apiGroup !== RBAC_GROUP) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [RBAC_GROUP]));
  } else if (kind === "ServiceAccount") {
    if (name !== "") errors.push(...dns1123Subdomain(name).map((fault) => invalid(`${path}.name`, name, fault)));
    if (apiGroup !== "") errors.push(notSupported(`${path}.apiGroup`, apiGroup, [""]));
    if (!namespaced && namespace === "") errors.push(required(`${path}.namespace`));
  } else errors.push(notSupported(`${path}.kind`, kind, ["ServiceAccount", "User", "Group"]));
  return errors;
}
