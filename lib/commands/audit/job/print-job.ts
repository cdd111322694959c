import { parseConfiguration } from "../../../audit/configuration.ts";
import type { World } from "../../../cli/world.ts";
import { usageError } from "../../../errors.ts";
import { parseDocuments } from "../../../yaml.ts";
import { shellCommand } from "../../../text/shell-quote.ts";
import { printObjects } from "../../../view/output.ts";
import { readNamedText } from "../../../kube/config/files.ts";
import { AUDIT_NAME, auditJobObjects } from "./manifests.ts";

interface JobWords {
  image: string | undefined;
  claim: string | undefined;
  schedule: string | undefined;
  namespace: string | undefined;
  /** The file of exceptions and rules. */
  config: string | undefined;
  output: string;
}

/** Not at the full hour, at which everything runs. */
const HOURLY = "17 * * * *";

/** Of a ConfigMap, with all that it holds. */
const MOST_BYTES = 1024 * 1024;

/** @returns the exit code */
export async function printAuditJob(
  { image = "", claim = "", schedule = HOURLY, namespace, config, output }: JobWords,
  world: World,
): Promise<number> {
  const objects = auditJobObjects({ image, claim, schedule, namespace, configuration: configurationText(config) });
  await printObjects(objects, output === "json" ? "json" : "yaml", world);
  const words = ["kubectl", "get", "configmap", AUDIT_NAME, "-n", namespace ?? AUDIT_NAME];
  world.note([
    "Apply it with kubectl apply -f -; the summary of its last run is then printed by:",
    `  ${shellCommand([...words, "-o", "jsonpath={.data.summary}"])}`,
  ]);
  return 0;
}

/** As it is written, once it is known to be one: a slip would fail in the cluster, every hour. */
function configurationText(config: string | undefined): string | undefined {
  if (config === undefined) return undefined;
  const text = readNamedText(config);
  parseConfiguration(parseDocuments(text, { source: config }), config);
  if (Buffer.byteLength(text) < MOST_BYTES - 4096) return text;
  throw usageError(`${config} does not fit into a ConfigMap, which holds 1 MiB`);
}
