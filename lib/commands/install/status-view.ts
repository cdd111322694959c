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
  const { isOperatorKnown, areDefinitionsKnown } = whatIsKnown(status);
  return {
    namespace: installed.namespace,
    ...(installed.owner === undefined ? {} : { owner: installed.owner }),
    version: {
      chart: OPERATOR_VERSION,
      ...(settings?.version === undefined ? {} : { installed: settings.version }),
      ...(said?.version === undefined ? {} : { answers: said.version }),
    },
    ...(isOperatorKnown ? { license: { ...said?.license, ...(daysLeft === undefined ? {} : { daysLeft }) } } : {}),
    ...(replicas === undefined ? {} : { replicas }),
    apiService,
    ...(said?.live === undefined ? {} : { sessions: said.live.sessions.length }),
    ...(areDefinitionsKnown ? { definitions } : {}),
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
  const { isDeploymentKnown, isOperatorKnown, areDefinitionsKnown } = whatIsKnown(status);
  const orUnknown = (text: string, isKnown: boolean) => (text === "" && !isKnown ? "unknown" : text);
  const license = [said?.license.name, licenseText(said?.license ?? {}, now)].filter((text) => text).join(", until ");
  const missing = needs(status).filter(({ state }) => state !== "there");
  const isMissing = findings.some(({ rule }) => rule === "not-installed");
  const head = describeLines([
    ["Namespace", installed.namespace],
    ["Installed by", isMissing ? "nobody" : ownerWords(installed, isDeploymentKnown)],
    ["Version", orUnknown(versionText(settings?.version, said?.version), isDeploymentKnown && isOperatorKnown)],
    ["Licence", orUnknown(license, isOperatorKnown)],
    [
      "Replicas",
      orUnknown(replicas === undefined ? "" : `${replicas.ready} of ${replicas.wanted} ready`, isDeploymentKnown),
    ],
    ["APIService", apiService.reason === "" ? apiService.state : `${apiService.state} (${apiService.reason})`],
    ["Definitions", orUnknown(definitionText(definitions), areDefinitionsKnown)],
    ["Grant sync", syncText(status.access.sync)],
    ["Sessions", orUnknown(said?.live === undefined ? "" : String(said.live.sessions.length), isOperatorKnown)],
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

/** What is not there, and what could not be read: only the first is nothing. */
function whatIsKnown({ installed: { unreadable }, apiService, operator }: InstallationStatus) {
  return {
    isDeploymentKnown: !unreadable.includes("deployments"),
    /** Where it is not registered there is none to ask. */
    isOperatorKnown: !operator.failed || apiService.state === "missing",
    areDefinitionsKnown: !unreadable.includes("customresourcedefinitions"),
  };
}

/** Whoever installs something marks the Deployment as well. */
function ownerWords({ owner }: InstallationStatus["installed"], isDeploymentKnown: boolean): string {
  if (owner !== undefined) return ownerText(owner);
  return isDeploymentKnown ? "kubectl mirrord, or by hand" : "unknown";
}

function versionText(installed: string | undefined, answers: string | undefined): string {
  const version = installed ?? answers;
  if (version === undefined) return "";
  const other = answers === undefined || answers === installed ? "" : `, and ${answers} answers`;
  return `${version}${other}${version === OPERATOR_VERSION ? "" : ` (this program installs ${OPERATOR_VERSION})`}`;
}

function syncValue(sync: SyncJob): object {
  if (sync.runs) return sync;
  return { ...(sync.unread === undefined ? { runs: false } : {}), why: sync.why };
}

/** Of what does not run the list below says what is not possible. */
function syncText(sync: SyncJob): string {
  if (!sync.runs) return sync.unread === undefined ? "does not run" : "unknown";
  return sync.lastSuccess === undefined ? "has not succeeded yet" : `last succeeded at ${sync.lastSuccess}`;
}

/** `8 same, 2 older, 1 with other limits`. */
function definitionText(definitions: InstallationStatus["definitions"]): string {
  return [...Map.groupBy(definitions, ({ state }) => state)]
    .map(([word, { length }]) => `${length} ${word === "other" ? "with other limits" : word}`)
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
