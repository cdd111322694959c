import type { Action } from "../../mirrord/plan/session-plan.ts";
import { formatTarget, type Target } from "../../mirrord/target.ts";
import type { Cell, TargetAnswers } from "../../preview/target-answers.ts";
import { listWords } from "../../text/list-words.ts";
import { answerLine, type Line } from "../../view/lines.ts";

/** The rows and columns that say something, and the lines below for the rest. */
export interface ShownMatrix {
  rows: TargetAnswers[];
  actions: Action[];
  below: Line[];
}

/** Where the text of a line below begins. */
export const HANG = 12;

/** A column that is no (or n/a) all the way down is named once below, and so are what needs no target and every reason. */
export function shownMatrix(rows: readonly TargetAnswers[], actions: readonly Action[]): ShownMatrix {
  const targets = rows.filter(({ target }) => target.kind !== "targetless");
  const targetless = rows.filter(({ target }) => target.kind === "targetless");
  const ofTargets = actions.filter((action) => action !== "targetless");
  const never = targets.length === 0 ? [] : ofTargets.filter((action) => targets.every((row) => isNever(row, action)));
  const refusals = ofTargets.flatMap((action) => refusalsFor(targets, action));
  const reasons = new Set(refusals.map(({ reason }) => reason));
  const isNeverDone = ({ action }: Refusal) => never.some((one) => one === action);
  const said = new Set(refusals.filter((one) => one.isAlone && isNeverDone(one)).map(({ reason }) => reason));
  return {
    rows: targets,
    actions: ofTargets.filter((action) => !never.includes(action)),
    below: [
      ...targetlessLines(targetless, reasons),
      ...neverLines(never, refusals),
      ...reasonLines(refusals.filter((one) => !(said.has(one.reason) && isNeverDone(one)))),
    ],
  };
}

function isNever({ cells }: TargetAnswers, action: Action): boolean {
  const answer = cells[action]?.answer;
  return answer === "no" || answer === "n/a";
}

/** Why an action is refused, or not known, on some targets. */
interface Refusal {
  action: Action;
  answer: string;
  reason: string;
  targets: string[];
  /** There is no other one of the action. */
  isAlone: boolean;
}

function refusalsFor(rows: readonly TargetAnswers[], action: Action): Refusal[] {
  const refused = rows.flatMap(({ target, cells }) => {
    const cell = cells[action];
    if (cell?.answer !== "no" && cell?.answer !== "unknown") return [];
    return [{ target: formatTarget(target), answer: cell.answer, reason: generalReason(cell, target) }];
  });
  const groups = [...Map.groupBy(refused, ({ answer, reason }) => `${answer} ${reason}`).values()];
  return groups.flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { answer, reason } = first;
    return [{ action, answer, reason, targets: group.map(({ target }) => target), isAlone: groups.length === 1 }];
  });
}

/** Without what is another thing for each target: its name, and how many more steps fail. */
function generalReason({ reason }: Cell, target: Target): string {
  const short = reason
    .replace(/ \(and \d+ more steps?\)$/, "")
    // What mirrord says is for whoever did not ask beforehand.
    .replace(/^.* is forbidden by the (mirrord policy "[^"]+") for this target.*$/s, "$1 forbids it");
  return target.kind === "targetless" || target.kind === "label"
    ? short
    : short
        .replace(` ${JSON.stringify(target.name)}`, "")
        .replace(` ${JSON.stringify(`${target.kind}.${target.name}`)}`, "");
}

/** Actions that fail for the same reason share a line. */
function neverLines(never: readonly Action[], refusals: readonly Refusal[]): Line[] {
  const byReason = Map.groupBy(never, (action) => {
    const [only, ...others] = refusals.filter((one) => one.action === action);
    return `${only === undefined ? "n/a" : "no"} ${others.length === 0 ? (only?.reason ?? "") : ""}`;
  });
  return [...byReason].map(([key, actions]) => {
    const [answer = ""] = key.split(" ", 1);
    return line(answer, `${actions.join(", ")}, on every target${because(key.slice(answer.length + 1))}`);
  });
}

const SHOWN_REASONS = 3;
const SHOWN_TARGETS = 3;

/** The reasons of what stands in the table, those of most cells first. */
function reasonLines(refusals: readonly Refusal[]): Line[] {
  const same = Map.groupBy(refusals, ({ answer, reason, targets }) => [answer, reason, ...targets].join("\0"));
  const size = (group: readonly Refusal[]) => group.length * (group[0]?.targets.length ?? 0);
  const groups = [...same.values()].toSorted((one, other) => size(other) - size(one));
  const lines = groups.slice(0, SHOWN_REASONS).flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { answer, reason, targets } = first;
    const where = targets.length > SHOWN_TARGETS ? `${targets.length} targets` : listWords(targets);
    return [line(answer, `${group.map(({ action }) => action).join(", ")} on ${where}${because(reason)}`)];
  });
  const more = groups.length - SHOWN_REASONS;
  return more > 0 ? [...lines, `${" ".repeat(HANG)}${more} more ${more === 1 ? "reason" : "reasons"}: -o json`] : lines;
}

const because = (reason: string): string => (reason === "" ? "" : `: ${reason}`);

const SHOWN_PLACES = 10;

/** @param known reasons that are said anyway */
function targetlessLines(rows: readonly TargetAnswers[], known: ReadonlySet<string>): Line[] {
  const byAnswer = Map.groupBy(rows, ({ cells }) => cells.targetless?.answer ?? "unknown");
  return [...byAnswer].map(([answer, group]) => {
    const places = group.map(({ namespace }) => namespace);
    const more = places.length > SHOWN_PLACES ? ` and ${places.length - SHOWN_PLACES} more` : "";
    const where = rows.length === 1 ? "" : `, in ${places.slice(0, SHOWN_PLACES).join(", ")}${more}`;
    const [only, ...others] = new Set(group.flatMap(targetlessReason));
    const why = only === undefined || others.length > 0 || known.has(only) ? "" : because(only);
    return line(answer, `targetless${byAnswer.size === 1 && rows.length > 1 ? ", in every namespace" : where}${why}`);
  });
}

function targetlessReason({ target, cells }: TargetAnswers): string[] {
  return cells.targetless === undefined ? [] : [generalReason(cells.targetless, target)];
}

const line = (answer: string, text: string): Line => answerLine(`  ${answer.padEnd(7)}   ${text}`);
