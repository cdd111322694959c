import type { World } from "../../cli/world.ts";
import { explainDecision } from "../../preview/explain.ts";
import type { Fix } from "../../preview/fix.ts";
import type { Preview } from "../../preview/preview.ts";
import { describeAttributes } from "../../preview/verdict.ts";
import { printOutput, printTable, type Output, type OutputFormat } from "../../view/output.ts";
import { previewNotes } from "./notes.ts";
import { exposureRows, policyRows, type SideRow } from "./side-tables.ts";
import { previewValue, type Step } from "./value.ts";

export interface ShowOptions {
  format: OutputFormat;
  explain: boolean;
  /** Left out: with headers. */
  noHeaders?: boolean;
  now: Date;
}

/** The verdict on the first line; the steps below it when there is something to explain, then how to change it. */
export async function showPreview(
  preview: Preview,
  fixes: readonly Fix[],
  { format, explain, noHeaders = false, now }: ShowOptions,
  world: World,
): Promise<void> {
  const decide = explainDecision(preview, now);
  const steps = preview.checks.map((check): Step => ({ ...check, decision: decide(check) }));
  const output = stepsOutput(preview, steps, fixes);
  if (format !== "table" && format !== "wide") {
    await printOutput(output, { format, noHeaders }, world);
    return;
  }
  const { verdict, obstacles } = preview;
  world.print(verdict.answer === "yes" ? "yes" : `${verdict.answer} - ${verdict.reason}`);
  const isLong = explain || verdict.answer !== "yes";
  if (isLong) {
    world.print("");
    await printOutput(output, { format, noHeaders }, world);
    await showSide("POLICY", "SAYS", policyRows(preview), world);
    await showSide("SHOWN BY THE SESSION", "DIRECTLY", exposureRows(preview), world);
    for (const { hint } of obstacles) world.print(["", hint]);
    if (fixes.length > 0) world.print(["", ...fixLines(fixes)]);
  }
  world.note(previewNotes(preview, isLong));
}

function stepsOutput(preview: Preview, steps: readonly Step[], fixes: readonly Fix[]): Output<Step> {
  return {
    kind: "SessionPreview",
    value: previewValue(preview, steps, fixes),
    rows: steps,
    bounded: true,
    columns: {
      ANSWER: ({ answer, required }) => (required ? answer : `${answer} (optional)`),
      STEP: ({ purpose, checkedBy }) => (checkedBy === "operator" ? `${purpose} (asked by the operator)` : purpose),
      REQUEST: ({ attributes }) => describeAttributes(attributes),
      WHY: ({ decision }) => decision.text,
    },
  };
}

async function showSide(what: string, answer: string, rows: readonly SideRow[], world: World): Promise<void> {
  if (rows.length === 0) return;
  world.print("");
  const columns = {
    [what]: (row: SideRow) => row.what,
    [answer]: (row: SideRow) => row.answer,
    HOW: (row: SideRow) => row.how,
  };
  await printTable(columns, rows, {}, world);
}

function fixLines(fixes: readonly Fix[]): string[] {
  const commands = fixes.flatMap(({ command, opens }) => (command === undefined ? [] : [{ command, opens }]));
  const byHand = fixes.flatMap(
    ({ command, opens, byHand: changes }) => changes ?? (command === undefined ? [opens] : []),
  );
  const width = Math.min(Math.max(0, ...commands.map(({ command }) => command.length)), 90);
  const sure = fixes.every(({ proven }) => proven);
  const title = sure ? "To make it yes, an administrator can run:" : "An administrator can grant what a session needs:";
  return [
    ...(commands.length === 0 ? [] : [title]),
    ...commands.map(({ command, opens }) => `  ${command.padEnd(width)}   # ${opens}`),
    ...(byHand.length === 0 ? [] : [`To make it yes, ${commands.length === 0 ? "" : "also "}change by hand:`]),
    ...[...new Set(byHand)].map((change) => `  ${change}`),
  ];
}
