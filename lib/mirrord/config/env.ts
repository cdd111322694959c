import { usageError } from "../../errors.ts";
import type { UserError } from "../../errors.ts";

/** Environment variables, as the process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable's value; an empty one is a value too, as for the client. */
export function envText(env: Environment, name: string): string | undefined {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}

/** Rust's reading of a boolean: nothing but `true` and `false`. Throws UserError "usage" for anything else. */
export function envFlag(env: Environment, name: string): boolean | undefined {
  const text = envText(env, name);
  if (text === undefined) return undefined;
  if (text === "true" || text === "false") return text === "true";
  throw invalid(name, text, "true or false");
}

/** A list as the client takes it from a variable: `a;b`. */
export function envList(env: Environment, name: string): string[] | undefined {
  return envText(env, name)?.split(";");
}

/** Throws UserError "usage" for anything but one of the words. */
export function envWord<Word extends string>(env: Environment, name: string, words: readonly Word[]): Word | undefined {
  const text = envText(env, name);
  if (text === undefined) return undefined;
  const word = words.find((one) => one === text);
  if (word === undefined) throw invalid(name, text, words.join(", "));
  return word;
}

function invalid(name: string, text: string, wanted: string): UserError {
  return usageError(`${name} is ${JSON.stringify(text)}, not ${wanted}`);
}
