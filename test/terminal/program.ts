// Shows commands one after the other, as one process on a terminal; started by screens.test.ts. The time stands still, so that
// nothing is waited for so long that it is said; ids and names come of what is typed, and sessions are a test's own: what is
// shown is the same each time.
import { readFileSync } from "node:fs";
import process from "node:process";
import { mock } from "node:test";
import { isatty } from "node:tty";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { execute } from "../../lib/cli/execute.ts";
import { processWorld } from "../../lib/cli/process-world.ts";
import { report } from "../../lib/cli/report.ts";
import { connect } from "../../lib/commands/connect.ts";
import { all } from "../../plugins/all.ts";
import { sessionCluster } from "../commands/session-cluster.ts";
import { mark, type Shown } from "./shown.ts";

const { folder, sessions, screens } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Shown;
process.stdout.setMaxListeners(0);
process.stderr.setMaxListeners(0);
mock.timers.enable({ apis: ["Date", "setTimeout"], now: Date.parse("2026-11-22T12:00:00Z") });

const { stdout, stderr, env } = process;
for (const { name, words } of screens) {
  stdout.write(`${mark(name)}\n`);
  const isOfSessions = words[0] === "session";
  const world = processWorld({
    stdin: () => process.stdin,
    stdout,
    stderr,
    isTerminal: { stdin: false, stdout: isatty(1), stderr: isatty(2) },
    columns: stdout.columns,
    noteColumns: stderr.columns,
    env,
    signal: new AbortController().signal,
    loadConnect: async () => ({
      connect: isOfSessions
        ? async () =>
            sessionCluster({ sessions, operator: { spec: { operator_version: "3.187.0" }, status: { sessions } } })
        : connect,
    }),
  });
  const place = isOfSessions ? [] : ["--manifests", folder];
  try {
    const code = await execute(dispatcher(all, "kubectl-mirrord", "kubectl-mirrord"), [...words, ...place], world);
    stdout.write(`(exit code ${code})\n`);
  } catch (error) {
    const { lines, exitCode } = report(error);
    world.note(lines);
    stdout.write(`(exit code ${exitCode})\n`);
  }
}
