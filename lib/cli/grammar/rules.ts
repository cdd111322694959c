// What the options of a command mean for each other, as a table beside its flags. Only what was typed counts: neither a
// default, nor a boolean that is false.

import { UserError, usageError } from "../../errors.ts";
import type { Command } from "./command.ts";
import { longName } from "./flags.ts";

/** The option excludes each of the others. */
export interface Conflict<Name extends string = string> {
  option: Name;
  excludes: readonly Name[];
  /** Of the two, as the user types them; left out: that they exclude each other. */
  message?: (option: string, excluded: string) => string;
  hint?: string;
}

/** At least one of several options must be given. */
export interface Need<Name extends string = string> {
  /** Only where this one is given; left out, always. */
  option?: Name;
  /** Only where it is given with one of these values. */
  values?: readonly string[];
  needs: readonly Name[];
  message: string;
  hint?: string;
}

/** As the user types it: `--all-namespaces`, `SUBJECT`. */
export function spelled({ positionals }: Pick<Command, "positionals">, option: string): string {
  return positionals[option]?.placeholder ?? `--${longName(option)}`;
}

export function conflictError(command: Command, option: string, excluded: string): UserError {
  const rule = command.conflicts.find(
    (candidate) => candidate.option === option && candidate.excludes.includes(excluded),
  );
  const shown = [spelled(command, option), spelled(command, excluded)] as const;
  const message = rule?.message?.(...shown) ?? `${shown.join(" and ")} exclude each other`;
  return usageError(message, rule?.hint ?? "Leave one of them out.");
}

/** @throws UserError "usage" for the first rule that the options break */
export function checkNeeds({ needs: rules }: Command, given: Readonly<Record<string, unknown>>): void {
  for (const { option, values, needs, message, hint } of rules) {
    const applies =
      option === undefined || (option in given && (values?.some((value) => value === given[option]) ?? true));
    if (applies && !needs.some((name) => name in given)) throw usageError(message, hint);
  }
}
