import type { Action } from "../../mirrord/plan/session-plan.ts";
import type { MatrixRow } from "../../preview/matrix-row.ts";
import { answerLine, type Line } from "../../view/lines.ts";

/** The rows and columns that say something, and the lines below for the rest. */
export interface ShownMatrix {
  rows: MatrixRow[];
  actions: Action[];
  below: Line[];
}

/** Where the text of a line below begins. */
export const HANG = 12;

/** A column that is no (or n/a) all the way down is named once below, and so is what needs no target. */
export function shownMatrix(rows: readonly MatrixRow[], actions: readonly Action[]): ShownMatrix {
  const targets = rows.filter(({ target }) => target.kind !== "targetless");
  const targetless = rows.filter(({ target }) => target.kind === "targetless");
  const ofTargets = actions.filter((action) => action !== "targetless");
  const never = targets.length === 0 ? [] : ofTargets.filter((action) => targets.every((row) => isNever(row, action)));
  return {
    rows: targets,
    actions: ofTargets.filter((action) => !never.includes(action)),
    below: [...targetlessLines(targetless), ...neverLines(targets, never)],
  };
}

function isNever({ cells }: MatrixRow, action: Action): boolean {
  const answer = cells[action]?.answer;
  return answer === "no" || answer === "n/a";
}

/** Actions that fail for the same reason share a line. */
function neverLines(rows: readonly MatrixRow[], never: readonly Action[]): Line[] {
  const byReason = Map.groupBy(never, (action) => {
    const refused = rows.flatMap(({ cells }) => cells[action] ?? []).filter(({ answer }) => answer === "no");
    // How many more steps fail is another thing for each target.
    const reasons = new Set(refused.map(({ reason }) => reason.replace(/ \(and \d+ more steps?\)$/, "")));
    const [reason = ""] = reasons;
    return `${refused.length > 0 ? "no" : "n/a"} ${reasons.size === 1 ? reason : ""}`;
  });
  return [...byReason].map(([key, actions]) => {
    const [answer = ""] = key.split(" ", 1);
    const reason = key.slice(answer.length + 1);
    return line(answer, `${actions.join(", ")}, on every target${reason === "" ? "" : `: ${reason}`}`);
  });
}

const SHOWN_PLACES = 10;

function targetlessLines(rows: readonly MatrixRow[]): Line[] {
  const byAnswer = Map.groupBy(rows, ({ cells }) => cells.targetless?.answer ?? "unknown");
  return [...byAnswer].map(([answer, group]) => {
    const places = group.map(({ namespace }) => namespace);
    const more = places.length > SHOWN_PLACES ? ` and ${places.length - SHOWN_PLACES} more` : "";
    const where = rows.length === 1 ? "" : `, in ${places.slice(0, SHOWN_PLACES).join(", ")}${more}`;
    return line(answer, `targetless${byAnswer.size === 1 && rows.length > 1 ? ", in every namespace" : where}`);
  });
}

const line = (answer: string, text: string): Line => answerLine(`  ${answer.padEnd(7)}   ${text}`);
