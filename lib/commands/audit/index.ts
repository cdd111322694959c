import { command, lazy } from "../../cli/grammar/command.ts";
import { clustersConflicts } from "./clusters/contexts.ts";
import { jobConflicts, jobFlags, jobNeeds } from "./job/flags.ts";
import { findingsExitCodes, findingsFlags } from "./findings-flags.ts";

export const audit = command({
  name: "audit",
  summary: "Who can do what, through which bindings, and what is risky about it.",
  description: "Without a verb: a summary of the access to mirrord, and all findings.",
  usage: "[COMMAND] [flags]",
  examples: {
    "kubectl mirrord audit": "A summary, and what is risky, most severe first",
    "kubectl mirrord audit who-can steal deploy/web -n dev": "Everybody who may steal its traffic, and through what",
    "kubectl mirrord audit who-can get secrets -A": "A plain Kubernetes question, in every namespace",
    "kubectl mirrord audit findings --manifests ./cluster -o sarif":
      "What is risky in a folder of manifests, as SARIF for a code host",
    "kubectl mirrord audit --job --image IMAGE --claim audit": "Print a CronJob that runs it in the cluster every hour",
    "kubectl mirrord audit --all-contexts": "Every cluster of the kubeconfig in one report",
  },
  flags: { ...findingsFlags, ...jobFlags },
  conflicts: [...clustersConflicts, ...jobConflicts],
  needs: jobNeeds,
  exitCodes: findingsExitCodes,
  waits: "Reading the cluster",
  async run({ job, image, claim, schedule, namespace, ...options }, world) {
    if (!job) return await (await import("./run-findings.ts")).runFindings(options, world, "Audit");
    const { printAuditJob } = await import("./job/print-job.ts");
    return await printAuditJob({ image, claim, schedule, namespace, ...options }, world);
  },
  verbs: [
    lazy(
      "audit who-can",
      "List everybody who may do something, and the bindings that allow it.",
      async () => (await import("./who-can.ts")).whoCan,
    ),
    lazy(
      "audit matrix",
      "Show who may do what where, for all subjects at once.",
      async () => (await import("./matrix.ts")).matrix,
    ),
    lazy(
      "audit privileged",
      "List running and declared workloads that only administrators could make under the secure defaults.",
      async () => (await import("./privileged.ts")).privileged,
    ),
    lazy(
      "audit findings",
      "Find access that is broader than it looks, and ways around it.",
      async () => (await import("./findings.ts")).findings,
    ),
    lazy(
      "audit usage",
      "Count who used mirrord on what, and what was refused, from the logs.",
      async () => (await import("./usage/index.ts")).usage,
    ),
    lazy(
      "audit snapshot",
      "Keep what an audit needs of a cluster in a file, without secrets.",
      async () => (await import("./snapshot.ts")).snapshot,
    ),
    lazy(
      "audit unused",
      "Name grants that nobody used, and smaller ones that would do, from the logs.",
      async () => (await import("./unused.ts")).unused,
    ),
    lazy(
      "audit drift",
      "Say where the cluster is not what its grants, or a folder of manifests, declare.",
      async () => (await import("./drift.ts")).drift,
    ),
    lazy("audit diff", "Say who gains and who loses what by a change.", async () => (await import("./diff.ts")).diff),
  ],
});
