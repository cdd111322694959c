import type {
  V1AuditAnnotation,
  V1LabelSelector,
  V1MatchCondition,
  V1NamedRuleWithOperations,
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding,
} from "@kubernetes/client-node";
import { MANAGED_BY, MANAGED_BY_LABEL } from "../../access/names.ts";
import type { ApiObject, Json } from "../../kubernetes/api-types.ts";
import { listed, type Variable } from "./expressions.ts";

/** What differs between the policies. */
export interface PolicyParts {
  name: string;
  rules: Json<V1NamedRuleWithOperations>[];
  conditions: Json<V1MatchCondition>[];
  variables: readonly Variable[];
  /** What has to be true. One of each policy: the API server tells only the first that fails. */
  expression: string;
  /** `expression` makes the text; where it cannot, and where it is left out, it is `text`. */
  message: { expression?: string; text: string };
  /** Left out: all namespaces but `kube-system`. */
  namespaceSelector?: Json<V1LabelSelector>;
  /** What the audit log says of each request that is judged, let through or not. */
  auditAnnotations?: Json<V1AuditAnnotation>[];
}

export type Operation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

/** `audit`: what would be refused is let through, with a warning and an entry in the audit log. */
export type Enforcement = "audit" | "enforce";

export function rule(
  group: string,
  plurals: readonly string[],
  operations: Operation[] = ["CREATE", "UPDATE"],
): Json<V1NamedRuleWithOperations> {
  return { apiGroups: [group], apiVersions: ["*"], operations, resources: [...plurals], scope: "*" };
}

/** That it is none of these controllers: each has an account of its own, or they all are one user. */
export function isNo(controllers: readonly string[]): string {
  const accounts = controllers.map((name) => `system:serviceaccount:kube-system:${name}`);
  return `!(request.userInfo.username in ${listed([...accounts, "system:kube-controller-manager"])})`;
}

/** What some controllers do of their own accord. */
export interface Exempt {
  controllers: readonly string[];
  operations: readonly Operation[];
}

/** That it is nothing of what these controllers may do. */
export const isNothingOf = (exempt: readonly Exempt[]): string =>
  exempt
    .map(({ controllers, operations }) => `(!(request.operation in ${listed(operations)}) || ${isNo(controllers)})`)
    .join(" && ");

const labels = { [MANAGED_BY_LABEL]: MANAGED_BY };
const apiVersion = "admissionregistration.k8s.io/v1";

/** The API server itself sets this label, to the namespace's name. */
const notInKubeSystem = {
  matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["kube-system"] }],
};

/** What the API server fills in; the whole of it is one field, and what is stored is what was written. */
const filledIn = { objectSelector: {}, matchPolicy: "Equivalent" } as const;

export function policy(parts: PolicyParts): ApiObject<V1ValidatingAdmissionPolicy> {
  const { name, rules, conditions, variables, expression, message, auditAnnotations } = parts;
  const { namespaceSelector = notInKubeSystem } = parts;
  const text = {
    message: message.text,
    ...(message.expression === undefined ? {} : { messageExpression: message.expression }),
  };
  return {
    apiVersion,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name, labels },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: { namespaceSelector, resourceRules: rules, ...filledIn },
      matchConditions: conditions,
      variables: [...variables],
      // Without a reason the answer is 422, and kubectl says that the object is invalid.
      validations: [{ expression, reason: "Forbidden", ...text }],
      ...(auditAnnotations === undefined ? {} : { auditAnnotations }),
    },
  };
}

export function binding(name: string, enforcement: Enforcement): ApiObject<V1ValidatingAdmissionPolicyBinding> {
  return {
    apiVersion,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name, labels },
    spec: { policyName: name, validationActions: enforcement === "enforce" ? ["Deny"] : ["Audit", "Warn"] },
  };
}
