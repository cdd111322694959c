import type { ConnectOptions, World } from "../../../cli/world.ts";
import { UserError } from "../../../errors.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { connectBounded } from "../../connection.ts";
import { severalClusters, type ClustersOptions, type SeveralClusters } from "./contexts.ts";

/** What was read of a cluster, or why nothing was. */
export type ClusterAnswer<Value> = {
  /** The name of its context; undefined in a report about a single cluster. */
  cluster: string | undefined;
} & ({ value: Value } | { unread: string });

/** `world` says which cluster its warnings are about; `connection` is what reaches this one. */
export type ReadCluster<Value> = (cluster: Cluster, world: World, connection: ConnectOptions) => Promise<Value>;

/**
 * Asks the one cluster or the several that the flags name. Of several, eight at a time are asked; one that cannot be
 * reached, refuses, or takes longer than its time is named and keeps no other from being read. Of a single one, what goes
 * wrong is thrown.
 */
export async function readClusters<Value>(
  options: ClustersOptions,
  world: World,
  look: ReadCluster<Value>,
): Promise<ClusterAnswer<Value>[]> {
  const { allContexts: _all, clusterTimeout: _timeout, ...connection } = options;
  const several = severalClusters(options, world);
  if (several !== undefined) return await readSeveral(several, connection, world, look);
  const cluster = await connectBounded(connection, world);
  return [{ cluster: undefined, value: await look(cluster, world, connection) }];
}

/** Each holds the roles and bindings of one cluster. */
const MOST_AT_ONCE = 8;

async function readSeveral<Value>(
  { contexts, timeout }: SeveralClusters,
  connection: ConnectOptions,
  world: World,
  look: ReadCluster<Value>,
): Promise<ClusterAnswer<Value>[]> {
  const answers: ClusterAnswer<Value>[] = [];
  const failures: UserError[] = [];
  const queue = contexts.entries();
  const worker = async (): Promise<void> => {
    for (const [at, context] of queue) {
      const read = await readOne(context, timeout, { ...connection, context }, world, look);
      if (read instanceof UserError) failures.push(read);
      answers[at] = {
        cluster: context,
        ...(read instanceof UserError ? { unread: read.lines.join(" ") } : { value: read.value }),
      };
    }
  };
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, worker));
  const [first] = failures;
  if (first?.kind === "usage" && failures.length === contexts.length && isSame(failures)) throw first;
  return answers;
}

/** Whether all clusters failed with the same usage error: then the command line is wrong, not a cluster. */
const isSame = (failures: readonly UserError[]): boolean =>
  failures.every(({ kind, message }) => kind === "usage" && message === failures[0]?.message);

/** What was read, or why nothing was. */
async function readOne<Value>(
  context: string,
  timeout: number,
  connection: ConnectOptions,
  world: World,
  look: ReadCluster<Value>,
): Promise<{ value: Value } | UserError> {
  const end = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new UserError("undetermined", `it took longer than ${timeout / 1000} s (--cluster-timeout)`));
    end.abort();
  }, timeout);
  const warn = (text: string): void => world.warn(`${context}: ${text}`);
  const work = async (): Promise<Value> => {
    const cluster = await connectBounded({ ...connection, signal: end.signal }, world);
    try {
      return await look(cluster, { ...world, warn, signal: AbortSignal.any([world.signal, end.signal]) }, connection);
    } finally {
      cluster.close();
    }
  };
  try {
    return { value: await Promise.race([work(), late.promise]) };
  } catch (error) {
    if (error instanceof UserError && !world.signal.aborted) return error;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
