import type { World } from "../cli/world.ts";
import { formatTarget } from "../mirrord/target.ts";
import type { Fix } from "../preview/fix.ts";
import type { Check, Preview } from "../preview/preview.ts";
import { describeAttributes } from "../preview/verdict.ts";
import { decisionOf, type Decision } from "../preview/explain.ts";
import { escapeCell } from "../view/escape.ts";
import { printOutput, type Output } from "../view/output.ts";

export interface ShowOptions {
  format: "table" | "json" | "yaml";
  explain: boolean;
}

/** The verdict on the first line; the steps below it when there is something to explain, then how to change it. */
export async function showPreview(
  preview: Preview,
  fixes: readonly Fix[],
  { format, explain }: ShowOptions,
  world: World,
): Promise<void> {
  const steps = decided(preview);
  if (format !== "table") {
    await printOutput(stepsOutput(preview, steps, fixes), { format }, world);
    return;
  }
  const { verdict, obstacles, session } = preview;
  world.print(escapeCell(verdict.answer === "yes" ? "yes" : `${verdict.answer} - ${verdict.reason}`));
  if (explain || verdict.answer !== "yes") {
    world.print("\n");
    await printOutput(stepsOutput(preview, steps, fixes), { format }, world);
    for (const { hint } of obstacles) world.print(`\n${escapeCell(hint)}`);
    if (fixes.length > 0) world.print(`\n${fixText(fixes)}`);
  }
  for (const assumption of session?.resolved.assumptions ?? []) world.note(`assuming: ${assumption}`);
}

interface Step extends Check {
  decision: Decision;
}

function decided(preview: Preview): Step[] {
  const decide = decisionOf(preview);
  return preview.checks.map((check) => ({ ...check, decision: decide(check) }));
}

function stepsOutput(preview: Preview, steps: readonly Step[], fixes: readonly Fix[]): Output<Step> {
  const { session, identity, verdict, obstacles } = preview;
  return {
    kind: "SessionPreview",
    value: {
      answer: verdict.answer,
      ...(verdict.reason === "" ? {} : { reason: verdict.reason }),
      ...(session === undefined
        ? {}
        : {
            action: session.asked.action,
            target: formatTarget(session.asked.target),
            namespace: session.asked.namespace,
            ...(session.resolved.operatorVersion === undefined
              ? {}
              : { operatorVersion: session.resolved.operatorVersion }),
            assumptions: session.resolved.assumptions,
          }),
      identity: { name: identity.user.name, groups: identity.user.groups, groupsKnown: identity.groupsKnown },
      obstacles,
      steps: steps.map(({ id, purpose, attributes, checkedBy, required, answer, reason, groups, decision }) => ({
        id,
        purpose,
        checkedBy,
        required,
        request: attributes,
        answer,
        ...(reason === "" ? {} : { reason }),
        ...(groups === undefined ? {} : { groups }),
        ...(decision.by === undefined ? {} : { decidedBy: decision.by }),
        ...(decision.nearest === undefined ? {} : { nearest: decision.nearest }),
      })),
      fixes,
    },
    rows: steps,
    columns: {
      ANSWER: ({ answer, required }) => (required ? answer : `${answer} (optional)`),
      STEP: ({ purpose, checkedBy }) => (checkedBy === "operator" ? `${purpose} (asked by the operator)` : purpose),
      REQUEST: ({ attributes }) => describeAttributes(attributes),
      WHY: ({ decision }) => decision.text,
    },
  };
}

function fixText(fixes: readonly Fix[]): string {
  const width = Math.max(...fixes.map(({ command }) => command.length));
  const sure = fixes.every(({ proven }) => proven);
  return [
    sure ? "To make it yes, an administrator can run:" : "An administrator can grant what a session needs:",
    ...fixes.map(({ command, opens }) => `  ${escapeCell(command.padEnd(width))}   # ${escapeCell(opens)}`),
  ].join("\n");
}
