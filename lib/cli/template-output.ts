// `-o jsonpath=…` and `-o custom-columns=…` as kubectl reads them, for every command that prints JSON.

import { readFileSync } from "node:fs";
import { usageError } from "../errors.ts";
import type { TemplateOutput } from "../view/output.ts";
import type { Command } from "./grammar/command.ts";
import { templateFormats } from "./grammar/flags.ts";
import { flagNames, tokens } from "./grammar/tokens.ts";

type Format = (typeof templateFormats)[number];

/** Templates of another language, which only Go's own program reads rightly. */
const refused = new Set(["go-template", "go-template-file", "template", "templatefile"]);

/**
 * What the command is to print a document with, where the last `-o` is a template, and the arguments that make it print one.
 * @throws UserError "usage" for a template that cannot be read, and for formats of kubectl that are not ours
 */
export async function takeTemplate(
  command: Command,
  args: readonly string[],
): Promise<{ args: readonly string[]; template: TemplateOutput | undefined }> {
  let typed: string | undefined;
  let noHeaders = false;
  for (const token of tokens(args, flagNames(command.flags))) {
    if (token.type !== "flag") continue;
    if (token.option === "noHeaders") noHeaders = token.value === "true";
    if (token.flag.type !== "boolean" && token.flag.templates === true) typed = token.value;
  }
  const [word = ""] = typed?.split("=", 1) ?? [];
  if (refused.has(word))
    throw usageError(
      `-o ${word} is not supported`,
      "Write -o jsonpath=TEMPLATE or -o custom-columns=SPEC, or hand -o json to a program that reads Go's templates.",
    );
  const format = templateFormats.find((each) => each === word);
  if (format === undefined || typed === undefined) return { args, template: undefined };
  const { parseTemplate } = await import("../view/template.ts");
  const template = parseTemplate(format, templateText(format, typed.slice(format.length + 1)), noHeaders);
  return { args: withJson(args), template };
}

function templateText(format: Format, given: string): string {
  if (given === "")
    throw usageError(
      format.startsWith("custom-columns")
        ? "custom-columns format specified but no custom columns given"
        : "template format specified but no template given",
      `Write it behind the word: -o ${format}=…`,
    );
  if (!format.endsWith("-file")) return given;
  try {
    return readFileSync(given, "utf8");
  } catch (cause) {
    throw usageError(`error reading --template ${given}, ${cause instanceof Error ? cause.message : ""}`, undefined, {
      cause,
    });
  }
}

/** The last value of a flag counts. */
function withJson(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return end === -1 ? [...args, "--output=json"] : args.toSpliced(end, 0, "--output=json");
}
