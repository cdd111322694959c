import { command } from "../../cli/grammar/command.ts";
import { outputFlag } from "../../cli/grammar/shared-flags.ts";
import { withDetails } from "../../mirrord/session/session-details.ts";
import { countFields } from "../../mirrord/session/session-fields.ts";
import type { Session } from "../../mirrord/session/session.ts";
import { table } from "../../view/columns.ts";
import type { Line } from "../../view/lines.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { describeLines } from "../../view/describe-lines.ts";
import { liveFlags } from "./flags.ts";
import { readOperatorStatus } from "../../reading/sessions.ts";
import { licenseDaysLeft, licenseText } from "../../mirrord/license.ts";
import { durationText, targetText, userText } from "../session-view.ts";

export const stats = command({
  name: "session stats",
  summary: "Count: users a day and a month, the licence, sessions per user, target and namespace.",
  usage: "[flags]",
  examples: {
    "kubectl mirrord session stats": "How much mirrord is used now",
    "kubectl mirrord session stats -o json": "For a program",
  },
  flags: { output: outputFlag(["table", "json", "yaml"]), ...liveFlags },
  waits: "Reading the operator's status",
  async run({ output, ...connection }, world) {
    const cluster = await world.connect(connection);
    const { live, license } = await readOperatorStatus(cluster);
    const now = world.now();
    const { dailyUsers, monthlyUsers, ciSessions, previewSessions } = live;
    const sessions = withDetails(live.sessions, [], live).filter(({ kind }) => kind !== "preview");
    const per = {
      user: countBy(sessions, userText),
      target: countBy(sessions, placedTarget),
      namespace: countBy(sessions, sessionNamespace),
    };
    if (output !== "table") {
      const daysLeft = licenseDaysLeft(license.expiresAt, now);
      await printDocument(
        {
          apiVersion: API_VERSION,
          kind: "SessionStats",
          users: countFields({ daily: dailyUsers, monthly: monthlyUsers }),
          license: { ...license, ...(daysLeft === undefined ? {} : { daysLeft }) },
          sessions: { total: sessions.length, ...countFields({ ci: ciSessions, previews: previewSessions }) },
          perUser: per.user,
          perTarget: per.target,
          perNamespace: per.namespace,
        },
        output,
        world,
      );
      return 0;
    }
    const number = (value: number | undefined): string => (value === undefined ? "" : String(value));
    const head = describeLines([
      ["Daily users", number(dailyUsers)],
      ["Monthly users", number(monthlyUsers)],
      ["Licence", [license.name, license.organization].filter((part) => part !== undefined).join(", ")],
      ["Licence expires", licenseText(license, now)],
      ["Sessions", String(sessions.length)],
      ["CI sessions", number(ciSessions)],
      ["Preview sessions", number(previewSessions)],
    ]);
    const parts = await Promise.all([
      countTable("USER", per.user),
      countTable("TARGET", per.target),
      countTable("NAMESPACE", per.namespace),
    ]);
    world.print([...head, ...parts.flat()]);
    return 0;
  },
});

interface Count {
  name: string;
  sessions: number;
  longestSeconds?: number;
}

/** The most first. */
function countBy(sessions: readonly Session[], nameOf: (session: Session) => string): Count[] {
  const groups = [...Map.groupBy(sessions, nameOf)];
  return groups
    .map(([name, members]): Count => {
      const known = members.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds]));
      const longest = known.reduce((most, seconds) => Math.max(most, seconds), 0);
      return { name, sessions: members.length, ...(known.length === 0 ? {} : { longestSeconds: longest }) };
    })
    .toSorted((one, other) => other.sessions - one.sessions || (one.name < other.name ? -1 : 1));
}

const sessionNamespace = ({ namespace = "" }: Session): string => namespace;
const placedTarget = (session: Session): string => `${sessionNamespace(session)}: ${targetText(session)}`;

async function countTable(heading: string, counts: readonly Count[]): Promise<Line[]> {
  if (counts.length === 0) return [];
  const lines = await table<Count>(
    {
      [heading]: ({ name }) => name,
      SESSIONS: ({ sessions }) => sessions,
      LONGEST: ({ longestSeconds }) => durationText(longestSeconds),
    },
    counts,
  );
  return ["", ...lines];
}
