import { withDefaultSignals } from "../../computing.ts";
import { ApiError, isConflict, isNotFound } from "../../kubernetes/api-error.ts";
import type { Cluster, DeleteOptions, WriteOptions } from "../cluster.ts";
import { FIELD_MANAGER } from "../../kubernetes/field-manager.ts";
import type { KubernetesObject, ResourceType } from "../../kubernetes/object.ts";
import type { ConnectionConfig, ConnectionFlags } from "../config/connection-config.ts";
import { createCredentials } from "../credentials/credentials.ts";
import { discover, groups } from "./discovery.ts";
import { readFile, workingFolder, type Machine } from "../config/files.ts";
import { identity, type Caller } from "./identity.ts";
import { resolveConnection } from "../config/kubeconfig.ts";
import { pagedList } from "../../kubernetes/object-list.ts";
import { namedObjectFrom, objectFrom } from "./answered-object.ts";
import { pages } from "./pages.ts";
import { podAccess } from "./pods.ts";
import { provenImpersonation } from "./proven-impersonation.ts";
import { query, resourcePath } from "./resource-path.ts";
import { review } from "./review.ts";
import { createTransport, type Transport } from "../http/transport.ts";

/** What a live cluster may use of the world. */
export interface LiveContext {
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  warn(text: string): void;
  /** A line per request; left out, nothing is logged. */
  log?: (line: string) => void;
}

/**
 * The cluster that kubectl would talk to with the same flags, environment and files. Nothing is sent yet.
 * @throws UserError "usage" in kubectl's words when the configuration cannot be used
 */
export async function connectCluster(flags: ConnectionFlags, context: LiveContext): Promise<Cluster> {
  const machine: Machine = {
    env: context.env,
    platform: process.platform,
    cwd: workingFolder(),
    readFile: (path) => readFile(path).toString("utf8"),
  };
  const config = withDefaultSignals(() => resolveConnection(flags, machine));
  const credentials = await createCredentials(config, {
    machine,
    kuberc: flags.kuberc,
    unattended: flags.unattended,
    signal: context.signal,
    warn: (text) => context.warn(text),
  });
  const transport = provenImpersonation(createTransport(config, credentials, context), config.impersonate);
  const caller = { impersonate: config.impersonate, credential: () => credentials.current() };
  return { ...liveCluster(config, transport, caller), pods: podAccess(config, credentials, transport, context) };
}

function liveCluster(config: ConnectionConfig, transport: Transport, caller: Caller): Cluster {
  return {
    place: config.context === "" ? config.server : `context "${config.context}" (${config.server})`,
    namespace: config.namespace,
    offline: false,
    get: (type, name, namespace) => get(transport, type, name, namespace),
    list: (type, options = {}) => pagedList(() => pages(transport, type, options)),
    async *watch(type, options, signal) {
      const { watch } = await import("./watch.ts");
      yield* watch(transport, type, options, signal);
    },
    apply: (type, object, options) => apply(transport, type, object, options),
    patch: async (type, name, namespace, body, options = {}) =>
      namedObjectFrom(
        await transport.json({
          method: "PATCH",
          path: resourcePath(type, namespace, name) + query(writeParameters(options)),
          contentType: "application/merge-patch+json",
          body,
        }),
        type,
        { name, namespace },
      ),
    create: (type, object, options) => create(transport, type, object, options),
    delete: (type, name, namespace, options) => remove(transport, type, name, namespace, options),
    review: (questions, user, via) => review(transport, questions, user, via),
    serverTime: () => transport.serverTime(),
    identity: () => identity(transport, caller),
    discover: (group, version) => discover(transport, group, version),
    groups: () => groups(transport),
    close: () => transport.close(),
  };
}

async function get(
  transport: Transport,
  type: ResourceType,
  name: string,
  namespace: string | undefined,
): Promise<KubernetesObject | undefined> {
  if (name === "") return undefined;
  try {
    const path = resourcePath(type, namespace, name);
    return namedObjectFrom(await transport.json({ method: "GET", path }), type, { name, namespace });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

const writeParameters = ({ dryRun }: WriteOptions): Record<string, string | undefined> => ({
  fieldManager: FIELD_MANAGER,
  fieldValidation: "Strict",
  dryRun: dryRun === true ? "All" : undefined,
});

const applyParameters = (options: WriteOptions): Record<string, string | undefined> => ({
  ...writeParameters(options),
  force: options.force === true ? "true" : undefined,
});

async function apply(
  transport: Transport,
  type: ResourceType,
  object: KubernetesObject,
  options: WriteOptions = {},
): Promise<KubernetesObject> {
  const { name = "", namespace } = object.metadata;
  return namedObjectFrom(
    await transport.json({
      method: "PATCH",
      path: resourcePath(type, namespace, name) + query(applyParameters(options)),
      contentType: "application/apply-patch+yaml",
      body: withoutServerFields(object),
    }),
    type,
    { name, namespace },
  );
}

/** An object as it was read may be applied again: what only the server may write would be refused. */
function withoutServerFields(object: KubernetesObject): KubernetesObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

async function create(
  transport: Transport,
  type: ResourceType,
  object: KubernetesObject,
  options: WriteOptions = {},
): Promise<KubernetesObject> {
  const path = resourcePath(type, object.metadata.namespace) + query(writeParameters(options));
  return objectFrom(await transport.json({ method: "POST", path, body: object }), type);
}

async function remove(
  transport: Transport,
  type: ResourceType,
  name: string,
  namespace: string | undefined,
  { uid, resourceVersion, dryRun }: DeleteOptions = {},
): Promise<boolean> {
  const body = {
    apiVersion: "meta.k8s.io/v1",
    kind: "DeleteOptions",
    propagationPolicy: "Background",
    ...(uid === undefined && resourceVersion === undefined ? {} : { preconditions: { uid, resourceVersion } }),
    ...(dryRun === true ? { dryRun: ["All"] } : {}),
  };
  try {
    await transport.json({ method: "DELETE", path: resourcePath(type, namespace, name), body });
    return true;
  } catch (error) {
    if (isNotFound(error) || (uid !== undefined && isUidConflict(error))) return false;
    throw error;
  }
}

/** Sources: apiserver pkg/storage/interfaces.go, pkg/registry/rest/delete.go. Other conflicts are a concurrent change. */
function isUidConflict(error: unknown): boolean {
  return isConflict(error) && error instanceof ApiError && /UID in (the )?precondition/.test(error.detail);
}
