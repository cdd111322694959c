import { isDeepStrictEqual } from "node:util";
import { objectIn } from "../../json.ts";
import type { Plan } from "../../kube/cluster.ts";
import { adopted, adoption, isHelm } from "../../kubernetes/adoption.ts";
import { describeObject, type KubernetesObject } from "../../kubernetes/object.ts";
import { objectKey } from "../../kubernetes/object-key.ts";
import { inOrder, plan, type Stored } from "../../kubernetes/plan.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import type { CurrentState } from "./current.ts";
import { refuseOldVersions, refuseTerminating } from "./faults.ts";
import { secretReferences, withSameDigest, withSecretsDigest } from "./restart.ts";
import type { TypedObject } from "./typed-objects.ts";
import { secretAsStored, wantedObjects } from "./wanted.ts";

export interface InstallPlanOptions {
  /** Objects of a Helm release that are taken over; and what goes last, because Helm would remove all that it lists. */
  helm?: { surplus: readonly Stored[]; releases: readonly Stored[] } | undefined;
  /** What others manage is taken over where it differs. */
  forceConflicts?: boolean;
}

/**
 * What has to change for an installation. Objects that this command installed earlier and that are not wanted any more go last.
 * @throws UserError "refused" for what the server would refuse in the middle
 */
export function installPlan(
  objects: readonly TypedObject[],
  { stored, installed, secrets }: CurrentState,
  { helm, forceConflicts = false }: InstallPlanOptions = {},
): { plan: Plan; warnings: string[]; notes: string[] } {
  const current = stored.map(({ object }) => object);
  refuseTerminating(current);
  refuseOldVersions(
    objects.map(({ object }) => object),
    current,
  );
  const adoptions = new Map(
    helm === undefined
      ? []
      : stored.map(({ type, object }) => [objectKey(type, object.metadata), adoption(object, isHelm)]),
  );
  const wanted = wantedObjects(withDigests(objects, stored, secrets), "operator").map((item) =>
    forceConflicts ? { ...item, force: true as const } : item,
  );
  const before = stored.map(({ type, object }) => ({
    type,
    object: adopted(object, adoptions.get(objectKey(type, object.metadata))),
  }));
  // A Secret that was written here and is only referred to now is still needed.
  const known = new Set([
    ...stored.map(({ type, object }) => objectKey(type, object.metadata)),
    ...secrets.map(({ reference }) => objectKey(nativeResources.secrets, reference)),
  ]);
  const surplus = [...installed.objects, ...(helm?.surplus ?? [])].filter(({ type, object }) => {
    const key = objectKey(type, object.metadata);
    return !known.has(key) && known.add(key);
  });
  const changes = plan([...before, ...surplus], wanted).map((change) => {
    const adopts = adoptions.get(objectKey(change.type, change.object.metadata));
    return adopts === undefined ? change : { ...change, action: "update" as const, adopts };
  });
  const releases = plan(helm?.releases ?? [], []);
  return {
    // With Helm's record still there, `helm uninstall` would remove all of it.
    plan: [...inOrder(changes), ...releases],
    warnings: missingSecrets(secrets),
    notes: [
      ...installed.unreadable.map(
        ({ resource }) => `${resource} could not be listed: what is not wanted of them any more stays`,
      ),
      ...(replacesPods(changes)
        ? ["the operator's pods are replaced, and running sessions have to connect again"]
        : []),
    ],
  };
}

/** Every Deployment with the digest of what its pods read. */
function withDigests(
  objects: readonly TypedObject[],
  stored: readonly Stored[],
  others: CurrentState["secrets"],
): TypedObject[] {
  const own = objects.flatMap(({ object }) => (object.kind === "Secret" ? [secretAsStored(object)] : []));
  return objects.map(({ type, object }) => {
    if (object.kind !== "Deployment") return { type, object };
    const references = secretReferences(object);
    if (references.length === 0) return { type, object };
    const key = objectKey(type, object.metadata);
    const current = stored.find((one) => objectKey(one.type, one.object.metadata) === key)?.object;
    const reads = others.filter(({ reference }) => references.some((one) => isSame(one, reference)));
    if (reads.some(({ read }) => read.failed)) return { type, object: withSameDigest(object, current) };
    const found = [
      ...own.filter(({ metadata: { name, namespace } }) => references.some((one) => isSame(one, { name, namespace }))),
      ...reads.flatMap(({ read }) => (read.failed || read.value === undefined ? [] : [read.value])),
    ];
    return { type, object: found.length === 0 ? withSameDigest(object, current) : withSecretsDigest(object, found) };
  });
}

const isSame = (
  one: { name?: string | undefined; namespace?: string | undefined },
  other: { name?: string | undefined; namespace?: string | undefined },
) => one.name === other.name && one.namespace === other.namespace;

/** The rights that the operator gets are the same, but its pods do not start. */
function missingSecrets(secrets: CurrentState["secrets"]): string[] {
  return secrets.flatMap(({ reference: { namespace, name, keys }, read }) => {
    if (read.failed) return [];
    const what = describeObject({ type: nativeResources.secrets, object: secretNamed(name, namespace) });
    if (read.value === undefined) return [`there is no ${what}: the operator's pods wait for it`];
    const data = objectIn(read.value["data"]);
    const missing = keys.filter((key) => !(key in data));
    return missing.length === 0 ? [] : [`${what} has no key ${missing.join(", ")}, which the operator needs`];
  });
}

const secretNamed = (name: string, namespace: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace },
});

function replacesPods(changes: Plan): boolean {
  return changes.some(
    ({ action, type, current, merged }) =>
      type.kind === "Deployment" &&
      action === "update" &&
      !isDeepStrictEqual(objectIn(current?.["spec"])["template"], objectIn(merged?.["spec"])["template"]),
  );
}
