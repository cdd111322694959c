import { command, lazy } from "../../cli/grammar/command.ts";

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
    lazy(
      "policy list",
      "List the policies that can apply in a namespace.",
      async () => (await import("./list.ts")).list,
      ["ls"],
    ),
    lazy(
      "policy get",
      "Print policies as they are stored, by name or all.",
      async () => (await import("./get.ts")).get,
    ),
    lazy(
      "policy describe",
      "Show one policy: what it limits, what it is on, and what is wrong with it.",
      async () => (await import("./describe.ts")).describe,
    ),
    lazy("policy create", "Write a new policy from flags.", async () => (await import("./create.ts")).create),
    lazy("policy edit", "Edit a stored policy in your own editor.", async () => (await import("./edit.ts")).edit),
    lazy(
      "policy apply",
      "Make the policies of files those of the cluster.",
      async () => (await import("./apply.ts")).apply,
    ),
    lazy(
      "policy delete",
      "Delete policies by name or as files name them.",
      async () => (await import("./delete.ts")).deletePolicy,
      ["rm"],
    ),
    lazy("policy diff", "Show what applying files would change.", async () => (await import("./diff.ts")).diff),
    lazy(
      "policy test",
      "See which policies apply to a target, and what they do to its sessions.",
      async () => (await import("./test.ts")).test,
    ),
    lazy("policy lint", "Find policies that do not do what they say.", async () => (await import("./lint.ts")).lint),
  ],
});
