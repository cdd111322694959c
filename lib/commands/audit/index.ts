import { command, lazy } from "../../cli/grammar/command.ts";

export const audit = command({
  name: "audit",
  summary: "Who can do what, and through which bindings.",
  usage: "COMMAND [flags]",
  examples: {
    "kubectl mirrord audit who-can steal deploy/web -n dev": "Everybody who may steal its traffic, and through what",
    "kubectl mirrord audit who-can get secrets -A": "A plain Kubernetes question, in every namespace",
  },
  verbs: [
    lazy(
      "audit who-can",
      "List everybody who may do something, and the bindings that allow it.",
      async () => (await import("./who-can.ts")).whoCan,
    ),
    lazy(
      "audit usage",
      "Count who used mirrord on what, and what was refused, from the logs.",
      async () => (await import("./usage/index.ts")).usage,
    ),
  ],
});
