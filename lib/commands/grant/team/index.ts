import { command, lazy } from "../../../cli/grammar/command.ts";

export const team = command({
  name: "grant team",
  summary: "Say which teams there are, and who belongs to them.",
  description: [
    "A team is in exactly one organization: acme/web. A grant to it holds for all who belong to it, whoever they are at the time, and what its",
    "organization was granted they have as well.",
  ].join(" "),
  usage: "COMMAND",
  examples: {
    "kubectl mirrord grant team create acme/web": "Make a team",
    "kubectl mirrord grant team add acme/web group:oidc:web jim":
      "Put a group of the identity provider and a user into it",
    "kubectl mirrord grant team:acme/web --collection prod/web": "Let it use mirrord there",
    "kubectl mirrord grant team list": "See what there is",
  },
  verbs: [
    lazy("grant team create", "Make a team.", async () => (await import("./create.ts")).create),
    lazy("grant team list", "List the teams.", async () => (await import("./list.ts")).list, ["ls"]),
    lazy(
      "grant team describe",
      "Show a team with its members and grants.",
      async () => (await import("./describe.ts")).describe,
    ),
    lazy("grant team add", "Put members into a team.", async () => (await import("./members.ts")).add),
    lazy("grant team remove", "Take members out of a team.", async () => (await import("./members.ts")).remove, ["rm"]),
    lazy("grant team move", "Move a team to another organization.", async () => (await import("./move.ts")).move),
    lazy("grant team delete", "Delete a team.", async () => (await import("./delete.ts")).deleteTeam),
  ],
});
