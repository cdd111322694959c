import type { Offender } from "../install/secure-defaults/offenders.ts";
import { readOffenders } from "../install/secure-defaults/read.ts";
import type { Cluster } from "../kube/cluster.ts";

/** A workload, pod or volume with privileged options. */
export interface PrivilegedWorkload extends Offender {
  /** Who answers for it: its owner, else the programs that wrote it. */
  by: string;
}

/** In these namespaces, or, where none is given, everywhere, by who answers for them; and what may not be listed. */
export async function readPrivileged(
  cluster: Cluster,
  namespaces: readonly string[],
): Promise<{ found: PrivilegedWorkload[]; unreadable: string[] }> {
  const { offenders, unreadable } = await readOffenders(cluster);
  const found = offenders
    .filter(({ namespace = "" }) => namespaces.length === 0 || namespaces.includes(namespace))
    .map((each): PrivilegedWorkload => ({ ...each, by: each.owner ?? (each.managers.join(",") || "<unknown>") }))
    .toSorted((a, b) => (a.by < b.by ? -1 : Number(a.by > b.by)));
  return { found, unreadable };
}
