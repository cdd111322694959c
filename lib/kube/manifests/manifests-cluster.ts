import { UserError } from "../../errors.ts";
import { millisecondsOf } from "../../text/instant.ts";
import { authorizer } from "../../rbac/authorizer.ts";
import { stockRbac } from "../../rbac/write/stock.ts";
import type { Cluster, ReviewAnswer, WatchEvent } from "../cluster.ts";
import type { KubernetesObject, ResourceType } from "../../kubernetes/object.ts";
import type { AccessAttributes, UserInfo } from "../../kubernetes/access.ts";
import { openStore, type Store } from "./store.ts";

export interface ManifestsOptions {
  /** Folders, files, or `-`. */
  paths: readonly string[];
  /** The namespace to use when none was named. */
  namespace?: string;
  warn: (text: string) => void;
  now?: () => number;
}

/** On the binding that carries a grant, when it ends; and on all objects of the grant, which one they belong to. */
const EXPIRES_AT = "kubectl-mirrord.io/expires-at";
const INTENT = "kubectl-mirrord.io/intent";
const GRANT = "kubectl-mirrord.io/grant";

/**
 * A folder of manifests as a cluster: reads answer from it, our authorizer answers reviews, writes go back into its files.
 * The caller is an administrator. Stock roles and bindings of a cluster are there unless the folder brings its own.
 */
export function manifestsCluster({ paths, namespace = "default", warn, now = Date.now }: ManifestsOptions): Cluster {
  const store = openStore({ paths, stock: stockRbac(), warn });
  return {
    place: `manifests in ${paths.join(", ")}`,
    namespace,
    offline: true,
    get: async (type, name, inNamespace) => store.get(type, name, inNamespace) ?? impliedNamespace(store, type, name),
    async *list(type, options = {}) {
      yield* store.list(type, options);
    },
    async *watch(type, options, signal): AsyncIterable<WatchEvent> {
      for (const object of store.list(type, options)) yield { type: "ADDED", object };
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    },
    apply: async (type, object, options) => store.put(type, object, options?.dryRun === true),
    create: async (type, object, options) => store.put(type, named(object), options?.dryRun === true),
    delete: async (type, name, inNamespace, options) => store.remove(type, name, inNamespace, options?.dryRun === true),
    review: async (questions, user) => review(standing(store.all(), now()), questions, user ?? administrator),
    identity: async () => administrator,
    discover: async (group, version) => {
      const types = store.types(group, version);
      return types.length === 0 ? undefined : types;
    },
    close: () => {},
  };
}

const administrator: UserInfo = {
  name: "manifests-administrator",
  groups: ["system:masters", "system:authenticated"],
};

/** Nothing ends a grant in a folder, so one that is over counts as gone when somebody asks what is allowed. */
function standing(objects: readonly KubernetesObject[], now: number): KubernetesObject[] {
  const over = new Set<string | undefined>();
  for (const { kind, metadata } of objects) {
    // Only the binding that carries the intent says when a grant ends.
    if (kind !== "ClusterRoleBinding" || metadata.annotations?.[INTENT] === undefined) continue;
    const end = millisecondsOf(metadata.annotations?.[EXPIRES_AT]);
    if (end !== undefined && end <= now) over.add(metadata.labels?.[GRANT]);
  }
  return objects.filter(({ metadata }) => metadata.labels?.[GRANT] === undefined || !over.has(metadata.labels[GRANT]));
}

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
  throw new UserError("usage", "a file cannot hold an object whose name the server makes up (generateName)");
}
