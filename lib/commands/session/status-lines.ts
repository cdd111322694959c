import { withDetails } from "../../mirrord/session/session-details.ts";
import { countFields } from "../../mirrord/session/session-fields.ts";
import { queueSplits, topicSplits, type QueueSplit, type TopicSplit } from "../../mirrord/session/session-queues.ts";
import type { LiveStatus, OperatorStatus } from "../../mirrord/session/session-status.ts";
import { portText, type Session } from "../../mirrord/session/session.ts";
import type { World } from "../../cli/world.ts";
import type { Columns } from "../../view/columns.ts";
import { fittedTable } from "../../view/output.ts";
import type { Line } from "../../view/lines.ts";
import { describeLines } from "../../view/describe-lines.ts";
import { licenseText } from "../../mirrord/license.ts";
import { durationText, sessionValue, targetText } from "../session-view.ts";

export type Status = OperatorStatus & { live: LiveStatus };

/** Of the JSON and YAML forms. */
export function statusFields({ live, ...operator }: Status): object {
  const { copyTargets, clusters, dailyUsers, monthlyUsers, ciSessions, previewSessions } = live;
  const all = withDetails(live.sessions, [], live);
  return {
    operator,
    ...countFields({ dailyUsers, monthlyUsers, ciSessions, previewSessions }),
    copyTargets,
    clusters,
    sessions: all.map(sessionValue),
  };
}

export async function statusLines({ live, license, ...operator }: Status, world: World): Promise<Line[]> {
  const count = (number: number | undefined): string => (number === undefined ? "" : String(number));
  const head = describeLines([
    ["Operator version", operator.version ?? ""],
    ["Operator namespace", operator.operatorNamespace ?? ""],
    ["Default namespace", operator.defaultNamespace ?? ""],
    ["Licence", license.name ?? ""],
    ["Organization", license.organization ?? ""],
    ["Licence expires", licenseText(license, world.now())],
    ["Daily users", count(live.dailyUsers)],
    ["Monthly users", count(live.monthlyUsers)],
    ["CI sessions", count(live.ciSessions)],
    ["Preview sessions", count(live.previewSessions)],
  ]);
  const all = withDetails(live.sessions, [], live);
  const of = (...kinds: Session["kind"][]) => all.filter(({ kind }) => kinds.includes(kind));
  const part = async <Row>(heading: string, columns: Columns<Row>, rows: readonly Row[]): Promise<Line[]> =>
    rows.length === 0 ? [] : ["", `${heading}:`, ...(await fittedTable(columns, rows, { bounded: false }, world))];
  const parts = [
    live.copyTargets.length === 0
      ? ["", "No active copy targets."]
      : await part("Copy targets", copyColumns, live.copyTargets),
    await part("Sessions", sessionTable, of("session", "copy", "ci")),
    await part("Sessions over several clusters", multiClusterTable, of("multi-cluster")),
    await part("Previews", previewTable, of("preview")),
    await part("Connected clusters", clusterTable, live.clusters),
    await part("Queue splits (SQS)", splitTable, queueSplits(all, "sqs")),
    await part("Queue splits (RabbitMQ)", splitTable, queueSplits(all, "rmq")),
    await part("Queue splits (Kafka)", kafkaTable, topicSplits(all)),
  ];
  return [...head, ...parts.flat()];
}

const copyColumns: Columns<LiveStatus["copyTargets"][number]> = {
  TARGET: ({ target }) => target,
  NAMESPACE: ({ namespace }) => namespace,
  "COPY POD": ({ pod }) => pod,
  "SCALE DOWN": ({ scaleDown }) => (scaleDown ? "*" : ""),
  PHASE: { word: ({ phase }) => phase },
};

const sessionTable: Columns<Session> = {
  ID: ({ id }) => id,
  TARGET: targetText,
  NAMESPACE: ({ namespace }) => namespace,
  USER: ({ user }) => user,
  PORTS: { short: ({ ports }) => ports.map(portText).join(", ") },
  DURATION: ({ seconds }) => durationText(seconds),
};

const multiClusterTable: Columns<Session> = {
  ID: ({ id }) => id,
  TARGET: targetText,
  NAMESPACE: ({ namespace }) => namespace,
  USER: ({ user }) => user,
  CLUSTERS: ({ clusters = [] }) => clusters.join(","),
  PHASE: { word: ({ phase }) => phase },
  DURATION: ({ seconds }) => durationText(seconds),
};

const previewTable: Columns<Session> = {
  ID: ({ id }) => id,
  TARGET: targetText,
  NAMESPACE: ({ namespace }) => namespace,
  KEY: ({ key }) => key,
  PHASE: { word: ({ phase }) => phase },
  DURATION: ({ seconds }) => durationText(seconds),
};

const clusterTable: Columns<LiveStatus["clusters"][number]> = {
  NAME: ({ name }) => name,
  STATE: { word: ({ error }) => (error === undefined ? "connected" : `error: ${error}`) },
  VERSION: ({ operatorVersion }) => operatorVersion,
  "LAST CHECK": ({ lastCheck }) => lastCheck,
};

const splitTable: Columns<QueueSplit> = {
  SESSION: ({ session }) => session,
  QUEUE: ({ queue }) => queue,
  USER: ({ user }) => user,
  "ORIGINAL NAME": ({ originalName }) => originalName,
  "OUTPUT NAME": ({ outputName }) => outputName,
  FILTER: ({ filter }) => filter,
};

const kafkaTable: Columns<TopicSplit> = {
  SESSION: ({ session }) => session,
  TOPIC: ({ topic }) => topic,
  USER: ({ user }) => user,
  "CLIENT CONFIG": ({ clientConfig }) => clientConfig,
  TYPE: ({ type }) => type,
};
