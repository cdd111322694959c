import { plainPlan } from "../../mirrord/plan/session-plan.ts";
import { knownExposure } from "../../preview/exposure.ts";
import type { Fix } from "../../preview/fix.ts";
import { weighPolicies } from "../../preview/policies.ts";
import type { Preview } from "../../preview/preview.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import { answerLine, toneFor, type Line } from "../../view/lines.ts";
import { NARROW, textLines, wrapLine, type Paragraph } from "../../view/text.ts";
import { failedRows, type StepRow } from "./failed-steps.ts";
import { fixText } from "./fix-text.ts";
import { decidingBlock, failedChecks, groupsThatCan, headline, userText } from "./headline.ts";

export interface SummaryOptions {
  /** The question once more with these groups, as a command; undefined: what it was about came by standard input, and is gone. */
  again?: ((groups: readonly string[]) => string | undefined) | undefined;
  /** Steps that work, of which something has to be said. */
  besides: readonly StepRow[];
  /** Of the terminal; Infinity where nothing is to be wrapped. */
  width: number;
}

/** What of it is shown, most first: the screen has a dozen lines. */
interface Extent {
  steps: number;
  fixes: number;
}
const extents: readonly Extent[] = [
  { steps: 5, fixes: 2 },
  { steps: 3, fixes: 2 },
  { steps: 2, fixes: 2 },
  { steps: 1, fixes: 2 },
  { steps: 2, fixes: 1 },
  { steps: 1, fixes: 1 },
  { steps: 0, fixes: 1 },
];
const MOST_LINES = 12;

/**
 * A no, or an unknown, on one screen: the answer, the steps that failed, what would make it a yes, and what a session would
 * show. How much of it does not depend on the terminal.
 */
export function summary(preview: Preview, fixes: readonly Fix[], options: SummaryOptions): Line[] {
  for (const extent of extents) {
    const isLast = extent === extents.at(-1);
    if (isLast || screen(preview, fixes, { ...options, width: NARROW }, extent).length <= MOST_LINES)
      return screen(preview, fixes, options, extent);
  }
  return [];
}

function screen(
  preview: Preview,
  fixes: readonly Fix[],
  { again, besides, width }: SummaryOptions,
  extent: Extent,
): Line[] {
  const first = textLines([answerLine(headline(preview))], width);
  const absent = preview.obstacles.find(({ isMissing }) => isMissing);
  if (absent !== undefined && preview.verdict.reason === absent.reason) return first;
  const steps = stepLines([...failedRows(preview, extent.steps), ...besides], width);
  const closing = textLines([...explained(preview), ...ending(preview, fixes.slice(0, extent.fixes), again)], width);
  return [...first, ...below(steps), ...below(closing)];
}

const below = (lines: readonly Line[]): Line[] => (lines.length === 0 ? [] : ["", ...lines]);

function stepLines(rows: readonly StepRow[], width: number): Line[] {
  if (rows.length === 0) return [];
  const answers = Math.max(...rows.map(({ answer }) => answer.length));
  const whats = Math.max(...rows.map(({ what }) => what.length));
  const start = answers + whats + 8;
  // A long word goes to a line of its own, as far to the right as it fits.
  const longest = Math.max(...rows.flatMap(({ why }) => why.split(" ").map((word) => word.length)));
  const hang = Math.max(2, Math.min(start, NARROW - longest));
  return rows.flatMap(({ answer, what, why }) =>
    wrapLine(
      [
        { text: `  ${answer}`, tone: toneFor(answer) },
        { text: `${" ".repeat(answers - answer.length + 3)}${what.padEnd(whats)}   ${why}` },
      ],
      width,
      hang,
    ),
  );
}

/** What is not about access: obstacles, and what a policy leaves. */
function explained(preview: Preview): Paragraph[] {
  const { obstacles, session, policies } = preview;
  const block = failedChecks(preview).length === 0 ? decidingBlock(preview) : undefined;
  if (block === undefined || session === undefined || policies === undefined) return obstacles.map(({ hint }) => hint);
  const late = block.stage === "later" ? ["mirrord says so only once the session has started."] : [];
  const said = [...late, ...stillAllowed(preview)].join(" ");
  return [...obstacles.map(({ hint }) => hint), ...(said === "" ? [] : [said])];
}

/** Where stealing is blocked, mirroring asks for the same rights. */
function stillAllowed({ session, policies }: Preview): string[] {
  if (session?.question.action !== "steal" || policies === undefined) return [];
  const { question, resolved } = session;
  const { incoming: _incoming, ...plan } = policies.plan;
  const mirrored = weighPolicies(
    { policies: [...policies.policies], unreadable: policies.unreadable },
    { ...plan, action: plainPlan("mirror", question.target, question.namespace).action },
    resolved.workload,
    resolved.operatorVersion,
    policies.verdict.assumptions,
  );
  return mirrored.answer === "yes" ? ["Mirroring is allowed."] : [];
}

function ending(preview: Preview, fixes: readonly Fix[], again: SummaryOptions["again"]): Paragraph[] {
  const { user } = preview.identity;
  const groups = groupsThatCan(preview);
  const exposure = exposureText(preview);
  if (groups === undefined || again === undefined) return [...fixText(fixes, userText(user.name)), ...exposure];
  const { names, all } = groups;
  const which = names.length === 1 ? "that group" : all ? "those groups" : "one of those groups";
  const wanted = all ? names : names.slice(0, 1);
  const asked = again(wanted);
  const flags = shellCommand(wanted.flatMap((name) => ["--as-group", name]));
  const [fix] = fixes;
  return [
    ...(asked === undefined
      ? [`If ${user.name} is in ${which}, ask again with the same input and ${flags}.`]
      : [`If ${user.name} is in ${which}, ask again with it:`, { paste: asked }]),
    ...(fix === undefined ? [] : fixText([fix], userText(user.name), "If not, to")),
    ...exposure,
  ];
}

/** What the session would show of what the user cannot read, counted. */
function exposureText(preview: Preview): string[] {
  const { identity } = preview;
  const hidden = knownExposure(preview).filter(({ directly }) => directly !== "yes");
  if (hidden.length === 0) return [];
  const counts = (["Secret", "ConfigMap"] as const).flatMap((kind) => {
    const count = hidden.filter((each) => each.kind === kind).length;
    return count === 0 ? [] : [`${count} ${kind}${count === 1 ? "" : "s"}`];
  });
  const sure = hidden.every(({ directly }) => directly === "no");
  const can = sure ? "cannot" : "perhaps cannot";
  const who = identity.self ? "you" : userText(identity.user.name);
  const sentence = (whom: string, names: string) =>
    `A session would show ${counts.join(" and ")} that ${whom} ${can} read${names}.`;
  const long = sentence(who, ` (${hidden.map(({ name }) => name).join(", ")})`);
  const short = sentence(who, "");
  return [long.length <= NARROW ? long : short.length <= NARROW ? short : sentence("they", "")];
}
