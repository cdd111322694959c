import { roleText } from "../../access/custom-role.ts";
import { formatSubject } from "../../access/subject.ts";
import type { Coverage, Window } from "../../audit/unused/coverage.ts";
import { isDoubtful, type JudgedGrant, type UnusedGrants } from "../../audit/unused/unused.ts";
import { DAY_MILLISECONDS } from "../../audit/usage/span.ts";
import type { World } from "../../cli/world.ts";
import { timestamp } from "../../text/instant.ts";
import type { Columns } from "../../view/columns.ts";
import { markdownParts, markdownTable, markdownText } from "../../view/markdown.ts";
import { printOutput, printTexts, type OutputFormat } from "../../view/output.ts";
import type { ClusterAnswer } from "./clusters/read-clusters.ts";
import { clusterColumn, clusterRows, unreadClusters, type InCluster } from "./clusters/report.ts";

interface UnusedOptions {
  format: Exclude<OutputFormat, "name"> | "markdown";
  noHeaders: boolean;
  days: number;
  /** By this machine's clock, in milliseconds since 1970. */
  now: number;
}

const columns: Columns<JudgedGrant> = {
  VERDICT: { word: ({ verdict }) => verdict },
  GRANT: ({ grant }) => grant.id,
  SUBJECT: ({ grant }) => formatSubject(grant.intent.subject),
  ROLE: { wide: ({ grant }) => roleText(grant.intent.role) },
  NAMESPACES: ({ namespaces }) => (namespaces === undefined ? "<all>" : namespaces.join(",")),
  LAST: ({ last }) => (last === undefined ? "-" : day(last)),
  WHY: ({ why }) => why,
  "NEVER USED": { wide: ({ unexercised = [] }) => unexercised.join("; ") },
  FIX: { wide: ({ commands }) => commands.join("; ") },
};

const day = (time: number): string => timestamp(time).slice(0, "2026-11-22".length);

type JudgedCluster = UnusedGrants & { window: Window };

/** Those that were used as they are have no line; JSON and YAML have them. */
export async function showUnused(
  answers: readonly ClusterAnswer<JudgedCluster>[],
  { format, noHeaders, days, now }: UnusedOptions,
  world: World,
): Promise<void> {
  const items = clusterRows(answers, (value) => value.items);
  const shown = items.filter(({ verdict }) => verdict !== "used");
  const none = nothingShown(answers, items);
  const commands = shown.flatMap((item) => item.commands);
  const reach = answers.flatMap(reachTexts);
  const all = { ...clusterColumn(answers), ...columns };
  if (format === "markdown") {
    const head = `### Grants that nobody used in ${days} days\n\n${reach.map(markdownText).join(" ")}\n`;
    const unread = unreadClusters(answers).map((why) => `Not complete: ${markdownText(why)}.\n`);
    const table = shown.length === 0 ? `${none}\n` : markdownTable(all, shown);
    const fence = commands.length === 0 ? [] : [commands.map((line) => `    ${line}\n`)];
    return printTexts(markdownParts([head, ...unread, table, ...fence]), world);
  }
  const value = {
    complete: isComplete(answers, items),
    days,
    ...reachValue(answers, { from: now - days * DAY_MILLISECONDS, to: now }),
    items: items.map(itemValue),
  };
  await printOutput(
    { kind: "UnusedGrants", value, rows: shown, columns: all, bounded: true, empty: none },
    { format, noHeaders },
    world,
  );
  if (format !== "table" && format !== "wide") return;
  if (commands.length > 0) world.print(["", "To keep only what is used:", ...commands.map((line) => `  ${line}`)]);
  world.note(reach);
}

const isComplete = (
  answers: readonly ClusterAnswer<JudgedCluster>[],
  items: readonly InCluster<JudgedGrant>[],
): boolean => !answers.some((answer) => "unread" in answer) && !items.some(isDoubtful);

/** What is said where no grant is shown. */
function nothingShown(
  answers: readonly ClusterAnswer<JudgedCluster>[],
  items: readonly InCluster<JudgedGrant>[],
): string {
  if (answers.every((answer) => "unread" in answer)) return "No cluster was read.";
  const grants = answers.some((answer) => "unread" in answer) ? "Every grant that was read" : "Every grant";
  const smaller = items.some(isDoubtful)
    ? "; whether smaller ones would do cannot be said."
    : ", and none could be smaller.";
  return `${grants} was used${smaller}`;
}

/** Over how much time the logs reach; of several clusters each. */
function reachTexts(answer: ClusterAnswer<JudgedCluster>): string[] {
  if ("unread" in answer) return [];
  const { coverage, tells } = answer.value;
  const texts = [
    ...(tells.operator ? [reachText("operator's log", coverage.operator)] : []),
    ...(tells.apiServer ? [reachText("API server's log", coverage.apiServer)] : []),
    ...(tells.operator || tells.apiServer ? [] : ["The log says nothing of mirrord."]),
  ];
  return answer.cluster === undefined ? texts : texts.map((text) => `${answer.cluster}: ${text}`);
}

/** The time that is looked at, by the clock of its one cluster or by ours, and how much of it the logs of each cluster reach over. */
function reachValue(answers: readonly ClusterAnswer<JudgedCluster>[], ours: Window): object {
  const [first] = answers;
  const single = first !== undefined && first.cluster === undefined && "value" in first ? first.value : undefined;
  const { from, to } = single?.window ?? ours;
  const time = { from: timestamp(from), to: timestamp(to) };
  if (single !== undefined) return { ...time, logs: logsValue(single) };
  const clusters = answers.map((answer) =>
    "unread" in answer
      ? { name: answer.cluster, complete: false, error: answer.unread }
      : { name: answer.cluster, complete: !answer.value.items.some(isDoubtful), logs: logsValue(answer.value) },
  );
  return { ...time, clusters };
}

const logsValue = ({ coverage }: JudgedCluster): object => ({
  operator: coverageValue(coverage.operator),
  apiServer: coverageValue(coverage.apiServer),
});

function reachText(log: string, { covered, of, missing }: Coverage): string {
  const gap =
    missing === undefined
      ? ""
      : missing.first === missing.last
        ? `; ${day(missing.first)} is missing`
        : `; days are missing between ${day(missing.first)} and ${day(missing.last)}`;
  return `The ${log} reaches over ${covered} of ${of} days${gap}.`;
}

function coverageValue({ covered, of, missing }: Coverage): object {
  const gap = missing === undefined ? {} : { missing: { first: day(missing.first), last: day(missing.last) } };
  return { covered, of, ...gap };
}

/** Schema: docs/schema/audit-unused.json. */
function itemValue({
  cluster,
  grant,
  namespaces,
  verdict,
  why,
  last,
  unexercised,
  commands,
}: InCluster<JudgedGrant>): object {
  const { intent } = grant;
  return {
    ...(cluster === undefined ? {} : { cluster }),
    verdict,
    grant: grant.id,
    subject: formatSubject(intent.subject),
    role: roleText(intent.role),
    namespaces: namespaces ?? ["*"],
    targets: intent.targets,
    why,
    ...(last === undefined ? {} : { last: timestamp(last) }),
    ...(unexercised === undefined ? {} : { unexercised }),
    commands,
  };
}
