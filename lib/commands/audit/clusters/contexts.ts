import { booleanFlag, stringFlag } from "../../../cli/grammar/flags.ts";
import { clusterFlags } from "../../../cli/grammar/shared-flags.ts";
import type { ConnectOptions, World } from "../../../cli/world.ts";
import { usageError } from "../../../errors.ts";
import { noContext } from "../../../kube/config/kubeconfig-choice.ts";
import { kubeconfigContexts } from "../../../kube/config/kubeconfig-names.ts";
import { parseDuration } from "../../../text/duration.ts";

const CLUSTER_TIMEOUT_MILLISECONDS = 120_000;

/** Of the commands that can report on several clusters at once. They replace `--context` of the connection flags. */
export const clustersFlags = {
  context: {
    ...clusterFlags.context,
    alsoOwn: true,
    completes: "contexts" as const,
    describe: "The kubeconfig context to use. Several, with commas between them, make one report.",
  },
  allContexts: booleanFlag("Report on the clusters of all contexts in the kubeconfig."),
  clusterTimeout: stringFlag("DURATION", "With several clusters: how long each may take; 2m when left out.", {
    parse: parseClusterTimeout,
  }),
};

/** What else says which cluster would be the same for each of them. */
export const clustersConflicts = [
  {
    option: "allContexts",
    excludes: ["context", "cluster", "server", "manifests"],
    message: (_option: string, other: string) =>
      `--all-contexts takes the clusters from the kubeconfig, and ${other} names one`,
  },
] as const;

export interface ClustersOptions extends ConnectOptions {
  allContexts: boolean;
  /** Milliseconds. */
  clusterTimeout: number | undefined;
}

export interface SeveralClusters {
  /** Names of contexts, each another cluster or another user there; at least one. */
  contexts: string[];
  /** Milliseconds for each. */
  timeout: number;
}

/**
 * The clusters of a report about several; undefined where it is about one, as any other command is. A context may have
 * commas in its name: what is one context is one cluster.
 * @throws UserError "usage" for a context that does not exist: a slip must not look like a cluster that is down
 */
export function severalClusters(
  { allContexts, clusterTimeout, ...connection }: ClustersOptions,
  world: Pick<World, "env" | "note">,
): SeveralClusters | undefined {
  const { context = "", manifests = [] } = connection;
  if (!allContexts && (!context.includes(",") || manifests.length > 0)) return undefined;
  const known = kubeconfigContexts(connection, world.env);
  if (!allContexts && known.contexts.has(context)) return undefined;
  const timeout = clusterTimeout ?? CLUSTER_TIMEOUT_MILLISECONDS;
  if (!allContexts) return { contexts: typedContexts(context, known.contexts), timeout };
  if (known.contexts.size === 0)
    throw usageError("the kubeconfig has no contexts", "To see what it has: kubectl config view");
  return { contexts: distinctContexts(known, world), timeout };
}

function typedContexts(text: string, known: ReadonlyMap<string, unknown>): string[] {
  const names = text.split(",");
  for (const name of names) if (!known.has(name)) throw noContext(name);
  return [...new Set(names)];
}

/** Contexts that differ in their namespace alone are one cluster, under the name that is current, else the first. */
function distinctContexts(
  { current, contexts }: ReturnType<typeof kubeconfigContexts>,
  world: Pick<World, "note">,
): string[] {
  const names = [...contexts.keys()].toSorted((a, b) => Number(b === current) - Number(a === current));
  const byPlace = new Map<string, string>();
  for (const name of names) {
    const { cluster, user } = contexts.get(name) ?? { cluster: "", user: "" };
    const place = JSON.stringify([cluster, user]);
    const same = byPlace.get(place);
    if (same === undefined) byPlace.set(place, name);
    else world.note(`Context ${JSON.stringify(name)} is the same cluster and user as ${JSON.stringify(same)}.`);
  }
  return [...byPlace.values()].toSorted();
}

/** Milliseconds. */
function parseClusterTimeout(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds > 0) return milliseconds;
  throw usageError(`--cluster-timeout ${text} is no time at all`, "Write for example 30s or 5m.");
}
