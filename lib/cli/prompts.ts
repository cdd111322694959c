import process from "node:process";
import { UserError, usageError } from "../errors.ts";
import { escapeCell } from "../text/escape.ts";
import type { Ask } from "./world.ts";

export interface PromptOptions {
  /** Opened by the first question. */
  input: () => NodeJS.ReadableStream;
  /** stderr: stdout is for the result. */
  output: NodeJS.WritableStream;
  /** Somebody sits there: stdin and stderr are both terminals. */
  interactive: boolean;
  /** Before the question is drawn. */
  beforeAsking?(): void;
}

/** inquirer's prompts; loaded with the first question. */
export function prompts(options: PromptOptions): Ask {
  return {
    async confirm(question, flag) {
      return await ask<boolean>(options, question, flag, { type: "confirm", default: false });
    },

    async select(question, choices, flag) {
      const at = await ask<number>(options, question, flag, {
        type: "select",
        choices: choices.map(({ name, describe }, value) => ({
          name: escapeCell(name),
          value,
          ...(describe === undefined ? {} : { description: escapeCell(describe) }),
        })),
      });
      const choice = choices[at];
      if (choice === undefined) throw new Error(`no choice ${at} of ${choices.length}`);
      return choice.value;
    },

    async input(question, flag, check) {
      const validate = (text: string): true | string => {
        const fault = check?.(text);
        return fault === undefined || escapeCell(fault);
      };
      return await ask<string>(options, question, flag, { type: "input", validate });
    },
  };
}

async function ask<Value>(
  { input, output, interactive, beforeAsking }: PromptOptions,
  question: string,
  flag: string,
  prompt: Record<string, unknown>,
): Promise<Value> {
  const message = escapeCell(question);
  if (!interactive)
    throw usageError(
      `this needs an answer, and there is no terminal to ask on: ${message}`,
      `Answer it beforehand with ${flag}.`,
    );
  const { createPromptModule } = await import("inquirer");
  beforeAsking?.();
  const show = createPromptModule<{ any: Record<string, unknown> }>({ input: input(), output });
  try {
    const answers = await orAbandoned(show([{ ...prompt, name: "answer", message } as never]));
    return (answers as { answer: Value }).answer;
  } catch (cause) {
    if (cause instanceof Error && ["ExitPromptError", "AbortPromptError"].includes(cause.name))
      throw new UserError("interrupted", "interrupted", undefined, { cause });
    throw cause;
  }
}

/** Ctrl-D closes the prompt without a word to whoever waits for it: the process then has nothing left to do. */
function orAbandoned<Answers>(answers: Promise<Answers>): Promise<Answers> {
  return new Promise((resolve, reject) => {
    const abandon = (): void => reject(new UserError("interrupted", "interrupted"));
    process.once("beforeExit", abandon);
    answers.then(resolve, reject).finally(() => process.off("beforeExit", abandon));
  });
}
