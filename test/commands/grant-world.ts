// Commands about grants, in this process: on a cluster in memory, or on a copy of the example folder.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execute } from "../../lib/cli/execute.ts";
import { report } from "../../lib/cli/report.ts";
import type { World } from "../../lib/cli/world.ts";
import { grant } from "../../lib/commands/grant/index.ts";
import { UserError } from "../../lib/errors.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { connect } from "../../lib/commands/connect.ts";
import { stockRbac } from "../../lib/rbac/write/stock.ts";
import { operatorClusterRoles } from "../access/operator-roles.ts";
import { fakeWorld } from "../cli/fake-world.ts";
import { memoryCluster, type MemoryCluster } from "../kube/memory-cluster.ts";

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  error?: UserError;
}

export interface RunOptions {
  cluster?: Cluster;
  now?: () => number;
  change?: Partial<World>;
}

/** `grant …`, as it would run; a UserError is its exit code, anything else is thrown. */
export async function runGrant(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const world = fakeWorld(options.cluster === undefined ? {} : { cluster: options.cluster });
  const { now = () => Date.parse("2026-11-22T12:00:00Z") } = options;
  Object.assign(world, { now: () => new Date(now()) }, options.change);
  if (options.cluster === undefined) {
    world.connect = (flags) => connect(flags, { env: {}, signal: world.signal, warn: (text) => world.warn(text) });
  } else {
    const { connect: given } = world;
    // `-f FILES` reads files beside the cluster.
    world.connect = (flags) =>
      (flags.manifests ?? []).length > 0
        ? connect(flags, { env: {}, signal: world.signal, warn: (text) => world.warn(text) })
        : given(flags);
  }
  try {
    const code = await execute(grant, words, world);
    return { code, stdout: world.stdout, stderr: world.stderr };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    world.note(report(error).lines);
    return { code: error.exitCode, stdout: world.stdout, stderr: world.stderr, error };
  }
}

interface Teardown {
  teardown(cleanUp: () => unknown): void;
}

/** A copy of the example cluster as a folder. */
export function exampleFolder(t: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-grant-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(import.meta.dirname, "../../examples"), folder, { recursive: true });
  return folder;
}

const namespace = (name: string, labels: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});

export const deployment = (space: string, name: string, ...containers: string[]): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: space },
  spec: { replicas: 1, template: { spec: { containers: containers.map((each) => ({ name: each })) } } },
  status: { availableReplicas: 1 },
});

/** Stock roles, the operator's, and namespaces dev, qa (`env=test`), prod (`env=prod`), mirrord and kube-system. */
export function exampleMemory(...more: KubernetesObject[]): MemoryCluster {
  return memoryCluster(
    ...stockRbac(),
    ...operatorClusterRoles,
    namespace("dev", { env: "test" }),
    namespace("qa", { env: "test" }),
    namespace("prod", { env: "prod" }),
    namespace("mirrord", { env: "test" }),
    namespace("kube-system", { env: "test" }),
    deployment("dev", "web", "nginx", "metrics"),
    deployment("dev", "cart", "cart"),
    deployment("qa", "web", "nginx"),
    ...more,
  );
}

/** What is left of grants, as `Kind namespace/name` without the id. */
export function grantObjectsIn(cluster: MemoryCluster): string[] {
  return cluster
    .objects()
    .filter(({ metadata }) => metadata.labels?.["kubectl-mirrord.io/grant"] !== undefined)
    .map(({ kind, metadata: { namespace: space, name = "" } }) =>
      `${kind} ${space === undefined ? "" : `${space}/`}${name}`
        .replace(/-[a-z2-7]{20}/, "")
        .replace(/(mirrord-expiry-[a-z0-9-]*-)[a-z0-9]*$/, "$1"),
    )
    .toSorted();
}

export { namespace };
