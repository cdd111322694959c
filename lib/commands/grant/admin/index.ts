import { command, lazy } from "../../../cli/grammar/command.ts";

export const admin = command({
  name: "grant admin",
  summary: "Say who the administrators of the access model are.",
  description: [
    "Only administrators make and change grants, roles, organizations and collections where the access model is installed",
    "(kubectl mirrord install --access-model). Whoever may do everything in the cluster is one anyway.",
  ].join(" "),
  usage: "COMMAND",
  examples: {
    "kubectl mirrord grant admin add group:oidc:platform": "Make the members of a group administrators",
    "kubectl mirrord grant admin list": "See who is one, and through which binding",
  },
  verbs: [
    lazy("grant admin add", "Make somebody an administrator.", async () => (await import("./add.ts")).add),
    lazy(
      "grant admin remove",
      "Make somebody an administrator no more.",
      async () => (await import("./remove.ts")).remove,
      ["rm"],
    ),
    lazy("grant admin list", "List the administrators.", async () => (await import("./list.ts")).list, ["ls"]),
  ],
});
