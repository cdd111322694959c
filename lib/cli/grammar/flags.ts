// A command's flags as one declarative table: parsing, help, completion and the option types all come from it.

/** The heading of the flags that `kubectl mirrord options` shows, and no other help. */
export const CONNECTION = "Connection flags";

/** Formats with a template behind `=`, for all that prints JSON. */
export const templateFormats = [
  "custom-columns",
  "custom-columns-file",
  "jsonpath",
  "jsonpath-as-json",
  "jsonpath-file",
] as const;

/** Where the candidates of a value come from when the user presses TAB. */
export type Completes =
  | "namespace"
  | "context"
  /** Several with commas. */
  | "contexts"
  | "cluster"
  | "user"
  /** `deployment/web`. */
  | "target"
  /** What can-i takes: an action, a target, or both. */
  | "question"
  /** Whom a grant can be for. */
  | "subject"
  /** A user, a group or a service account; and one who is named as administrator. */
  | "rbac-subject"
  | "administrator"
  /** A subject that has grants, or the id of one. */
  | "grant"
  /** The same of those that end. */
  | "temporary-grant"
  /** What `grant --role` takes. */
  | "role"
  /** One that administrators made. */
  | "custom-role"
  /** The name of an organization, `acme`; of a team, `acme/web`; and who belongs to what was named before. */
  | "organization"
  | "team"
  | "member"
  /** The path of a collection. */
  | "collection"
  | "policy"
  | "permissions"
  | "session"
  | "file"
  | "directory";

interface FlagBase {
  /** One letter: `n` for `-n`. */
  short?: string;
  /** Other long spellings, without dashes: `ns` for `--ns`. */
  also?: readonly string[];
  /** One sentence for help. */
  describe: string;
  /** How help names the value: `NAMESPACE`. */
  placeholder?: string;
  /** The heading in help; left out, the flag belongs to the command itself. */
  group?: string;
  /** A connection flag that can do more here: the help of its command shows it like the command's own. */
  alsoOwn?: boolean;
  completes?: Completes;
  /** Works, but is not shown. */
  hidden?: boolean;
}

interface ValueFlag extends FlagBase {
  /** What completion offers where the list is not closed, or is checked elsewhere. */
  offers?: readonly string[];
  /** The closed list of values. */
  values?: readonly string[];
  /** `jsonpath=…` and its like are values, too: what prints JSON prints them (lib/cli/template-output.ts). */
  templates?: boolean;
  /** The error message for a value outside the list. */
  refusal?: (value: string) => string;
  /** Turns the text into the option's value; throws UserError "usage". Not applied to a default. */
  parse?: (text: string) => unknown;
}

/** Takes no value; `--flag=false` switches it off. */
export interface BooleanFlag extends FlagBase {
  type: "boolean";
}

/** Takes one value; when repeated, the last one wins. */
export interface StringFlag extends ValueFlag {
  type: "string";
  default?: string;
  required?: boolean;
  /** Given twice, it must say the same twice: a filter whose first value is dropped shows what nobody asked for. */
  once?: boolean;
  /** `--flag ""` is as good as nothing, for a flag that scripts fill from a variable. */
  emptyIsAbsent?: boolean;
}

/** Takes one value each time it is given. */
export interface ListFlag extends ValueFlag {
  type: "list";
  /** `--flag a,b` is two values. */
  commas?: boolean;
  required?: boolean;
}

/** Its value comes only with `=`: `--dry-run=server`; given bare it stands for `bare`. */
export interface OptionalValueFlag extends ValueFlag {
  type: "optional-value";
  bare: string;
  default?: string;
  /** The next argument is its value, too, unless that begins with a dash: `-f FILE`, as mirrord reads it. */
  takesNext?: boolean;
}

export type Flag = BooleanFlag | StringFlag | ListFlag | OptionalValueFlag;

type Details<F extends Flag> = Omit<F, "type" | "placeholder" | "describe">;
type NoDetails = Readonly<Record<never, never>>;

/** `stringFlag("FILE", "The file to read.", { short: "f" })`, typed by what it is given. */
export const stringFlag = <const More extends Details<StringFlag> = NoDetails>(
  placeholder: string,
  describe: string,
  more?: More,
) => Object.assign({ type: "string" as const, placeholder, describe }, more);

export const listFlag = <const More extends Details<ListFlag> = NoDetails>(
  placeholder: string,
  describe: string,
  more?: More,
) => Object.assign({ type: "list" as const, placeholder, describe }, more);

export const booleanFlag = <const More extends Details<BooleanFlag> = NoDetails>(describe: string, more?: More) =>
  Object.assign({ type: "boolean" as const, describe }, more);

/** The same flags under a heading in help. */
export function inGroup<const F extends Flags>(group: string, flags: F) {
  const grouped = Object.entries(flags).map(([name, flag]) => [name, { ...flag, group }]);
  return Object.fromEntries(grouped) as { [Name in keyof F]: F[Name] & { group: string } };
}

/** Keyed by the option's name: `dryRun` is the flag `--dry-run`. */
export type Flags = Readonly<Record<string, Flag>>;

export interface Positional {
  /** `list` takes every argument that is left, so it can only be the last one. */
  type: "string" | "list";
  /** As help names it: `SUBJECT`. */
  placeholder: string;
  describe: string;
  /** A `string` that may not be missing; a `list` that may not be empty. */
  required?: boolean;
  values?: readonly string[];
  completes?: Completes;
  /** A `list` of what follows `--`, and of nothing before it; the others then take nothing behind it. */
  afterDashes?: true;
}

/** In the order in which they are typed. */
export type Positionals = Readonly<Record<string, Positional>>;

type Text<F> = F extends { parse: (text: string) => infer Value }
  ? Value
  : F extends { values: readonly (infer Value extends string)[] }
    ? Value
    : string;

type FlagValue<F extends Flag> = F extends BooleanFlag
  ? boolean
  : F extends ListFlag
    ? Text<F>[]
    : F extends { default: infer Default extends string }
      ? Text<F> | (F extends { parse: (text: string) => unknown } ? Default : never)
      : F extends { required: true }
        ? Text<F>
        : Text<F> | undefined;

type PositionalValue<P extends Positional> = P extends { type: "list" }
  ? string[]
  : P extends { required: true }
    ? Text<P>
    : Text<P> | undefined;

/** What a command gets for its tables: every key is there, `undefined` when it was not given. */
export type ParsedOptions<F extends Flags, P extends Positionals = Readonly<Record<never, never>>> = {
  -readonly [Name in keyof F]: FlagValue<F[Name]>;
} & { -readonly [Name in keyof P]: PositionalValue<P[Name]> };

/** `dryRun` → `dry-run`. */
export function longName(option: string): string {
  return option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
