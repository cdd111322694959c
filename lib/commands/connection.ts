import type { ConnectOptions, World } from "../cli/world.ts";
import { bounded } from "../kube/live/bounded.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { NamedConfig } from "../mirrord/plan/session-question.ts";

/** A cluster that is asked only so many things at once, for commands that may have hundreds of questions. */
export async function connectBounded(connection: ConnectOptions, world: Pick<World, "connect">): Promise<Cluster> {
  return bounded(await world.connect(connection));
}

/** The flags that identify somebody to ask about would make `connect` be that somebody. */
export function asCaller(options: ConnectOptions): ConnectOptions {
  const { as: _as, asGroup: _asGroup, asUid: _asUid, asUserExtra: _asUserExtra, ...connection } = options;
  return connection;
}

/** The client takes the cluster from its configuration; what was typed stands above that. */
export function withConfig(connection: ConnectOptions, config: NamedConfig | undefined): ConnectOptions {
  if (config === undefined) return connection;
  const { file, session } = config;
  const { kubeconfig, kubeContext, chosenByFile, variables } = session;
  const isTyped = connection.kubeconfig !== undefined;
  return {
    ...connection,
    kubeconfig: connection.kubeconfig ?? kubeconfig,
    context: connection.context ?? kubeContext,
    ...(!isTyped && chosenByFile.includes("kubeconfig") ? { configuredBy: { file, variables } } : {}),
  };
}

/** Connects where the configuration and what was typed (`typed`) say, and tells which cluster a file chose. */
export async function connectConfigured(
  typed: ConnectOptions,
  config: NamedConfig | undefined,
  world: Pick<World, "connect" | "note">,
): Promise<Cluster> {
  const cluster = await world.connect(withConfig(typed, config));
  const chosen = config?.session.chosenByFile ?? [];
  const counts = { kubeconfig: typed.kubeconfig === undefined, kubeContext: typed.context === undefined };
  if (config !== undefined && !cluster.offline && chosen.some((what) => counts[what])) {
    world.note(`${config.file} chose the cluster: ${cluster.place}`);
  }
  return cluster;
}
