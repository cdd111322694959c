import { command } from "../../cli/grammar/command.ts";
import { outputFlag } from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { usageError } from "../../errors.ts";
import { bounded } from "../../kube/live/bounded.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { planToRestart } from "../../mirrord/plan/session-rights.ts";
import { findAdmission, findPolicies } from "./admission.ts";
import { describeSections, type Described } from "./describe-sections.ts";
import { describeLines, wrapDescription } from "../../view/describe-lines.ts";
import { findSessions } from "../../mirrord/session/session-id.ts";
import { liveFlags, placeFlag, SEE_SESSIONS } from "./flags.ts";
import { readSessions } from "../../reading/sessions.ts";
import { disputes, sessionValue } from "../session-view.ts";
import { judgeStaleness } from "./stale.ts";

export const describe = command({
  name: "session describe",
  summary: "Show sessions: whose they are, what they hold, who let them in, and how to end them.",
  usage: "ID… [flags]",
  examples: {
    "kubectl mirrord session describe 487F4F2B6D2376AD": "The session with this id, whichever its namespace",
    "kubectl mirrord session describe 487F4F2B6D2376AD 1F00AB77C2D3E4F5 -o yaml": "Two, as a list",
  },
  positionals: {
    ids: {
      type: "list",
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
  async run({ ids, output, ...connection }, world) {
    const cluster = bounded(await world.connect(connection));
    const { sessions, status, notes } = await readSessions(cluster, undefined);
    const { sessions: found, missing } = findSessions(sessions, ids, connection.namespace);
    const now = world.now();
    const reasons = missing.map(({ reason }) => reason);
    if (found.length === 0) throw usageError(reasons, SEE_SESSIONS);
    const stale = await judgeStaleness(cluster, found, { features: status?.features, now });
    const all = await Promise.all(
      found.map(async (session): Promise<Described> => {
        const plan = planToRestart(session, status?.features);
        const [admission, policies] = await Promise.all([
          findAdmission(cluster, plan, session.owner, now),
          findPolicies(cluster, plan, status?.version),
        ]);
        return { session, admission, policies, staleness: stale.get(session) ?? { answer: "unknown", reason: "" } };
      }),
    );
    await show(all, { output, isList: ids.length > 1 }, world);
    for (const dispute of disputes(found)) world.warn(dispute);
    world.note(notes);
    if (reasons.length > 0) throw usageError(reasons, SEE_SESSIONS);
    return 0;
  },
});

async function show(
  all: readonly Described[],
  { output, isList }: { output: "table" | "json" | "yaml"; isList: boolean },
  world: World,
): Promise<void> {
  const [only] = all;
  if (only === undefined) return;
  if (output === "table") {
    const texts = all.map((one) => wrapDescription(describeLines(describeSections(one)), world));
    return world.print(texts.flatMap((lines, at) => (at === 0 ? lines : ["", ...lines])));
  }
  const list = { apiVersion: API_VERSION, kind: "SessionDescriptionList", items: all.map(describeDocument) };
  await printDocument(isList ? list : describeDocument(only), output, world);
}

function describeDocument({ session, admission, policies, staleness }: Described): object {
  return {
    apiVersion: API_VERSION,
    kind: "SessionDescription",
    session: sessionValue({ ...session, staleness }),
    ...(admission === undefined ? {} : { admission }),
    policies,
  };
}
