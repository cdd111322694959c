import type { Flags, ParsedOptions, Positionals } from "./flags.ts";
import type { Conflict, Need } from "./rules.ts";
import type { World } from "../world.ts";

/**
 * One thing a user can type, as data. `Options` is inferred by `command()` below; a list of commands forgets it.
 */
export interface Command<Options = Record<string, unknown>> {
  /** The words after `kubectl mirrord`: `can-i`, `grant list`; empty for `kubectl mirrord` itself. */
  readonly name: string;
  /** Other words that choose it among its siblings: `ls` for `list`. */
  readonly aliases?: readonly string[];
  /** One line. */
  readonly summary: string;
  /** Paragraphs below the summary. */
  readonly description?: string;
  /** What follows the name in the usage line: `SUBJECT [flags]`. */
  readonly usage: string;
  /** What can be typed, and what that does. */
  readonly examples: Readonly<Record<string, string>>;
  readonly positionals: Positionals;
  readonly flags: Flags;
  readonly conflicts: readonly Conflict[];
  readonly needs: readonly Need[];
  /** A closed list: the first positional chooses one of them by its last word; otherwise the command itself runs. */
  readonly verbs: readonly Verb[];
  /** What this command's exit codes mean, where it differs from the common table. */
  readonly exitCodes: Readonly<Record<number, string | undefined>>;
  /** What is said while it takes longer than a second: `Reading the grants`. */
  readonly waits?: string;
  /** Works, but is not shown. */
  readonly hidden?: boolean;
  /** Its arguments reach `run` as they were typed, as `options.args`. */
  readonly raw?: boolean;
  /** Absent: the command is only a list of verbs, and shows its help. Resolves to the exit code: 0, 1, 3 or 4. */
  run?(options: Options, world: World): Promise<number>;
}

/** A command whose module is loaded only when it is typed. */
export interface LazyCommand {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** Works, but is not shown. */
  readonly hidden?: boolean;
  load(): Promise<Command>;
}

export type Verb = Command | LazyCommand;

export function lazy(
  name: string,
  summary: string,
  loads: () => Promise<Command>,
  aliases: readonly string[] = [],
): LazyCommand {
  return { name, summary, load: async () => ({ ...(await loads()), aliases }), aliases };
}

type OptionName<F extends Flags, P extends Positionals> = Extract<keyof F | keyof P, string>;

export interface CommandDefinition<F extends Flags, P extends Positionals> {
  name: string;
  summary: string;
  description?: string;
  usage: string;
  examples?: Readonly<Record<string, string>>;
  positionals?: P;
  flags?: F;
  conflicts?: readonly Conflict<OptionName<F, P>>[];
  needs?: readonly Need<OptionName<F, P>>[];
  verbs?: readonly Verb[];
  /** What an exit code means here; undefined: it never ends with that one, which others of its kind have. */
  exitCodes?: Readonly<Record<number, string | undefined>>;
  waits?: string;
  hidden?: boolean;
  run?(options: ParsedOptions<F, P>, world: World): Promise<number>;
}

/** Types `run`'s options by the tables beside it. */
export function command<
  const F extends Flags = Readonly<Record<never, never>>,
  const P extends Positionals = Readonly<Record<never, never>>,
>(definition: CommandDefinition<F, P>): Command<ParsedOptions<F, P>> {
  return {
    examples: {},
    positionals: {},
    flags: {},
    conflicts: [],
    needs: [],
    verbs: [],
    exitCodes: {},
    ...definition,
  };
}

/** Whether a word chooses the command among its siblings. */
export const isCalled = (verb: Verb, word: string): boolean =>
  commandWord(verb) === word || verb.aliases?.includes(word) === true;

/** The word that chooses the command among its siblings: `list` for `grant list`. */
export function commandWord(verb: Verb): string {
  return verb.name.slice(verb.name.lastIndexOf(" ") + 1);
}

export async function load(verb: Verb): Promise<Command> {
  return "load" in verb ? await verb.load() : verb;
}
