import type { World } from "../../cli/world.ts";
import { explainDecision } from "../../preview/explain.ts";
import type { Fix } from "../../preview/fix.ts";
import type { Preview } from "../../preview/preview.ts";
import { describeAttributes } from "../../preview/verdict.ts";
import { printOutput, printTable, type Output, type OutputFormat } from "../../view/output.ts";
import { answerLine } from "../../view/lines.ts";
import { printText } from "../../view/text.ts";
import { endedRows } from "./failed-steps.ts";
import { fixText } from "./fix-text.ts";
import { headline, userText } from "./headline.ts";
import { previewNotes } from "./notes.ts";
import { exposureRows, policyRows, type SideRow } from "./side-tables.ts";
import { summary } from "./summary.ts";
import { previewValue, type Step } from "./value.ts";

export interface ShowOptions {
  format: OutputFormat;
  explain: boolean;
  /** Left out: with headers. */
  noHeaders?: boolean;
  now: Date;
  /** The question once more, with these groups, as a command to paste. */
  again?: (groups: readonly string[]) => string | undefined;
}

/** The verdict on the first line; below it what failed, why, and how to change it, or with `explain` everything. */
export async function showPreview(
  preview: Preview,
  fixes: readonly Fix[],
  { format, explain, noHeaders = false, now, again }: ShowOptions,
  world: World,
): Promise<void> {
  if (!explain && preview.verdict.answer !== "yes" && isTable(format)) {
    const width = world.isTerminal.stdout ? world.columns : Infinity;
    const besides = endedRows(preview, explainDecision(preview, now));
    world.print(summary(preview, fixes, { again, besides, width }));
    world.note(previewNotes(preview, false));
    return;
  }
  const decide = explainDecision(preview, now);
  const steps = preview.checks.map((check): Step => ({ ...check, decision: decide(check) }));
  const output = stepsOutput(preview, steps, fixes, format);
  if (!isTable(format)) {
    await printOutput(output, { format, noHeaders }, world);
    return;
  }
  printText([answerLine(headline(preview))], world);
  if (explain) {
    world.print("");
    await printOutput(output, { format, noHeaders }, world);
    await showSide("POLICY", "SAYS", policyRows(preview), world);
    await showSide("SHOWN BY THE SESSION", "DIRECTLY", exposureRows(preview), world);
    for (const { hint } of preview.obstacles) printText(["", hint], world);
    if (fixes.length > 0) printText(["", ...fixText(fixes, userText(preview.identity.user.name))], world);
  }
  world.note(previewNotes(preview, explain));
}

const isTable = (format: OutputFormat) => format === "table" || format === "wide";

interface CheckRow {
  answer: string;
  step: string;
  request: string;
  why: string;
}

/** Obstacles and policies stand elsewhere on a screen; CSV, which is nothing but these rows, has them behind the steps. */
function stepsOutput(
  preview: Preview,
  steps: readonly Step[],
  fixes: readonly Fix[],
  format: OutputFormat,
): Output<CheckRow> {
  return {
    kind: "SessionPreview",
    value: previewValue(preview, steps, fixes),
    rows: [...steps.map(stepRow), ...(format === "csv" ? refusalRows(preview) : [])],
    bounded: true,
    columns: {
      ANSWER: { word: ({ answer }) => answer },
      STEP: ({ step }) => step,
      REQUEST: ({ request }) => request,
      WHY: ({ why }) => why,
    },
  };
}

const stepRow = ({ answer, required, purpose, checkedBy, attributes, decision }: Step): CheckRow => ({
  answer: required ? answer : `${answer} (optional)`,
  step: checkedBy === "operator" ? `${purpose} (asked by the operator)` : purpose,
  request: describeAttributes(attributes),
  why: decision.text,
});

/** What decides besides access, where it is not a yes. */
function refusalRows({ obstacles, policies }: Preview): CheckRow[] {
  const row = (step: string, { answer, reason }: { answer: string; reason: string }): CheckRow => ({
    answer,
    step,
    request: "",
    why: reason,
  });
  return [
    ...obstacles.map((obstacle) => row("obstacle", obstacle)),
    ...(policies === undefined || policies.answer === "yes" ? [] : [row("policy", policies)]),
  ];
}

async function showSide(what: string, answer: string, rows: readonly SideRow[], world: World): Promise<void> {
  if (rows.length === 0) return;
  world.print("");
  const columns = {
    [what]: (row: SideRow) => row.what,
    [answer]: { word: (row: SideRow) => row.answer },
    HOW: (row: SideRow) => row.how,
  };
  await printTable(columns, rows, {}, world);
}
