import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ConnectOptions, World } from "../../../cli/world.ts";
import { UserError, usageError } from "../../../errors.ts";
import { goFileError } from "../../../kube/config/files.ts";
import { replaceFile } from "../../../kube/config/replace-file.ts";
import { nativeResources } from "../../../kubernetes/resources.ts";
import { jsonText } from "../../../view/output.ts";
import { connectBounded } from "../../connection.ts";
import { findingsDocument, metricsDocument, type FindingsReport } from "../report-findings.ts";
import type { ConfigMapName } from "./flags.ts";
import { SUMMARY_LABEL } from "./manifests.ts";
import { summaryValue } from "./summary-value.ts";

/** Only members of its group read who may do what; numbers are for the scraper, whoever that is. */
const REPORT_MODE = 0o640;
const METRICS_MODE = 0o644;

/** Writes the report and its metrics; whoever reads them meanwhile finds the last ones or these, and nothing between. */
export function writeReport(report: FindingsReport, folder: string): void {
  const document = jsonText(findingsDocument(report));
  try {
    mkdirSync(folder, { recursive: true });
    writeWhole(join(folder, "audit.json"), document, REPORT_MODE);
    writeWhole(join(folder, "audit.prom"), metricsDocument(report), METRICS_MODE);
  } catch (cause) {
    if (!(cause instanceof Error) || !("code" in cause)) throw cause;
    throw new UserError("refused", `the report was not written: ${goFileError(folder, cause)}`, [], { cause });
  }
}

/** The scraper takes files that end in `.prom`: a draft is none. One that a killed run has left is written anew. */
function writeWhole(file: string, text: string, mode: number): void {
  replaceFile(file, text, { mode, draft: `${file}.draft` });
}

const type = nativeResources.configMaps;

/** Writes the summary into the ConfigMap that `audit --job` printed, and into no other. */
export async function writeSummary(
  report: FindingsReport,
  { namespace, name }: ConfigMapName,
  connection: ConnectOptions,
  world: World,
): Promise<void> {
  const cluster = await connectBounded(connection, world);
  const shown = `configmap ${name} in namespace ${namespace}`;
  const found = await cluster.get(type, name, namespace);
  if (found === undefined)
    throw usageError(`there is no ${shown}`, "Apply what kubectl mirrord audit --job prints; it has one.");
  if (found.metadata.labels?.[SUMMARY_LABEL.key] !== SUMMARY_LABEL.value)
    throw usageError(
      `${shown} is not for summaries of the audit, and is left as it is`,
      `One that is has the label ${SUMMARY_LABEL.key}=${SUMMARY_LABEL.value}.`,
    );
  const data = { summary: jsonText(summaryValue(report)) };
  await cluster.apply(type, { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data });
}
