import { command } from "../../cli/grammar/command.ts";
import { quietFlag } from "../../cli/grammar/shared-flags.ts";
import { filesExitCodes, placeFlags, requiredFilesFlag } from "./flags.ts";
import { localPolicies } from "./local.ts";
import { planPolicies, writePolicies } from "./write.ts";

export const diff = command({
  name: "policy diff",
  summary: "Show what applying files would change.",
  description: "The server merges, by a dry run: what is shown is what would be stored, defaults included.",
  usage: "-f FILE [flags]",
  examples: { "kubectl mirrord policy diff -f policies.yaml": "What would change" },
  flags: { file: requiredFilesFlag, quiet: quietFlag, ...placeFlags },
  exitCodes: { 0: "nothing would change", 1: "something would change", ...filesExitCodes },
  waits: "Reading the policies",
  async run({ file, ...place }, world) {
    const { cluster, policies } = await localPolicies(file, { ...place, isSent: true }, world);
    const options = { dryRun: "server", diff: true, output: "table" } as const;
    return await writePolicies(() => planPolicies(policies, cluster), cluster, options, world);
  },
});
