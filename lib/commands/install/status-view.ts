import type { SyncJob } from "../../access/sync-job.ts";
import { OPERATOR_VERSION } from "../../install/chart.ts";
import type { InstallationFinding } from "../../install/installation-rules.ts";
import { needs, type Need } from "../../install/needs.ts";
import { ownerText } from "../../kubernetes/owner.ts";
import type { InstallationStatus } from "../../install/status.ts";
import { referenceText } from "../../kubernetes/object.ts";
import { licenseDaysLeft, licenseText } from "../../mirrord/license.ts";
import { table, type Columns } from "../../view/columns.ts";
import { describeLines } from "../../view/describe-lines.ts";
import type { Line } from "../../view/lines.ts";

/** Of the JSON and YAML forms. Schema: docs/schema/install-status.json. */
export function statusValue(status: InstallationStatus, findings: readonly InstallationFinding[], now: Date): object {
  const { installed, settings, replicas, apiService, operator, definitions } = status;
  const said = operator.failed ? undefined : operator.value;
  const daysLeft = licenseDaysLeft(said?.license.expiresAt, now);
  return {
    namespace: installed.namespace,
    ...(installed.owner === undefined ? {} : { owner: installed.owner }),
    version: {
      chart: OPERATOR_VERSION,
      ...(settings?.version === undefined ? {} : { installed: settings.version }),
      ...(said?.version === undefined ? {} : { answers: said.version }),
    },
    license: { ...said?.license, ...(daysLeft === undefined ? {} : { daysLeft }) },
    ...(replicas === undefined ? {} : { replicas }),
    apiService,
    ...(said?.live === undefined ? {} : { sessions: said.live.sessions.length }),
    definitions,
    sync: syncValue(status.access.sync),
    needs: needs(status),
    findings,
    unreadable: installed.unreadable,
  };
}

export async function statusLines(
  status: InstallationStatus,
  findings: readonly InstallationFinding[],
  { now, wrapAt }: { now: Date; wrapAt: number | undefined },
): Promise<Line[]> {
  const { installed, settings, replicas, apiService, operator, definitions } = status;
  const said = operator.failed ? undefined : operator.value;
  const missing = needs(status).filter(({ state }) => state !== "there");
  const isMissing = findings.some(({ rule }) => rule === "not-installed");
  const head = describeLines([
    ["Namespace", installed.namespace],
    [
      "Installed by",
      isMissing ? "nobody" : installed.owner === undefined ? "kubectl mirrord, or by hand" : ownerText(installed.owner),
    ],
    ["Version", versionText(settings?.version, said?.version)],
    ["Licence", [said?.license.name, licenseText(said?.license ?? {}, now)].filter((text) => text).join(", until ")],
    ["Replicas", replicas === undefined ? "" : `${replicas.ready} of ${replicas.wanted} ready`],
    ["APIService", apiService.reason === "" ? apiService.state : `${apiService.state} (${apiService.reason})`],
    ["Definitions", definitionText(definitions)],
    ["Grant sync", syncText(status.access.sync)],
    ["Sessions", said?.live === undefined ? "" : String(said.live.sessions.length)],
    ...(installed.unreadable.length === 0
      ? []
      : [["You may not read", installed.unreadable.join(", ")] satisfies [string, string]]),
  ]);
  return [
    ...head,
    ...(missing.length === 0 ? [] : ["", ...(await table(needColumns, missing, { wrapAt }))]),
    ...(findings.length === 0 ? [] : ["", ...(await table(findingColumns, findings, { wrapAt }))]),
  ];
}

function versionText(installed: string | undefined, answers: string | undefined): string {
  const version = installed ?? answers;
  if (version === undefined) return "";
  const other = answers === undefined || answers === installed ? "" : `, and ${answers} answers`;
  return `${version}${other}${version === OPERATOR_VERSION ? "" : ` (this program installs ${OPERATOR_VERSION})`}`;
}

function syncValue(sync: SyncJob): object {
  return sync.runs ? sync : { runs: false, why: sync.why };
}

/** Of what does not run the list below says what is not possible. */
function syncText(sync: SyncJob): string {
  if (!sync.runs) return sync.unread === undefined ? "does not run" : "unknown";
  return sync.lastSuccess === undefined ? "has not succeeded yet" : `last succeeded at ${sync.lastSuccess}`;
}

/** `8 same, 2 older`. */
function definitionText(definitions: InstallationStatus["definitions"]): string {
  return [...Map.groupBy(definitions, ({ state }) => state)]
    .map(([word, { length }]) => `${length} ${word}`)
    .join(", ");
}

const needColumns: Columns<Need> = {
  "NEEDED BY": ({ plugin }) => plugin,
  WHAT: ({ needs: what }) => what,
  STATE: ({ state }) => state,
  WITHOUT: ({ without }) => without,
};

const findingColumns: Columns<InstallationFinding> = {
  SEVERITY: { word: ({ severity }) => severity },
  RULE: ({ rule }) => rule,
  OBJECT: ({ subject }) => referenceText(subject),
  MESSAGE: ({ message }) => message,
  FIX: ({ fix }) => fix,
};
