import { command } from "../../cli/grammar/command.ts";
import { escapeLines } from "../../text/escape.ts";
import { filesExitCodes, filesFlag, placeFlags } from "./flags.ts";
import { localPolicies } from "./local.ts";
import { diffText, planFor } from "./write.ts";

export const diff = command({
  name: "policy diff",
  summary: "Show what applying files would change.",
  description: "The server merges, by a dry run: what is shown is what would be stored, defaults included.",
  usage: "-f FILE [flags]",
  examples: [{ command: "kubectl mirrord policy diff -f policies.yaml", does: "What would change" }],
  flags: { file: filesFlag, ...placeFlags },
  exitCodes: { 0: "nothing would change", 1: "something would change", ...filesExitCodes },
  async run({ file, ...options }, world) {
    const { cluster, policies } = await localPolicies(file, { ...options, isSent: true }, world);
    const text = diffText(await planFor(policies, cluster, false));
    if (text !== "") world.print(escapeLines(text));
    return text === "" ? 0 : 1;
  },
});
