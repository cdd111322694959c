import { command } from "../../cli/grammar/command.ts";
import { outputFlag } from "../../cli/grammar/shared-flags.ts";
import { filesExitCodes, placeFlags, requiredFilesFlag, writeFlags, writeNeeds } from "./flags.ts";
import { localPolicies } from "./local.ts";
import { planPolicies, writePolicies } from "./write.ts";

export const apply = command({
  name: "policy apply",
  summary: "Make the policies of files those of the cluster.",
  description: [
    "Server-side apply of every policy in the files, after a dry run of all of them on the server: nothing is written when one",
    "would be refused. A field or value that the installed definitions do not know is an error, because the server would drop it.",
    "Other objects in the files are left alone, and so are policies of the cluster that are not in the files.",
  ].join(" "),
  usage: "-f FILE [flags]",
  examples: {
    "kubectl mirrord policy apply -f policies.yaml": "Write them",
    "kubectl mirrord policy apply -f policies/ --dry-run=server": "Have the server check them only",
    "kubectl mirrord policy apply -f policies/ --diff": "Show what would change",
  },
  flags: {
    file: requiredFilesFlag,
    ...writeFlags,
    output: outputFlag(["table", "json", "yaml", "name"]),
    ...placeFlags,
  },
  needs: writeNeeds,
  exitCodes: { 0: "applied, or nothing to do", 1: "with --diff: something would change", ...filesExitCodes },
  waits: "Reading the policies",
  async run({ file, dryRun, diff, output, ...options }, world) {
    const { cluster, policies } = await localPolicies(file, { ...options, isSent: dryRun !== "client" || diff }, world);
    return await writePolicies(() => planPolicies(policies, cluster), cluster, { dryRun, diff, output }, world);
  },
});
