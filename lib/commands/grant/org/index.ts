import { command, lazy } from "../../../cli/grammar/command.ts";

export const org = command({
  name: "grant org",
  summary: "Say which organizations there are, and who belongs to them.",
  description: [
    "An organization has teams, and members of its own. A grant to it holds for all of them, also for those who come later. It is an object of the",
    "cluster (kubectl get mirrordorg), whose kind comes with kubectl mirrord install --access-model.",
  ].join(" "),
  usage: "COMMAND",
  examples: {
    "kubectl mirrord grant org create acme": "Make an organization",
    "kubectl mirrord grant team create acme/web": "Make a team in it",
    "kubectl mirrord grant org:acme --role view --collection prod": "Let all of it see sessions in prod",
    "kubectl mirrord grant org list": "See what there is",
  },
  verbs: [
    lazy("grant org create", "Make an organization.", async () => (await import("./create.ts")).create),
    lazy("grant org list", "List the organizations.", async () => (await import("./list.ts")).list, ["ls"]),
    lazy(
      "grant org describe",
      "Show an organization with its teams, members and grants.",
      async () => (await import("./describe.ts")).describe,
    ),
    lazy("grant org add", "Put members into an organization.", async () => (await import("./members.ts")).add),
    lazy(
      "grant org remove",
      "Take members out of an organization.",
      async () => (await import("./members.ts")).remove,
      ["rm"],
    ),
    lazy("grant org move", "Give an organization another name.", async () => (await import("./move.ts")).move),
    lazy("grant org delete", "Delete an organization.", async () => (await import("./delete.ts")).deleteOrganization),
  ],
});
