import { command, lazy } from "../../../cli/grammar/command.ts";

export const collection = command({
  name: "grant collection",
  summary: "Put namespaces into collections that grants can name.",
  description: [
    "A collection is a path such as prod/web, kept as labels of the namespaces in it. A grant on a collection holds in every",
    "namespace in it and below it, also in those that are put there later. A namespace is in one collection at most.",
  ].join(" "),
  usage: "COMMAND",
  examples: {
    "kubectl mirrord grant collection create prod/web": "Make a collection, and those above it",
    "kubectl mirrord grant collection assign prod/web --ns shop": "Put a namespace into it",
    "kubectl mirrord grant jim --collection prod": "Let jim use mirrord in prod and all below it",
    "kubectl mirrord grant collection tree": "See what is where",
  },
  verbs: [
    lazy("grant collection create", "Make a collection.", async () => (await import("./create.ts")).create),
    lazy(
      "grant collection assign",
      "Put namespaces into a collection.",
      async () => (await import("./assign.ts")).assign,
    ),
    lazy(
      "grant collection unassign",
      "Take namespaces out of their collection.",
      async () => (await import("./unassign.ts")).unassign,
    ),
    lazy(
      "grant collection move",
      "Move namespaces, or a whole collection, to another place.",
      async () => (await import("./move.ts")).move,
    ),
    lazy("grant collection list", "List the collections.", async () => (await import("./list.ts")).list),
    lazy(
      "grant collection describe",
      "Show a collection: what is in it, and which grants reach it.",
      async () => (await import("./describe.ts")).describe,
    ),
    lazy(
      "grant collection tree",
      "Show collections and namespaces as a tree.",
      async () => (await import("./tree.ts")).tree,
    ),
    lazy("grant collection delete", "Delete a collection.", async () => (await import("./delete.ts")).deleteCollection),
  ],
});
