import { isDeepStrictEqual } from "node:util";
import { isJsonObject, listIn, objectIn, textIn, type JsonObject } from "../../json.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { AccessAttributes, ResourceAttributes } from "../../kubernetes/access.ts";
import type { KubernetesObject, ResourceType } from "../../kubernetes/object.ts";
import { finding, type InstallationFinding } from "../installation-rules.ts";

/** Admission policies that belong together, and what shows that they hold. */
export interface PolicySet {
  /** As people name it: `secure defaults`. */
  name: string;
  policies: readonly KubernetesObject[];
  /** Of the same names. */
  bindings: readonly KubernetesObject[];
  probes: readonly Probe[];
  /** What to do about a policy that only warns. */
  toEnforce: string;
}

/** Something that a policy has to refuse. */
export interface Probe {
  /** As people name it: `a pod with hostPID`. */
  what: string;
  policy: string;
  type: ResourceType;
  /** Tries it, in this namespace and as whom the cluster is connected as: in a dry run, and throws what the API server says. */
  attempt: (as: Cluster, namespace: string) => Promise<unknown>;
  /** The one namespace in which it can be tried; left out, any. */
  only?: string;
  /** With it RBAC lets the request through to the policy; the namespace is left out. */
  right: ResourceAttributes;
  /** Who may do one of these is an administrator or exempt: what they try proves nothing. */
  exempting: (namespace: string) => readonly AccessAttributes[];
}

/** The attempt to create something. */
export function creating(type: ResourceType, object: (namespace: string) => KubernetesObject): Probe["attempt"] {
  return (as, namespace) => as.create(type, object(namespace), { dryRun: true });
}

/** What is stored under a policy's name; undefined: nothing. */
export interface StoredPolicy {
  policy: KubernetesObject | undefined;
  binding: KubernetesObject | undefined;
}

/** Pure. Compares what is stored with what was installed, and reads the API server's own type check. */
export function policyFindings(
  { policies, bindings }: Pick<PolicySet, "policies" | "bindings">,
  stored: ReadonlyMap<string, StoredPolicy>,
): InstallationFinding[] {
  return policies.flatMap((wanted) => {
    const name = wanted.metadata.name ?? "";
    const { policy, binding } = stored.get(name) ?? { policy: undefined, binding: undefined };
    const wantedBinding = bindings.find(({ metadata }) => metadata.name === name);
    return [
      ...changed(wanted, policy),
      ...(wantedBinding === undefined ? [] : changed(wantedBinding, binding)),
      ...(policy === undefined ? [] : unsound(policy)),
    ];
  });
}

const FIX = "Run kubectl mirrord install with the flags that installed it, which writes it anew.";

function changed(wanted: KubernetesObject, stored: KubernetesObject | undefined): InstallationFinding[] {
  const { kind, metadata } = wanted;
  const subject = { kind, name: metadata.name ?? "" };
  if (stored === undefined) return [finding("policy-changed", subject, "It is not there.", FIX)];
  if (stored.metadata.deletionTimestamp !== undefined)
    return [finding("policy-changed", subject, "It is being deleted.", FIX)];
  const [want, have] = [wanted, stored].map((object) => objectIn(withoutDefaults(objectIn(object["spec"]))));
  const fields = [...new Set([...Object.keys(want ?? {}), ...Object.keys(have ?? {})])];
  const different = fields.filter((field) => !isDeepStrictEqual(want?.[field], have?.[field]));
  if (different.length === 0) return [];
  return [finding("policy-changed", subject, `Not as it is installed: spec.${different.join(", spec.")}.`, FIX)];
}

/** What the API server fills in. Source: admissionregistration/v1 defaults. */
const defaults: Readonly<JsonObject> = { matchPolicy: "Equivalent", scope: "*", parameterNotFoundAction: "Allow" };

function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withoutDefaults(inner)] as const);
  return Object.fromEntries(entries.filter(([key, inner]) => inner !== defaults[key] && !isEmpty(inner)));
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);

function unsound(policy: KubernetesObject): InstallationFinding[] {
  const { expressionWarnings } = objectIn(objectIn(policy["status"])["typeChecking"]);
  const warnings = listIn(expressionWarnings).map((one) => textIn(objectIn(one)["warning"]).split("\n")[0] ?? "");
  const subject = { kind: policy.kind, name: policy.metadata.name ?? "" };
  return warnings.length === 0
    ? []
    : [finding("policy-unsound", subject, `The API server says: ${warnings.join("; ")}`, FIX)];
}

/** Whether a policy refuses; else it only warns. */
export function denies(binding: KubernetesObject | undefined): boolean {
  return listIn(objectIn(binding?.["spec"])["validationActions"]).includes("Deny");
}
