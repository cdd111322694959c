import { usageReader, type ReadOptions } from "../../../audit/usage/read.ts";
import type { UsageRecord } from "../../../audit/usage/records.ts";
import type { UsageTotals } from "../../../audit/usage/totals.ts";
import type { World } from "../../../cli/world.ts";
import { UserError } from "../../../errors.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { findOperatorPod } from "../../../reading/operator-pod.ts";
import { timestamp } from "../../../text/instant.ts";
import { API_VERSION, printJsonLine } from "../../../view/output.ts";

export interface OperatorLogOptions extends ReadOptions {
  sinceSeconds: number | undefined;
  follow: boolean;
}

/** Adds what the operator's own log says; with `follow` until the signal. */
export async function readOperatorLog(
  cluster: Cluster,
  totals: UsageTotals,
  { sinceSeconds, follow, ...options }: OperatorLogOptions,
  world: Pick<World, "signal" | "printed">,
): Promise<void> {
  const place = await findOperatorPod(cluster);
  if (place.found !== "pod") throw new UserError("undetermined", `the operator has no logs: ${place.why}`);
  if (cluster.pods === undefined) throw new Error("nothing runs in a folder of manifests");
  const { namespace, name, container } = place.pod;
  const reader = usageReader(totals, options);
  const stream = cluster.pods.logStream({ namespace, name }, { container, sinceSeconds, follow, signal: world.signal });
  for await (const chunk of stream) {
    reader.push(chunk);
    if (follow && !(await world.printed())) return;
  }
  reader.end();
}

/** Prints each record as it comes: a line for people, or one of JSON. */
export function showEach(format: string, world: World): (record: UsageRecord) => void {
  return (record) => {
    if (format !== "json") return world.print(recordLine(record));
    const { time, ...rest } = record;
    const said = time === undefined ? rest : { time: timestamp(time), ...rest };
    void printJsonLine({ apiVersion: API_VERSION, kind: "UsageRecord", ...said }, world);
  };
}

function recordLine(record: UsageRecord): string {
  const { time, user, namespace, target } = record;
  const what = record.from === "operator" ? words[record.event] : `${record.verb} ${record.resource}`;
  const more = record.from === "operator" && record.filtered === false ? ", unfiltered" : "";
  const place = namespace === "" ? "" : ` in ${namespace}`;
  return `${time === undefined ? "-" : timestamp(time)}  ${user}  ${what}  ${target}${place}${more}`;
}

const words = {
  start: "session begins",
  end: "session ends",
  steal: "steals a port",
  mirror: "mirrors a port",
  copy: "copies",
} as const;
