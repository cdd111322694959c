import type { Cluster } from "../kube/cluster.ts";
import { instant } from "../text/instant.ts";

/**
 * What time it is for whoever only looks: the server's, by what it answered last, since its clock ends grants and licenses; `local`
 * for a folder, and where the server does not say. What acts on the time uses readServerTime, which never guesses.
 */
export function currentTime({ serverTime }: Pick<Cluster, "serverTime">, local: Date): Date {
  const time = serverTime?.();
  return time === undefined ? local : instant(time);
}
