import type { Identity } from "./identity.ts";
import type { Kube } from "./kube.ts";
import { forbidden } from "./status.ts";
import { kindFacts } from "./target.ts";
import type { Target } from "./target.ts";

interface ResourceAttributes {
  verb: string;
  group: string;
  resource: string;
  namespace: string;
  name?: string;
}

/**
 * The check that the operator makes itself: may this user, by native RBAC, read what is to be impersonated? Throws a
 * Refusal: 403 when not, 500 when it could not be asked.
 * Source: mirrord security pages, "get" on the workload, "get" on the namespace for targetless, "list pods" for labels.
 */
export async function checkNativeAccess(
  kube: Kube,
  identity: Identity,
  namespace: string,
  target: Target,
): Promise<void> {
  const attributes = nativeAttributes(target, namespace);
  const allowed = await kube.review({
    user: identity.name,
    groups: identity.groups,
    ...(identity.uid === undefined ? {} : { uid: identity.uid }),
    extra: identity.extra,
    resourceAttributes: attributes,
  });
  if (!allowed) throw refusal(identity, attributes);
}

function nativeAttributes(target: Target, namespace: string): ResourceAttributes {
  if (target.kind === "targetless") {
    return { verb: "get", group: "", resource: "namespaces", namespace, name: namespace };
  }
  if (target.kind === "label") return { verb: "list", group: "", resource: "pods", namespace };
  const { group, resource } = kindFacts(target.kind);
  return { verb: "get", group, resource, namespace, name: target.name };
}

function refusal(identity: Identity, { verb, group, resource, namespace, name }: ResourceAttributes) {
  const qualified = group === "" ? resource : `${resource}.${group}`;
  const named = name === undefined ? qualified : `${qualified} ${JSON.stringify(name)}`;
  return forbidden(
    `${named} is forbidden: User ${JSON.stringify(identity.name)} cannot ${verb} resource ` +
      `${JSON.stringify(resource)} in API group ${JSON.stringify(group)} in the namespace ${JSON.stringify(namespace)}`,
    { ...(name === undefined ? {} : { name }), ...(group === "" ? {} : { group }), kind: resource },
  );
}
