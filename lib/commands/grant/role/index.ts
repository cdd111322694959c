import { command, lazy } from "../../../cli/grammar/command.ts";

export const role = command({
  name: "grant role",
  summary: "Define roles of your own, which grants can name.",
  description: [
    "A role says what is allowed, not to whom: making one changes nobody's access until it is granted (--role NAME). It is kept as",
    "the ClusterRole mirrord:role:NAME.",
  ].join(" "),
  usage: "COMMAND",
  examples: {
    "kubectl mirrord grant role create dba --allow get,list:configmaps,secrets": "Make a role",
    "kubectl mirrord grant ann --role dba --ns dev": "Grant it",
    "kubectl mirrord grant role list": "See all roles, and how many hold each",
  },
  verbs: [
    lazy("grant role create", "Make a role.", async () => (await import("./create.ts")).create),
    lazy("grant role list", "List the roles.", async () => (await import("./list.ts")).list, ["ls", "get"]),
    lazy(
      "grant role describe",
      "Show what a role allows, and who holds it.",
      async () => (await import("./describe.ts")).describe,
    ),
    lazy("grant role edit", "Edit a role in your own editor.", async () => (await import("./edit.ts")).edit),
    lazy("grant role delete", "Delete a role.", async () => (await import("./delete.ts")).deleteRole, ["rm"]),
  ],
});
