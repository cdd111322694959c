import manifest from "../../../package.json" with { type: "json" };
import { readPrivileged, type PrivilegedWorkload } from "../../audit/privileged.ts";
import { privilegedFindings, privilegedRules } from "../../audit/privileged-findings.ts";
import type { World } from "../../cli/world.ts";
import { command } from "../../cli/grammar/command.ts";
import { listFlag } from "../../cli/grammar/flags.ts";
import { connectionFlags, noHeadersFlag, outputFlag, quietFlag } from "../../cli/grammar/shared-flags.ts";
import type { Finding } from "../../findings/finding.ts";
import { requireNamespace } from "../../reading/namespaces.ts";
import { referenceText } from "../../kubernetes/object.ts";
import { markdownReport } from "../../view/markdown.ts";
import type { Columns } from "../../view/columns.ts";
import { printDocument, printOutput, printTexts, type OutputFormat } from "../../view/output.ts";
import { sarifLog } from "../../view/sarif.ts";
import { nothingFound } from "../../view/nothing-found.ts";
import { offenderColumns } from "../offender-columns.ts";
import { clustersConflicts, clustersFlags } from "./clusters/contexts.ts";
import { readClusters, type ClusterAnswer } from "./clusters/read-clusters.ts";
import {
  clusterColumn,
  clusterRows,
  completeness,
  notRead,
  warnIncomplete,
  type InCluster,
} from "./clusters/report.ts";
import { withPlaces } from "../with-places.ts";

type Answers = ClusterAnswer<Awaited<ReturnType<typeof readPrivileged>> & { findings: Finding[] }>[];

export const privileged = command({
  name: "audit privileged",
  summary: "List running and declared workloads that only administrators could make under the secure defaults.",
  description: [
    "Workloads, pods and volumes with privileged options, by who answers for them: their owner, else the programs that wrote them. What Kubernetes' own controllers",
    "made of others is left out, and so is kube-system. kubectl mirrord install secure-defaults report says besides what has to be done before they are enforced.",
  ].join(" "),
  usage: "[flags]",
  examples: {
    "kubectl mirrord audit privileged": "Everything, by owner",
    "kubectl mirrord audit privileged -n dev --manifests ./cluster": "What a folder declares in one namespace",
    "kubectl mirrord audit privileged --manifests ./cluster -o sarif":
      "For a code host, which shows each beside its file",
    "kubectl mirrord audit privileged --all-contexts -o csv": "In all clusters, for a spreadsheet",
  },
  flags: {
    namespace: listFlag("NAMESPACE", "Only these namespaces; may be repeated.", {
      short: "n",
      also: ["ns"],
      completes: "namespace",
    }),
    quiet: quietFlag,
    output: outputFlag(["table", "wide", "json", "yaml", "csv", "sarif", "markdown"]),
    noHeaders: noHeadersFlag,
    ...connectionFlags,
    ...clustersFlags,
  },
  conflicts: clustersConflicts,
  exitCodes: { 0: "nothing would be refused", 1: "something would be", 3: "something could not be read" },
  waits: "Reading workloads, pods and volumes",
  async run({ namespace, output: format, noHeaders, quiet: _quiet, ...clusters }, world) {
    const answers = await readClusters(clusters, world, async (cluster) => {
      for (const name of namespace) await requireNamespace(cluster, name);
      const read = await readPrivileged(cluster, namespace);
      return { ...read, findings: withPlaces(privilegedFindings(read.found), cluster) };
    });
    await show(answers, { format, noHeaders }, world);
    const isPartial = warnIncomplete(answers, "more could be refused", world);
    if (clusterRows(answers, ({ found }) => found).length > 0) return 1;
    return isPartial ? 3 : 0;
  },
});

async function show(
  answers: Answers,
  { format, noHeaders }: { format: OutputFormat | "sarif" | "markdown"; noHeaders: boolean },
  world: World,
): Promise<void> {
  const rows = clusterRows(answers, ({ found }) => found);
  const skipped = notRead(answers);
  const empty = nothingFound("Nothing here needs an administrator or an exemption.", skipped.length === 0);
  const columns: Columns<InCluster<PrivilegedWorkload>> = {
    ...clusterColumn(answers),
    BY: ({ by }) => by,
    ...offenderColumns,
  };
  if (format === "markdown") return printTexts(markdownReport(columns, rows, { empty, skipped }), world);
  if (format === "sarif") {
    const tool = { name: "kubectl-mirrord audit privileged", version: manifest.version };
    const findings = clusterRows(answers, (each) => each.findings);
    return await printDocument(sarifLog(tool, privilegedRules, findings, { fingerprint, skipped }), "json", world);
  }
  const value = { ...completeness(answers), items: rows.map(({ by: _by, ...each }) => each) };
  const output = { kind: "PrivilegedWorkloads", value, rows, columns, bounded: true, empty };
  await printOutput(output, { format, noHeaders }, world);
}

/** The same finding in another run. */
const fingerprint = ({ cluster, rule, subject, field = "" }: InCluster<Finding>): string =>
  [...(cluster === undefined ? [] : [cluster]), rule, referenceText(subject), field].join(" ");
