import { command, type Command, type LazyCommand } from "../../cli/grammar/command.ts";

const lazy = (word: string, summary: string, load: () => Promise<Command>): LazyCommand => ({
  name: `policy ${word}`,
  summary,
  load,
});

export const policy = command({
  name: "policy",
  summary: "Write, test and check the policies that limit mirrord sessions.",
  description: [
    "MirrordPolicy (of a namespace) and MirrordClusterPolicy (of all) say what sessions may do with a target. The operator",
    "enforces them; nothing checks them when they are written. These commands do, and show what a policy does before it does it.",
  ].join(" "),
  usage: "COMMAND [flags]",
  examples: {
    "kubectl mirrord policy list -n dev": "What binds sessions in namespace dev",
    "kubectl mirrord policy test deploy/web -n dev": "What policies do to sessions on web",
    "kubectl mirrord policy lint -f policies/": "Find the ones that do not do what they say",
  },
  verbs: [
    lazy("list", "List the policies that can apply in a namespace.", async () => (await import("./list.ts")).list),
    lazy("get", "Print policies as they are stored.", async () => (await import("./get.ts")).get),
    lazy(
      "describe",
      "Show one policy: what it limits, what it is on, and what is wrong with it.",
      async () => (await import("./describe.ts")).describe,
    ),
    lazy("create", "Write a new policy from flags.", async () => (await import("./create.ts")).create),
    lazy("apply", "Make the policies of files those of the cluster.", async () => (await import("./apply.ts")).apply),
    lazy(
      "delete",
      "Delete policies by name or as files name them.",
      async () => (await import("./delete.ts")).deletePolicy,
    ),
    lazy("diff", "Show what applying files would change.", async () => (await import("./diff.ts")).diff),
    lazy(
      "test",
      "See which policies apply to a target, and what they do to its sessions.",
      async () => (await import("./test.ts")).test,
    ),
    lazy("lint", "Find policies that do not do what they say.", async () => (await import("./lint.ts")).lint),
  ],
});
