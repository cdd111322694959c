import type { World } from "../../../cli/world.ts";
import { listWords } from "../../../text/list-words.ts";
import type { Columns } from "../../../view/columns.ts";
import type { ClusterAnswer } from "./read-clusters.ts";

/** A row of a report; `cluster` is undefined in one about a single cluster. */
export type InCluster<Row> = Row & { cluster?: string };

/** The rows of all clusters that were read, each with the name of its cluster. */
export function clusterRows<Value, Row extends object>(
  answers: readonly ClusterAnswer<Value>[],
  rows: (value: Value) => readonly Row[],
): InCluster<Row>[] {
  return answers.flatMap((answer) => {
    if ("unread" in answer) return [];
    const { cluster, value } = answer;
    return cluster === undefined ? rows(value) : rows(value).map((row) => ({ cluster, ...row }));
  });
}

const isSeveral = (answers: readonly ClusterAnswer<unknown>[]): boolean =>
  answers.some(({ cluster }) => cluster !== undefined);

/** The first column of a report about several clusters; of one about a single cluster none. */
export const clusterColumn = (answers: readonly ClusterAnswer<unknown>[]): Columns<InCluster<unknown>> =>
  isSeveral(answers) ? { CLUSTER: ({ cluster }) => cluster } : {};

/** Of a list that may lack what the caller may not list: plural names of resources. */
export interface Partly {
  unreadable: readonly string[];
  /** What the cluster allows that no object shows: clauses. */
  unshown?: readonly string[];
}

const isWhole = ({ unreadable, unshown = [] }: Partly): boolean => unreadable.length === 0 && unshown.length === 0;

/** How much could be read, for a document. `clusters` is there in a report about several. */
export function completeness(answers: readonly ClusterAnswer<Partly>[]): object {
  const unreadable = [...new Set(answers.flatMap((answer) => ("unread" in answer ? [] : answer.value.unreadable)))];
  const complete = isComplete(answers);
  if (!isSeveral(answers)) return { complete, unreadable };
  const clusters = answers.map((answer) =>
    "unread" in answer
      ? { name: answer.cluster, complete: false, unreadable: [], error: answer.unread }
      : { name: answer.cluster, complete: isWhole(answer.value), unreadable: answer.value.unreadable },
  );
  return { complete, unreadable, clusters };
}

const isComplete = (answers: readonly ClusterAnswer<Partly>[]): boolean =>
  answers.every((answer) => !("unread" in answer) && isWhole(answer.value));

/** What could not be read of which cluster: clauses. */
export function notRead(answers: readonly ClusterAnswer<Partly>[]): string[] {
  return answers.flatMap((answer) => {
    if ("unread" in answer) return [unreadText(answer)];
    const { unreadable } = answer.value;
    const refused = unreadable.length === 0 ? [] : [`you may not list ${listWords(unreadable)}`];
    return [...refused.map((text) => placed(answer.cluster, text)), ...unshownParts([answer])];
  });
}

/** What the clusters allow that no object shows: clauses. */
export const unshownParts = (answers: readonly ClusterAnswer<Partly>[]): string[] =>
  answers.flatMap((answer) =>
    "unread" in answer ? [] : (answer.value.unshown ?? []).map((text) => placed(answer.cluster, text)),
  );

const placed = (cluster: string | undefined, text: string): string =>
  cluster === undefined ? text : `${cluster}: ${text}`;

/** Of a report that says in clauses what it left out, and why. */
export interface Skipping {
  skipped: readonly string[];
}

/** What was not looked at in which cluster, and why: clauses. */
export function skippedParts(answers: readonly ClusterAnswer<Skipping>[]): string[] {
  return answers.flatMap((answer) => {
    if ("unread" in answer) return [unreadText(answer)];
    const where = answer.cluster === undefined ? "" : `${answer.cluster}: `;
    return answer.value.skipped.map((why) => `${where}${why}`);
  });
}

/** The clusters of which nothing was read, and why: clauses. */
export const unreadClusters = (answers: readonly ClusterAnswer<unknown>[]): string[] =>
  answers.flatMap((answer) => ("unread" in answer ? [unreadText(answer)] : []));

/** How much was looked at, for a document. `clusters` is there in a report about several. */
export function lookedAt(answers: readonly ClusterAnswer<Skipping>[]): object {
  const skipped = skippedParts(answers);
  const whole = { complete: skipped.length === 0, skipped };
  if (!isSeveral(answers)) return whole;
  const clusters = answers.map((answer) =>
    "unread" in answer
      ? { name: answer.cluster, complete: false, skipped: [], error: answer.unread }
      : { name: answer.cluster, complete: answer.value.skipped.length === 0, skipped: answer.value.skipped },
  );
  return { ...whole, clusters };
}

/** What a report is about: the place of its one cluster, or the names of several. */
export function placeText<Value>(answers: readonly ClusterAnswer<Value>[], place: (value: Value) => string): string {
  const [first] = answers;
  if (first !== undefined && first.cluster === undefined && "value" in first) return place(first.value);
  return `contexts ${listWords(answers.map(({ cluster = "" }) => cluster))}`;
}

/**
 * Names on stderr what could not be read.
 * @param consequence what that means for the answer: a clause
 * @returns whether there is anything to name
 */
export function warnIncomplete(
  answers: readonly ClusterAnswer<Partly>[],
  consequence: string,
  world: Pick<World, "warn">,
): boolean {
  // Clusters of which nothing was read come first.
  for (const answer of answers.toSorted((a, b) => Number("unread" in b) - Number("unread" in a))) {
    for (const text of notRead([answer])) world.warn("unread" in answer ? text : `${text}: ${consequence}`);
  }
  return !isComplete(answers);
}

const unreadText = ({ cluster = "", unread }: { cluster: string | undefined; unread: string }): string =>
  `${cluster}: nothing of this cluster was read: ${unread}`;
