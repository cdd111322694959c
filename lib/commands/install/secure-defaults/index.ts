import { command, lazy } from "../../../cli/grammar/command.ts";

export const secureDefaults = command({
  name: "install secure-defaults",
  summary: "Show what the secure defaults would refuse.",
  description: "They are set by kubectl mirrord install --secure-defaults=off|audit|enforce.",
  usage: "COMMAND",
  examples: {
    "kubectl mirrord install secure-defaults report": "Before enforcing: what would be refused, and whose it is",
    "kubectl mirrord install --secure-defaults=audit": "Refuse nothing, and warn of what would be refused",
  },
  verbs: [
    lazy(
      "install secure-defaults report",
      "List what only administrators could make, and who owns it.",
      async () => (await import("./report.ts")).report,
    ),
  ],
});
