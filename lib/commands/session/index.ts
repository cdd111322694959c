import { command, lazy } from "../../cli/grammar/command.ts";

export const session = command({
  name: "session",
  summary: "See, explain, end and start mirrord sessions.",
  usage: "COMMAND [flags]",
  examples: {
    "kubectl mirrord session list -A": "What is running, by whom, on what",
    "kubectl mirrord session start deploy/web -n dev -- node app.js": "Start a session that is known to work",
    "kubectl mirrord session kill --user jim@acme.example": "End the sessions of a user",
  },
  verbs: [
    lazy("session list", "List the sessions that are running.", async () => (await import("./list.ts")).list, [
      "ls",
      "get",
    ]),
    lazy("session watch", "Watch the sessions come and go.", async () => (await import("./watch.ts")).watch),
    lazy(
      "session describe",
      "Show sessions: whose they are, what they hold, who let them in, and how to end them.",
      async () => (await import("./describe.ts")).describe,
    ),
    lazy("session kill", "End sessions: by id, or all that fit.", async () => (await import("./kill.ts")).kill, [
      "rm",
      "delete",
    ]),
    lazy(
      "session start",
      "Preview a session, and start it by mirrord exec when it will work.",
      async () => (await import("./start.ts")).start,
    ),
    lazy(
      "session status",
      "Show the operator: version, licence, copies, users, sessions, queue splits.",
      async () => (await import("./status.ts")).status,
    ),
    lazy(
      "session stats",
      "Count: users a day and a month, the licence, sessions per user, target and namespace.",
      async () => (await import("./stats.ts")).stats,
    ),
  ],
});
