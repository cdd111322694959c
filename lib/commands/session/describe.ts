import { command } from "../../cli/grammar/command.ts";
import { outputFlag } from "../../cli/grammar/shared-flags.ts";
import { usageError } from "../../errors.ts";
import { bounded } from "../../kube/live/bounded.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { planToRestart } from "../../mirrord/plan/session-rights.ts";
import { findAdmission, findPolicies } from "./admission.ts";
import { describeSections, type Described } from "./describe-sections.ts";
import { describeLines, wrapDescription } from "../../view/describe-lines.ts";
import { findSessions } from "../../mirrord/session/session-id.ts";
import { liveFlags, placeFlag } from "./flags.ts";
import { readSessions } from "../../reading/sessions.ts";
import { disputes, sessionValue } from "../session-view.ts";
import { judgeStaleness } from "./stale.ts";

export const describe = command({
  name: "session describe",
  summary: "Show one session: whose it is, what it holds, who let it in, and how to end it.",
  usage: "ID [flags]",
  examples: {
    "kubectl mirrord session describe 487F4F2B6D2376AD": "The session with this id, whichever its namespace",
  },
  positionals: {
    id: {
      type: "string",
      placeholder: "ID",
      describe: "As `session list` shows it, or in decimal",
      required: true,
      completes: "session",
    },
  },
  flags: {
    namespace: { ...placeFlag, describe: "Where the session must be; without it, anywhere." },
    output: outputFlag(["table", "json", "yaml"]),
    ...liveFlags,
  },
  waits: "Reading the session",
  async run({ id, output, ...connection }, world) {
    const cluster = bounded(await world.connect(connection));
    const { sessions, status, notes } = await readSessions(cluster, undefined);
    const { sessions: found, missing } = findSessions(sessions, [id], connection.namespace);
    const [session] = found;
    if (session === undefined) {
      throw usageError(missing[0]?.reason ?? "no such session", "See what is there: kubectl mirrord session list -A");
    }
    const now = world.now();
    const plan = planToRestart(session, status?.features);
    const [admission, policies, stale] = await Promise.all([
      findAdmission(cluster, plan, session.owner, now),
      findPolicies(cluster, plan, status?.version),
      judgeStaleness(cluster, [session], { features: status?.features, now }),
    ]);
    const staleness = stale.get(session) ?? { answer: "unknown", reason: "" };
    const described: Described = { session, admission, policies, staleness };
    if (output === "table") world.print(wrapDescription(describeLines(describeSections(described)), world));
    else await printDocument(describeDocument(described), output, world);
    for (const dispute of disputes([session])) world.warn(dispute);
    world.note(notes);
    return 0;
  },
});

function describeDocument({ session, admission, policies, staleness }: Described): object {
  return {
    apiVersion: API_VERSION,
    kind: "SessionDescription",
    session: sessionValue({ ...session, staleness }),
    ...(admission === undefined ? {} : { admission }),
    policies,
  };
}
