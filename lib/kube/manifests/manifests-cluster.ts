import { usageError } from "../../errors.ts";
import { authorizer } from "../../rbac/authorizer.ts";
import { withImpliedGroups } from "../../rbac/decide/implied-groups.ts";
import { stockRbac } from "../../rbac/write/stock.ts";
import { mergePatch } from "../../json.ts";
import type { Cluster, ReviewAnswer, WatchEvent } from "../cluster.ts";
import type { KubernetesObject, ResourceType } from "../../kubernetes/object.ts";
import type { AccessAttributes, UserInfo } from "../../kubernetes/access.ts";
import { openStore, type Store } from "./store.ts";

export interface ManifestsOptions {
  /** Folders, files, or `-`. */
  paths: readonly string[];
  /** Globs of files and folders that are left out. */
  exclude?: readonly string[] | undefined;
  /** The namespace to use when none was named. */
  namespace?: string;
  /** Who is asked for, by --as; left out, an administrator. */
  user?: UserInfo;
  warn: (text: string) => void;
  now?: () => number;
  custom?: CustomKinds;
}

/** What a folder cannot know by itself. */
export interface CustomKinds {
  /** Kinds that it serves besides Kubernetes' own and those that the CustomResourceDefinitions in it declare. */
  types: readonly ResourceType[];
  /** The objects that still count when somebody asks what is allowed: nothing in a folder takes away what has ended. */
  inForce(objects: readonly KubernetesObject[], now: number): readonly KubernetesObject[];
}

/**
 * A folder of manifests as a cluster: reads answer from it, our authorizer answers reviews, writes go back into its files.
 * The caller is an administrator unless `user` says otherwise. Stock roles and bindings of a cluster are there unless the folder brings its own.
 */
export function manifestsCluster({
  paths,
  exclude,
  namespace = "default",
  user: caller = administrator,
  warn,
  now = Date.now,
  custom: { types, inForce } = { types: [], inForce: (objects) => objects },
}: ManifestsOptions): Cluster {
  const store = openStore({ paths, exclude, stock: stockRbac(), types, warn });
  return {
    place: `manifests in ${paths.join(", ")}`,
    namespace,
    offline: true,
    places: store.places,
    get: async (type, name, inNamespace) => store.get(type, name, inNamespace) ?? impliedNamespace(store, type, name),
    async *list(type, options = {}) {
      yield* store.list(type, options);
    },
    async *watch(type, options, signal): AsyncIterable<WatchEvent> {
      for (const object of store.list(type, options)) yield { type: "ADDED", object };
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    },
    apply: async (type, object, options) => store.put(type, object, options?.dryRun === true),
    async patch(type, name, inNamespace, body, options) {
      const dryRun = options?.dryRun === true;
      const isStored = store.get(type, name, inNamespace) !== undefined;
      const implied = isStored ? undefined : impliedNamespace(store, type, name);
      if (implied !== undefined) return await store.put(type, mergePatch(implied, body), dryRun);
      return await store.patch(type, { name, namespace: inNamespace }, body, dryRun);
    },
    create: async (type, object, options) => store.put(type, named(object), options?.dryRun === true),
    delete: async (type, name, inNamespace, options) => store.remove(type, name, inNamespace, options?.dryRun === true),
    review: async (questions, user) =>
      review(inForce(store.all(), now()), questions, user ?? withImpliedGroups(caller)),
    identity: async () => withImpliedGroups(caller),
    discover: async (group, version) => {
      const served = store.types(group, version);
      return served.length === 0 ? undefined : served;
    },
    groups: async () => store.groups(),
    close: () => {},
  };
}

const administrator: UserInfo = {
  name: "manifests-administrator",
  groups: ["system:masters", "system:authenticated"],
};

function review(
  objects: readonly KubernetesObject[],
  questions: readonly AccessAttributes[],
  user: UserInfo,
): ReviewAnswer[] {
  const engine = authorizer(objects);
  return questions.map((question) => {
    const { answer, reason } = engine.explain({ user, ...question });
    return { answer, reason };
  });
}

// A namespace exists as soon as something is in it: folders seldom hold the Namespace object itself.
function impliedNamespace(store: Store, type: ResourceType, name: string): KubernetesObject | undefined {
  if (type.group !== "" || type.resource !== "namespaces") return undefined;
  if (name !== "default" && !store.inUse(name)) return undefined;
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { "kubernetes.io/metadata.name": name } },
  };
}

// A folder has nobody to make up the rest of a name, and a made-up one would differ on every run.
function named(object: KubernetesObject): KubernetesObject {
  if (object.metadata.name !== undefined) return object;
  throw usageError("a file cannot hold an object whose name the server makes up (generateName)");
}
