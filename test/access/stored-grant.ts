import { anchorJob } from "../../lib/access/anchor.ts";
import { grantId, type Intent } from "../../lib/access/intent.ts";
import { annotations, GRANT_LABEL } from "../../lib/access/names.ts";
import { grantObjects } from "../../lib/access/objects.ts";
import { outlineGrant } from "../../lib/access/outline.ts";
import type { LimitedTarget } from "../../lib/access/roles.ts";
import type { RbacSubject } from "../../lib/access/subject.ts";
import { storedGrants, type StoredGrant, type StoredObject } from "../../lib/access/stored.ts";
import { objectIn } from "../../lib/json.ts";
import type { KubernetesObject, OwnerReference } from "../../lib/kubernetes/object.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { provenance } from "./grant.ts";

export const now = Date.parse("2026-01-02T04:00:00Z");
export const end = now + 3_600_000;
const expiresAt = new Date(end).toISOString().replace(".000Z", "Z");

/** The objects of the grant as a live cluster has them after it was made: uids, owners, anchors that are complete. */
export function storedParts(
  intent: Intent,
  limits?: ReadonlyMap<string, LimitedTarget[]>,
  /** Of a team. */
  members?: readonly RbacSubject[],
): { objects: StoredObject[]; roles: Map<string, KubernetesObject> } {
  const temporary = intent.temporary === true;
  const notes = temporary ? { ...provenance, expiresAt } : provenance;
  const parts = grantObjects(outlineGrant(intent, members), notes, limits);
  const main = parts.find(({ part }) => part === "main")?.object.metadata.name ?? "";
  const anchors = temporary && intent.set.kind === "namespaces" ? intent.set.namespaces : [];
  const objects = parts
    .filter(({ part }) => part !== "role")
    .map(({ type, object, part }): StoredObject => {
      const { name = "", namespace = "" } = object.metadata;
      const owner = anchors.includes(namespace) ? jobReference(namespace) : mainReference(main);
      const ownerReferences = part === "main" ? {} : { ownerReferences: [owner] };
      return { type, object: { ...object, metadata: { ...object.metadata, uid: `uid-${name}`, ...ownerReferences } } };
    });
  const roles = parts.filter(({ part }) => part === "role").map(({ object }) => object);
  return {
    objects: [...objects, ...anchors.map((namespace) => anchor(intent, namespace, mainReference(main)))],
    roles: new Map(roles.map((role) => [role.metadata.name ?? "", role])),
  };
}

const mainReference = (name: string): OwnerReference => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRoleBinding",
  name,
  uid: `uid-${name}`,
});
const anchorName = (namespace: string) => `mirrord-anchor-${namespace}`;
const jobReference = (namespace: string): OwnerReference => ({
  apiVersion: "batch/v1",
  kind: "Job",
  name: anchorName(namespace),
  uid: `uid-anchor-${namespace}`,
});

function anchor(intent: Intent, namespace: string, owner: OwnerReference): StoredObject {
  const labels = { [GRANT_LABEL]: grantId(intent) };
  const job = anchorJob({ slug: "x", namespace, labels, ttlSeconds: 3600, expiresAt });
  const { generateName: _made, ...metadata } = job.metadata;
  const conditions = [{ type: "Complete", status: "True", lastTransitionTime: "2026-01-02T04:00:00Z" }];
  const name = anchorName(namespace);
  const object = {
    ...job,
    metadata: { ...metadata, name, uid: `uid-anchor-${namespace}`, ownerReferences: [owner] },
    status: { conditions },
  };
  return { type: nativeResources.jobs, object };
}

/** The grant of these objects, as it is read back. */
export function storedGrant(objects: readonly StoredObject[]): StoredGrant {
  // What kubectl-mirrord did not name is not ours without this label.
  const ours = objects.map(({ type, object }) => ({
    type,
    object: {
      ...object,
      metadata: {
        ...object.metadata,
        labels: { ...object.metadata.labels, "app.kubernetes.io/managed-by": "kubectl-mirrord" },
      },
    },
  }));
  const [grant] = storedGrants(ours);
  if (grant === undefined) throw new Error("no grant");
  return grant;
}

/** The stored objects, those that match changed, those that become undefined gone. */
export function changed(
  objects: readonly StoredObject[],
  matches: (item: StoredObject) => boolean,
  change: (object: KubernetesObject) => KubernetesObject | undefined,
): StoredObject[] {
  return objects.flatMap((item) => {
    if (!matches(item)) return [item];
    const object = change(item.object);
    return object === undefined ? [] : [{ type: item.type, object }];
  });
}

export const withSpec = (object: KubernetesObject, spec: object): KubernetesObject => ({
  ...object,
  spec: { ...objectIn(object["spec"]), ...spec },
});

export const carriesIntent = ({ object }: StoredObject): boolean =>
  object.metadata.annotations?.[annotations.intent] !== undefined;
