import { isObject, listAt, objectAt, textAt, textMap } from "./json.ts";
import type { JsonObject } from "./json.ts";
import type { Kube } from "./kube.ts";
import { Refusal } from "./status.ts";

/** A MirrordPolicy or MirrordClusterPolicy, as much of it as the stand-in enforces. */
export interface Policy {
  name: string;
  /** Undefined: no path is asked for. */
  targetPath: string | undefined;
  selector: JsonObject | undefined;
  block: ReadonlySet<string>;
  headerFilter: string | undefined;
  requireProfile: boolean;
  profileAllowlist: readonly string[] | undefined;
  appliesToCopyTargets: boolean;
}

/** What is targeted, in the policies' terms. */
export interface PolicyTarget {
  /** `deploy/web/container/app`. */
  path: string;
  /** Of the targeted object; for a label target of each pod that it selects. */
  labels: readonly Record<string, string>[];
  /** Whether a copy of it is used. */
  copied: boolean;
}

const policyGroup = "/apis/policies.mirrord.metalbear.co/v1alpha";

/** Those of the namespace first, then those of the cluster; none while the CRDs are not installed. */
export async function readPolicies(kube: Kube, namespace: string): Promise<Policy[]> {
  const paths = [
    `${policyGroup}/namespaces/${encodeURIComponent(namespace)}/mirrordpolicies`,
    `${policyGroup}/mirrordclusterpolicies`,
  ];
  const lists = await Promise.all(paths.map((path) => readList(kube, path)));
  return lists.flat();
}

async function readList(kube: Kube, path: string): Promise<Policy[]> {
  const { code, body } = await kube.get(path);
  if (code === 404) return [];
  if (code !== 200) {
    throw new Refusal(500, "InternalError", `could not read policies: ${path} answered ${code}`);
  }
  return listAt(body, "items").map(parsePolicy);
}

/** Reads one object; fields of the wrong type count as unset, as the CRD's schema would not have let them in. */
export function parsePolicy(object: unknown): Policy {
  const spec = objectAt(object, "spec");
  const allowlist = spec["profileAllowlist"];
  return {
    name: textAt(objectAt(object, "metadata"), "name") ?? "",
    targetPath: textAt(spec, "targetPath"),
    selector: isObject(spec["selector"]) ? spec["selector"] : undefined,
    block: new Set(listAt(spec, "block").map(String)),
    headerFilter: textAt(objectAt(spec, "network", "incoming", "httpFilter"), "headerFilter"),
    requireProfile: spec["requireProfile"] === true,
    profileAllowlist: Array.isArray(allowlist) ? allowlist.map(String) : undefined,
    appliesToCopyTargets: spec["appliesToCopyTargets"] === true,
  };
}

/** Those that bind a session on this target: every one of them counts, and none can exempt from another. */
export function bindingPolicies(policies: readonly Policy[], target: PolicyTarget): Policy[] {
  return selectingPolicies(policies, target).filter(
    ({ appliesToCopyTargets }) => !target.copied || appliesToCopyTargets,
  );
}

/** The first that forbids scaling the original down; holds for copies whatever `appliesToCopyTargets` says. */
export function scaleDownBlocker(policies: readonly Policy[], target: PolicyTarget): Policy | undefined {
  return selectingPolicies(policies, target).find(({ block }) => block.has("copy-target-scale-down"));
}

function selectingPolicies(policies: readonly Policy[], target: PolicyTarget): Policy[] {
  return policies.filter(
    ({ targetPath, selector }) =>
      (targetPath === undefined || matchesGlob(targetPath, target.path)) &&
      (selector === undefined || target.labels.some((labels) => matchesSelector(selector, labels))),
  );
}

/** `*` any number of characters, slashes included; `?` exactly one. Linear in both lengths times stars. */
export function matchesGlob(glob: string, text: string): boolean {
  let [at, position, star, retry] = [0, 0, -1, 0];
  while (position < text.length) {
    if (glob[at] === "*") {
      [star, retry] = [at, position];
      at += 1;
    } else if (at < glob.length && (glob[at] === "?" || glob[at] === text[position])) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      retry += 1;
      [at, position] = [star + 1, retry];
    } else return false;
  }
  return /^\**$/.test(glob.slice(at));
}

/** A Kubernetes label selector; an empty one matches everything. */
export function matchesSelector(selector: JsonObject, labels: Record<string, string>): boolean {
  const wanted = Object.entries(textMap(selector["matchLabels"]));
  return (
    wanted.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value) &&
    listAt(selector, "matchExpressions").every((expression) => matchesExpression(expression, labels))
  );
}

function matchesExpression(expression: unknown, labels: Record<string, string>): boolean {
  const key = textAt(expression, "key") ?? "";
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  const isOneOf = value !== undefined && listAt(expression, "values").includes(value);
  switch (textAt(expression, "operator")) {
    case "In":
      return isOneOf;
    case "NotIn":
      return !isOneOf;
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return false;
  }
}
