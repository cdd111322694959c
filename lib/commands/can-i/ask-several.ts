import type { World } from "../../cli/world.ts";
import type { Answer } from "../../kubernetes/access.ts";
import { answerLine, type Line } from "../../view/lines.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { printText } from "../../view/text.ts";
import { answerExitCodes } from "../exit-code.ts";
import { askOne, type AskOptions } from "./ask-one.ts";

/** As `-o json` prints one answer. */
interface Answered {
  answer: Answer;
  reason?: string;
  target?: string;
}

/**
 * The same question about several targets, at once and over one connection: a line for each, or with `explain` each answer
 * whole. Resolves to the exit code: a single no decides, and then what is unknown.
 */
export async function askSeveral(questions: readonly string[][], options: AskOptions, world: World): Promise<number> {
  const { connect, template: _whole, ...rest } = world;
  let cluster: ReturnType<World["connect"]> | undefined;
  const shared: World = { ...rest, connect: (connection) => (cluster ??= connect(connection)) };
  const isTable = options.output === "table" || options.output === "wide";
  if (options.explain && isTable && !options.quiet) return await explainEach(questions, options, shared);
  const texts: string[] = questions.map(() => "");
  const codes = await Promise.all(
    questions.map(async (words, at) => {
      const heard = { ...shared, document: (text: string) => void (texts[at] += text) };
      return await askOne({ ...options, words, output: "json" }, heard);
    }),
  );
  if (!options.quiet) await show(texts, questions, options, world);
  return worst(codes);
}

async function show(
  texts: readonly string[],
  questions: readonly string[][],
  { output }: AskOptions,
  world: World,
): Promise<void> {
  const items = texts.map((text) => JSON.parse(text) as Answered);
  if (output === "table" || output === "wide")
    printText(
      items.map((item, at) => line(item, questions[at]?.at(-1) ?? "")),
      world,
    );
  if ((output === "table" || output === "wide") && items.some(({ answer }) => answer !== "yes"))
    world.note("Asked about alone, a target gets the answer with what would change it.");
  if (output !== "table" && output !== "wide")
    await printDocument(
      { apiVersion: API_VERSION, kind: "SessionPreviewList", items },
      output === "yaml" ? output : "json",
      world,
    );
}

/** `deployment/web: no - jim cannot …`. */
function line({ answer, reason = "", target }: Answered, typed: string): Line {
  const said = answerLine(answer === "yes" || reason === "" ? answer : `${answer} - ${reason}`);
  return [{ text: `${target ?? typed}: ` }, ...(typeof said === "string" ? [{ text: said }] : said)];
}

async function explainEach(questions: readonly string[][], options: AskOptions, world: World): Promise<number> {
  const codes: number[] = [];
  for (const [at, words] of questions.entries()) {
    printText([...(at === 0 ? [] : [""]), `${words.at(-1) ?? ""}:`], world);
    codes.push(await askOne({ ...options, words }, world));
  }
  return worst(codes);
}

function worst(codes: readonly number[]): number {
  return [answerExitCodes.no, answerExitCodes.unknown].find((code) => codes.includes(code)) ?? answerExitCodes.yes;
}
