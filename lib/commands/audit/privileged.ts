import { readPrivileged, type PrivilegedWorkload } from "../../audit/privileged.ts";
import { command } from "../../cli/grammar/command.ts";
import { listFlag } from "../../cli/grammar/flags.ts";
import { connectionFlags, noHeadersFlag, outputFlag, quietFlag } from "../../cli/grammar/shared-flags.ts";
import { requireNamespace } from "../../reading/namespaces.ts";
import { printOutput } from "../../view/output.ts";
import { offenderColumns } from "../offender-columns.ts";
import { clustersConflicts, clustersFlags } from "./clusters/contexts.ts";
import { readClusters } from "./clusters/read-clusters.ts";
import { clusterColumn, clusterRows, completeness, warnIncomplete, type InCluster } from "./clusters/report.ts";

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
    "kubectl mirrord audit privileged --all-contexts -o csv": "In all clusters, for a spreadsheet",
  },
  flags: {
    namespace: listFlag("NAMESPACE", "Only these namespaces; may be repeated.", {
      short: "n",
      also: ["ns"],
      completes: "namespace",
    }),
    quiet: quietFlag,
    output: outputFlag(["table", "wide", "json", "yaml", "csv"]),
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
      return await readPrivileged(cluster, namespace);
    });
    const rows = clusterRows(answers, ({ found }) => found);
    const output = {
      kind: "PrivilegedWorkloads",
      value: { ...completeness(answers), items: rows.map(({ by: _by, ...each }) => each) },
      rows,
      columns: {
        ...clusterColumn(answers),
        BY: ({ by }: InCluster<PrivilegedWorkload>) => by,
        ...offenderColumns,
      },
      bounded: true,
      empty: "Nothing here needs an administrator or an exemption.",
    };
    await printOutput(output, { format, noHeaders }, world);
    const isPartial = warnIncomplete(answers, "more could be refused", world);
    if (rows.length > 0) return 1;
    return isPartial ? 3 : 0;
  },
});
