// A live cluster without a server: uids, versions, field managers' 409s, the authorizer as its access control, Jobs that
// complete at once. It can die before any write.
import type { Cluster, WriteOptions } from "../../lib/kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../../lib/kubernetes/object.ts";
import type { AccessAttributes, UserInfo } from "../../lib/kubernetes/access.ts";
import { ApiError } from "../../lib/kubernetes/api-error.ts";
import { listIn, mergePatch, objectIn } from "../../lib/json.ts";
import { POLICIES_GROUP } from "../../lib/mirrord/resources.ts";
import { authorizer } from "../../lib/rbac/authorizer.ts";
import { typeRegistry } from "../../lib/kubernetes/type-registry.ts";
import { parseSelectorText, selects } from "../../lib/kubernetes/label-selector.ts";

export interface MemoryCluster extends Cluster {
  /** Every write that was stored, `create Kind namespace/name`. */
  writes: string[];
  objects(): KubernetesObject[];
  put(...objects: KubernetesObject[]): void;
  /** Called before each write; throws what the write fails with. */
  beforeWrite: (count: number, what: string) => void;
  /** Jobs stay as they are: no controller runs. */
  paused: boolean;
  /** The most requests that were under way at once. */
  peak(): number;
  now: () => number;
}

const nativeTypes = typeRegistry([], []);

const admin: UserInfo = { name: "admin", groups: ["system:masters", "system:authenticated"] };

/** An answer of the API server that is a failure. */
export function apiFailure(status: number, reason: string, message: string, details: object = {}): ApiError {
  return new ApiError("refused", status, JSON.stringify({ kind: "Status", reason, message, details, code: status }));
}

export function memoryCluster(...given: KubernetesObject[]): MemoryCluster {
  const stored = new Map<string, KubernetesObject>();
  let version = 0;
  let writes = 0;
  let flying = 0;
  let peak = 0;
  const key = (kind: string, namespace = "", name = "") => [kind, namespace, name].join("\0");
  const keyOf = ({ kind, metadata }: KubernetesObject) => key(kind, metadata.namespace, metadata.name);
  const stamp = (object: KubernetesObject, uid?: string): KubernetesObject => {
    version += 1;
    const metadata = {
      creationTimestamp: new Date(cluster.now()).toISOString(),
      ...object.metadata,
      uid: uid ?? `uid-${version}`,
      resourceVersion: String(version),
    };
    return complete({ ...object, metadata });
  };
  const complete = (object: KubernetesObject): KubernetesObject => {
    const spec = objectIn(object["spec"]);
    if (object.kind !== "Job" || cluster.paused || spec["managedBy"] !== undefined || object["status"] !== undefined)
      return object;
    const lastTransitionTime = new Date(cluster.now()).toISOString();
    return { ...object, status: { conditions: [{ type: "Complete", status: "True", lastTransitionTime }] } };
  };
  const request = async <Result>(act: () => Result): Promise<Result> => {
    flying += 1;
    peak = Math.max(peak, flying);
    try {
      await new Promise((resolve) => setImmediate(resolve));
      return act();
    } finally {
      flying -= 1;
    }
  };
  const write = (what: string, options: WriteOptions, store: () => void) => {
    if (options.dryRun === true) return;
    cluster.beforeWrite((writes += 1), what);
    store();
    cluster.writes.push(what);
  };

  const cluster: MemoryCluster = {
    place: "memory",
    namespace: "default",
    offline: false,
    writes: [],
    paused: false,
    peak: () => peak,
    now: () => Date.parse("2026-11-22T12:00:00Z"),
    objects: () => [...stored.values()],
    put: (...objects) => objects.forEach((object) => stored.set(keyOf(object), stamp(object))),
    beforeWrite: () => undefined,
    get: ({ kind }, name, namespace) => request(() => stored.get(key(kind, namespace, name))),
    async *list({ kind }, { namespace, labelSelector } = {}) {
      const selector = parseSelectorText(labelSelector ?? "");
      yield* await request(() =>
        [...stored.values()].filter(
          (object) =>
            object.kind === kind &&
            (namespace === undefined || object.metadata.namespace === namespace) &&
            selects(selector, object.metadata.labels ?? {}),
        ),
      );
    },
    async *watch() {},
    apply: (type, object, options = {}) =>
      request(() => {
        const before = stored.get(keyOf(object));
        const { uid, resourceVersion: wanted } = object.metadata;
        if (uid !== undefined && uid !== before?.metadata.uid)
          throw apiFailure(409, "Conflict", "uid mismatch: the provided object specified another uid");
        if (before !== undefined && wanted !== undefined && wanted !== before.metadata.resourceVersion) {
          throw apiFailure(
            409,
            "Conflict",
            "the object has been modified; please apply your changes to the latest version",
          );
        }
        if (before !== undefined && JSON.stringify(before["roleRef"]) !== JSON.stringify(object["roleRef"])) {
          throw apiFailure(422, "Invalid", "cannot change roleRef");
        }
        const { resourceVersion: _version, ...metadata } = object.metadata;
        const merged = stamp(
          {
            ...before,
            ...object,
            ...(before?.["spec"] === undefined
              ? {}
              : { spec: { ...objectIn(before["spec"]), ...objectIn(object["spec"]) } }),
            metadata: { ...before?.metadata, ...metadata },
          },
          before?.metadata.uid,
        );
        write(`${before === undefined ? "create" : "update"} ${displayName(type, object)}`, options, () =>
          stored.set(keyOf(object), merged),
        );
        return merged;
      }),
    create: (type, object, options = {}) =>
      request(() => {
        const name = object.metadata.name ?? `${object.metadata.generateName ?? ""}${version.toString(36)}`;
        if (stored.has(key(object.kind, object.metadata.namespace, name)))
          throw apiFailure(409, "AlreadyExists", `${name} already exists`);
        const made = stamp({ ...object, metadata: { ...object.metadata, name } });
        write(`create ${displayName(type, made)}`, options, () => stored.set(keyOf(made), made));
        return made;
      }),
    delete: ({ kind, ...type }, name, namespace, { uid, resourceVersion, ...options } = {}) =>
      request(() => {
        const found = stored.get(key(kind, namespace, name));
        if (found === undefined || (uid !== undefined && found.metadata.uid !== uid)) return false;
        if (resourceVersion !== undefined && resourceVersion !== found.metadata.resourceVersion)
          throw apiFailure(409, "Conflict", "the ResourceVersion in the precondition does not match");
        write(`delete ${displayName({ kind, ...type }, found)}`, options, () => {
          if (listIn(found.metadata["finalizers"]).length === 0) return void stored.delete(keyOf(found));
          const deletionTimestamp = new Date(cluster.now()).toISOString();
          const { uid: kept } = found.metadata;
          stored.set(keyOf(found), stamp({ ...found, metadata: { deletionTimestamp, ...found.metadata } }, kept));
        });
        return true;
      }),
    patch: (type, name, namespace, patch, options = {}) =>
      request(() => {
        const found = stored.get(key(type.kind, namespace, name));
        if (found === undefined) throw apiFailure(404, "NotFound", `${name} not found`);
        const { uid, resourceVersion } = objectIn(patch["metadata"]);
        if (uid !== undefined && uid !== found.metadata.uid)
          throw apiFailure(409, "Conflict", "Precondition failed: UID in precondition");
        if (resourceVersion !== undefined && resourceVersion !== found.metadata.resourceVersion)
          throw apiFailure(409, "Conflict", "the object has been modified");
        const merged = stamp(mergePatch(found, patch), found.metadata.uid);
        write(`patch ${displayName(type, found)}`, options, () => {
          const goes =
            merged.metadata.deletionTimestamp !== undefined && listIn(merged.metadata["finalizers"]).length === 0;
          if (goes) stored.delete(keyOf(found));
          else stored.set(keyOf(found), merged);
        });
        return merged;
      }),
    serverTime: () => cluster.now(),
    review: (questions: readonly AccessAttributes[], user = admin) =>
      request(() => {
        const engine = authorizer([...stored.values()]);
        return questions.map((question) => engine.explain({ user, ...question }));
      }),
    identity: async () => admin,
    // As if a kind came with its first object: what is not about policies does not meet them.
    discover: async (group: string) =>
      group !== POLICIES_GROUP || [...stored.values()].some(({ apiVersion }) => apiVersion.startsWith(group))
        ? nativeTypes.inGroup(group)
        : undefined,
    groups: async () => nativeTypes.groups(),
    close: () => {},
  };
  // A copy of another cluster keeps what refers to what.
  for (const object of given) stored.set(keyOf(object), stamp(object, object.metadata.uid));
  return cluster;
}

function displayName({ kind }: ResourceType, { metadata: { namespace, name = "" } }: KubernetesObject): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** From now on, when a list of that kind has been answered, this happens: somebody writes between two lists of one reading. */
export function afterListing(cluster: MemoryCluster, kind: string, happens: () => void): void {
  const { list } = cluster;
  cluster.list = (type, query) => {
    const pages = list(type, query);
    if (type.kind !== kind) return pages;
    return (async function* () {
      yield* pages;
      happens();
    })();
  };
}
