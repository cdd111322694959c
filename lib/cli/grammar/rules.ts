// What the options of a command mean for each other, as a table beside its flags. Only what was typed counts: neither a
// default, nor a boolean that is false.

import type { Command } from "./command.ts";
import { longName } from "./flags.ts";

/** What is said of a command line that breaks the rule; left out, it follows from the names. */
interface Words {
  message?: string;
  hint?: string;
}

/** The option excludes each of the others. */
export interface Conflict<Name extends string = string> extends Words {
  option: Name;
  excludes: readonly Name[];
}

/** At least one of several options must be given. */
export interface Need<Name extends string = string> extends Words {
  /** Only where this one is given; left out, always. */
  option?: Name;
  /** And has one of these values. */
  values?: readonly string[];
  needs: readonly Name[];
}

/** As the user types it: `--all-namespaces`, `SUBJECT`. */
export function spelled({ positionals }: Pick<Command, "positionals">, option: string): string {
  return positionals[option]?.placeholder ?? `--${longName(option)}`;
}

export function conflictWords(command: Command, one: string, other: string): Words & { message: string } {
  const rule = command.conflicts.find(({ option, excludes }) => option === one && excludes.includes(other));
  return { message: `${spelled(command, one)} and ${spelled(command, other)} exclude each other`, ...rule };
}

/** The first rule that the options break. */
export function brokenNeed(
  command: Command,
  given: Readonly<Record<string, unknown>>,
): (Words & { message: string }) | undefined {
  const broken = command.needs.find(({ option, values, needs }) => {
    const applies = option === undefined || (option in given && (values?.includes(String(given[option])) ?? true));
    return applies && !needs.some((name) => name in given);
  });
  if (broken === undefined) return undefined;
  const alternatives = broken.needs.map((name) => spelled(command, name)).join(" or ");
  const subject = broken.option === undefined ? "this" : spelled(command, broken.option);
  return { message: `${subject} needs ${alternatives}`, ...broken };
}
