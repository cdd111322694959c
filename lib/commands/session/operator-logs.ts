import { UserError } from "../../errors.ts";
import type { Cluster, PodName } from "../../kube/cluster.ts";
import type { OperatorPlace } from "../../reading/operator-pod.ts";
import { attempt, type Read } from "../../reading/read.ts";

export interface OperatorLogs extends PodName {
  container: string;
  /** Of the container before it was restarted. */
  previous: boolean;
  lines: string[];
}

export interface LogChoice {
  /** Left out, all. */
  tailLines: number | undefined;
  previous: boolean;
}

/** The last lines that the operator has written. */
export async function operatorLogs(
  cluster: Cluster,
  place: Read<OperatorPlace>,
  { tailLines, previous }: LogChoice,
): Promise<Read<OperatorLogs>> {
  return await attempt(async () => {
    if (place.failed) throw place.error;
    if (place.value.found !== "pod") {
      throw new UserError("undetermined", `the operator has no logs: ${place.value.why}`);
    }
    const { namespace, name, container } = place.value.pod;
    if (cluster.pods === undefined) throw new Error("nothing runs in a folder of manifests");
    const text = await cluster.pods.logs({ namespace, name }, { container, tailLines, previous });
    const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
    return { namespace, name, container, previous, lines: text === "" ? [] : lines };
  });
}

/** Colours of a terminal (ECMA-48 SGR), which say nothing in a log. */
// oxlint-disable-next-line no-control-regex
const COLOURS = /\u001b\[[\d;]*m/g;

export function logLines({ namespace, name, container, previous, lines }: OperatorLogs): string[] {
  const heading = `Log of pod ${namespace}/${name}, container ${container}${previous ? ", before its restart" : ""}:`;
  const shown = lines.map((line) => line.replaceAll(COLOURS, "").replaceAll("\t", "    "));
  return [heading, ...(shown.length === 0 ? ["<none>"] : shown)];
}
