import { formatSubject, parseSubject, isSystemSubject, type GrantSubject, subjectWords } from "../../access/subject.ts";
import type { World } from "../../cli/world.ts";
import type { Answer } from "../../kubernetes/access.ts";
import { formatTarget, type Target } from "../../mirrord/target.ts";
import { listWords } from "../../text/list-words.ts";
import { nextStep } from "../../text/next-step.ts";
import { shellQuote } from "../../text/shell-quote.ts";
import { answerLine, plainText, toneFor, type Line } from "../../view/lines.ts";
import { printText, wrapLine } from "../../view/text.ts";
import type { Step } from "./explain-steps.ts";

interface ShowOptions {
  target: Target;
  namespace: string;
  answer: Answer;
  noHeaders: boolean;
  /** The paths of `--manifests`. */
  manifests: readonly string[];
}

/** The answer first, then each request with the ways to it, and the change that would make it a yes. */
export function showExplanation(
  subject: GrantSubject,
  { target, namespace, answer, noHeaders, manifests }: ShowOptions,
  steps: readonly Step[],
  world: World,
): void {
  const who = subjectWords(subject);
  const can = { yes: "can", no: "cannot", unknown: "perhaps can" }[answer];
  const isRefused = (step: Step) => step.binding === undefined;
  const isSaidOnce = steps.filter(isRefused).length > 1;
  const shown = steps.map((step) => stepLine(step, isSaidOnce));
  const lines = shown.filter((line, at) => shown.findIndex((other) => sameLine(other, line)) === at);
  const width = world.isTerminal.stdout ? world.columns : Infinity;
  if (!noHeaders)
    printText([answerLine(`${answer} - ${who} ${can} mirror ${formatTarget(target)} in ${namespace}`), ""], world);
  world.print(lines.flatMap((line) => wrapLine(line, width, HANG)));
  if (isSaidOnce) printText(["", `Nothing allows ${steps.every(isRefused) ? "these steps" : "the others"}.`], world);
  if (answer === "yes") return;
  const limit = isCopied(target) ? [] : ["--target", formatTarget(target)];
  const words = ["kubectl", "mirrord", "grant", formatSubject(subject), "--ns", namespace, ...limit];
  const system = isSystemSubject(subject) ? ["--dangerous"] : [];
  const on = isCopied(target) ? `every target in ${namespace}` : `${formatTarget(target)} only`;
  const paste = nextStep([...words, ...system].map(shellQuote).join(" "), manifests);
  printText(["", `To let ${who} use mirrord on ${on}, an administrator can run:`, { paste }], world);
}

/** A copy has no name that a grant could be limited to, and neither have labels. */
const isCopied = ({ kind }: Target) =>
  kind === "job" || kind === "cronjob" || kind === "label" || kind === "targetless";

/** Behind the answer. */
const HANG = 12;

/** `yes  list pods in dev: rolebinding/x (dev) gives role/y (dev) to user jim (list pods), by grant ID`. */
function stepLine(step: Step, isSaidOnce: boolean): Line {
  const { words, answer, binding, role, subject, allows, grant, through, collections = [] } = step;
  const path = [
    ...(through === undefined ? [] : [` to ${subjectWords(parseSubject(through))}`]),
    ...(collections.length === 0 ? [] : [` on collection ${listWords(collections)}`]),
  ].join("");
  const origin = grant === undefined ? "made by hand" : `by grant ${grant}${path}`;
  const refusal = isSaidOnce ? "" : ": nothing allows it";
  const why = binding === undefined ? refusal : `: ${binding} gives ${role} to ${subject} (${allows}), ${origin}`;
  return [{ text: `  ${answer}`, tone: toneFor(answer) }, { text: `${" ".repeat(10 - answer.length)}${words}${why}` }];
}

const sameLine = (one: Line, other: Line) => plainText(one) === plainText(other);
