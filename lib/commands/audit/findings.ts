import { command } from "../../cli/grammar/command.ts";
import { clustersConflicts } from "./clusters/contexts.ts";
import { findingsExitCodes, findingsFlags } from "./findings-flags.ts";
import { runFindings } from "./run-findings.ts";

export const findings = command({
  name: "audit findings",
  summary: "Find access that is broader than it looks, and ways around it.",
  description: [
    "Looks at roles, bindings, grants, policies and the installation for what lets somebody do more than is meant: in one step, or by",
    "becoming somebody else first. The control plane's own bindings are only found where they were changed. --rules explains every rule.",
  ].join(" "),
  usage: "[flags]",
  examples: {
    "kubectl mirrord audit findings": "Everything, most severe first",
    "kubectl mirrord audit findings --manifests ./cluster -o sarif": "Without a cluster, for a code host",
    "kubectl mirrord audit findings --baseline last.json --fail-on medium": "In CI: only what is new",
    "kubectl mirrord audit findings --config audit.yaml": "With exceptions and rules of your own",
    "kubectl mirrord audit findings --context east,west": "Two clusters in one report",
    "kubectl mirrord audit findings -o metrics": "Numbers for Prometheus",
  },
  flags: findingsFlags,
  conflicts: clustersConflicts,
  exitCodes: findingsExitCodes,
  waits: "Reading the cluster",
  run: (options, world) => runFindings(options, world, "AuditFindings"),
});
