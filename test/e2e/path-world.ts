// Somebody with a few rights on a real API server, beside an account that may do everything; and the paths that the audit finds
// for them there, in what it reads from that server.
import { rights as auditRights } from "../../lib/audit/edges/rights.ts";
import { accessPaths } from "../../lib/audit/paths.ts";
import type { PathFacts } from "../../lib/audit/path-facts.ts";
import { readPathFacts } from "../../lib/audit/read-path-facts.ts";
import { heldRights } from "../../lib/audit/rights.ts";
import type { EdgeId } from "../../lib/audit/edges.ts";
import { connectCluster } from "../../lib/kube/live/live-cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";
import type { Test as Tap } from "tap";
import { testNamespace, uniqueName } from "../control-plane/namespace.ts";
import { apiRequest } from "../control-plane/request.ts";
import type { ControlPlane } from "../control-plane/start.ts";
import { clusterRole, clusterRoleBinding, role, roleBinding, roleRef, serviceAccount, user } from "../rbac/objects.ts";
import { createAll, deleteAll, openServer, untilSeen, type Server } from "../rbac/server.ts";

/** The account that may do everything, in the namespace of whoever walks. */
export const ACCOUNT = "deployer";

/** Somebody at the start of a path, and what they can do there. */
export interface Walker {
  name: string;
  namespace: string;
  /** Of the Role, or ClusterRole, with the rights that the path is about. */
  role: string;
  send: Send;
}

export type Send = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string | string[]>>,
) => Promise<{ status: number; body: unknown }>;

export interface Walk {
  name: string;
  edge: EdgeId;
  /** In the namespace of the account, or in the whole cluster. Each is needed. */
  rules: PolicyRule[];
  wide?: true;
  /** What is there besides, and what the walker may besides. */
  more?: (name: string, namespace: string) => KubernetesObject[];
  /** What else is there, written by an administrator. */
  prepare?: (namespace: string) => Promise<unknown>;
  /** What the path leads to. Default: administrator. */
  goal?: string;
  /** The status of the first step that is refused, or of the last one. */
  walk(start: Walker, t: Test): Promise<number>;
}

export interface Test {
  teardown(cleanUp: () => unknown): void;
}

export type Token = { status?: { token?: string }; data?: { token?: string } };

export const mergePatch = { "Content-Type": "application/merge-patch+json" };
export const jsonPatch = { "Content-Type": "application/json-patch+json" };
export const applyPatch = { "Content-Type": "application/apply-patch+yaml" };

export interface PathWorld {
  server: Server;
  admin: Send;
  sender(token: string): Send;
  /** A user with these rules; everything goes when the test ends. */
  walker(t: Test, setting: Pick<Walk, "rules" | "wide" | "more" | "prepare">): Promise<Walker>;
  /** What the audit reads. */
  facts(): Promise<PathFacts>;
  /** Those of one user, as words: `impersonation-of-accounts sa:ns/deployer administrator`. */
  paths(name: string): Promise<string[]>;
  /** The status of what only an administrator reads, with a token. */
  readsNodes(token: string): Promise<number>;
  close(): void;
}

export async function pathWorld(plane: ControlPlane): Promise<PathWorld> {
  const server = openServer(plane);
  const stop = new AbortController();
  const cluster = await connectCluster(
    { kubeconfig: plane.kubeconfig, context: "admin" },
    { env: {}, signal: stop.signal, warn: () => {} },
  );
  const sender =
    (token: string): Send =>
    (method, path, body, headers = {}) =>
      apiRequest(plane, { token, method, path, headers, ...(body === undefined ? {} : { body }) });
  const admin = sender(plane.admin.token);
  return {
    server,
    admin,
    sender,
    async walker(t, { rules, wide = false, more = () => [], prepare }) {
      const namespace = await testNamespace(plane, t);
      const name = uniqueName("walker");
      const own = wide
        ? [clusterRole(name, rules), clusterRoleBinding(name, name, [user(name)])]
        : [role(namespace, name, rules), roleBinding(namespace, name, roleRef(name), [user(name)])];
      const objects = [
        clusterRoleBinding(`${name}-admin`, "cluster-admin", [serviceAccount(ACCOUNT, namespace)]),
        ...own,
        ...more(name, namespace),
      ];
      const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: ACCOUNT } };
      await admin("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, account);
      await createAll(server, objects);
      await prepare?.(namespace);
      const canaries = await untilSeen(server, `${name}-canary`, namespace);
      const walked = [clusterRoleBinding(`${name}-walk`, "x", []), clusterRole(`${name}-walk`, [])];
      t.teardown(() => deleteAll(server, [...objects, ...canaries, ...walked]));
      return { name, namespace, role: name, send: sender(plane.token(name)) };
    },
    facts: async () => (await readPathFacts(cluster)).facts,
    async paths(name) {
      const { facts } = await readPathFacts(cluster);
      return accessPaths(facts, heldRights(facts.rbac, auditRights))
        .filter(({ start }) => start.name === name)
        .map(({ steps, goal }) => [...steps.map(({ edge, becomes }) => `${edge} ${becomes}`.trim()), goal].join(" "));
    },
    readsNodes: async (token) => (await apiRequest(plane, { token, path: "/api/v1/nodes" })).status,
    close() {
      cluster.close();
      stop.abort();
      server.close();
    },
  };
}

/**
 * Of each walk: the audit finds its path and its steps lead to the end; and without any one of its rights there is no path, and the
 * same walk is refused.
 */
export function walkAll(t: Tap, world: PathWorld, walks: readonly Walk[]): void {
  for (const { edge, goal = "administrator", name, rules, walk, ...setting } of walks) {
    t.test(`${name}: the audit finds the path, and its steps lead to the end`, async (t) => {
      const start = await world.walker(t, { rules, ...setting });
      t.equal((await start.send("GET", "/api/v1/nodes")).status, 403, "not by what they have themselves");
      const found = await world.paths(start.name);
      t.match(found, [new RegExp(`^${edge} .*${goal}$`)], found.join("; "));
      t.equal(await walk(start, t), 200);
    });
    for (const [index, { verbs, resources = [] }] of rules.entries())
      t.test(`${name}: without ${verbs.join()} ${resources.join()} no path, and it is refused`, async (t) => {
        const start = await world.walker(t, { rules: rules.toSpliced(index, 1), ...setting });
        t.same(await world.paths(start.name), []);
        t.equal(await walk(start, t), 403);
      });
  }
}
