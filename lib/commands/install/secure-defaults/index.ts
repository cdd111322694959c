import { command, lazy } from "../../../cli/grammar/command.ts";

export const secureDefaults = command({
  name: "install secure-defaults",
  summary: "Show what the secure defaults would refuse.",
  description: "They are set by kubectl mirrord install --secure-defaults=off|audit|enforce.",
  usage: "COMMAND",
  verbs: [
    lazy(
      "install secure-defaults report",
      "List what only administrators could make, and who owns it.",
      async () => (await import("./report.ts")).report,
    ),
  ],
});
