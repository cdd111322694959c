import type { World } from "../../cli/world.ts";
import type { Session } from "../../mirrord/session/session.ts";
import { table } from "../../view/columns.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import type { Way } from "./choose-to-kill.ts";
import type { KillResult } from "../kill-each.ts";
import { sessionColumns, sessionName, sessionValue, sortSessions } from "../session-view.ts";

/** The preview, on stderr: stdout is for what was done. */
export async function showToBeKilled(sessions: readonly Session[], way: Way, world: World): Promise<void> {
  const lines = await table(sessionColumns({ namespace: true, staleness: false }), sortSessions(sessions), {
    shortenAt: world.isTerminal.stderr ? world.columns : undefined,
  });
  const head =
    way === "inactive"
      ? "Only the operator knows which sessions are inactive; it will end those of these that are, and any other that becomes inactive before:"
      : "These sessions will end:";
  world.note([head, ...lines]);
}

export interface Killed {
  results: readonly KillResult[];
  /** Ids that are no session's. */
  missing: readonly { id: string; reason: string }[];
  dryRun: boolean;
  way: Way;
}

/** What was done on stdout, what was not on stderr. */
export async function showKilled(
  killed: Killed,
  output: "table" | "json" | "yaml" | "name",
  world: World,
): Promise<void> {
  const { results, missing, dryRun, way } = killed;
  const failed = results.filter(({ outcome }) => outcome === "failed");
  const done = results.filter(({ outcome }) => outcome !== "failed");
  if (output === "json" || output === "yaml") {
    const items = results.map(({ session, outcome, reason }) => ({
      ...sessionValue(session),
      outcome: dryRun ? "would end" : outcome,
      ...(reason === undefined ? {} : { reason }),
    }));
    const document = {
      apiVersion: API_VERSION,
      kind: "SessionKill",
      dryRun,
      items,
      ...(missing.length === 0 ? {} : { missing }),
    };
    await printDocument(document, output, world);
  } else if (results.length === 0 && missing.length === 0) {
    world.note("No sessions to end.");
  } else {
    const line = output === "name" ? ({ session }: KillResult) => sessionName(session) : killedLine(dryRun, way);
    world.print(done.map(line));
  }
  for (const { session, reason = "" } of failed) world.note(`error: session ${session.id} was not ended: ${reason}`);
}

function killedLine(dryRun: boolean, way: Way): (result: KillResult) => string {
  const wouldEnd = way === "inactive" ? "would end if it is inactive (dry run)" : "would end (dry run)";
  const words = { ended: dryRun ? wouldEnd : "ended", over: "was over already", failed: "" };
  return ({ session, outcome }) => {
    const { id, user, namespace } = session;
    const place = namespace === undefined ? "" : ` in namespace ${namespace}`;
    return `session ${id} of ${user}${session.target === undefined ? "" : ` on ${session.target}`}${place} ${words[outcome]}`;
  };
}
