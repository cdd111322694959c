/** The same expression in RE2's syntax, or why there is none. */
export type Translation =
  | { state: "ready"; pattern: string; asciiBoundaries: boolean }
  | { state: "invalid" | "unsupported"; why: string };

/**
 * Rewrites an expression of Rust's `regex` crate (regex-syntax 0.8, its documented syntax) for RE2: there `\d`, `\s` and
 * `\w` are ASCII, a lone `{` is literal, `\Q` quotes and octal escapes exist, while `\u{…}` and set operations do not.
 * What both understand alike is passed on, so RE2's own parser finds the rest of the mistakes. Time linear in the length.
 */
export function translateRustRegex(pattern: string): Translation {
  const reader: Reader = { pattern, at: 0, out: [], asciiBoundaries: false, groupNames: new Set() };
  try {
    while (reader.at < pattern.length) translateNext(reader);
  } catch (error) {
    if (error instanceof Refusal) return { state: error.state, why: error.message };
    throw error;
  }
  return { state: "ready", pattern: reader.out.join(""), asciiBoundaries: reader.asciiBoundaries };
}

interface Reader {
  pattern: string;
  at: number;
  out: string[];
  asciiBoundaries: boolean;
  groupNames: Set<string>;
}

class Refusal extends Error {
  readonly state: "invalid" | "unsupported";
  constructor(state: "invalid" | "unsupported", message: string) {
    super(message);
    this.state = state;
  }
}

const invalid = (why: string) => new Refusal("invalid", why);
const unsupported = (why: string) => new Refusal("unsupported", why);

// Unicode 15 as Rust's `\w`, `\d` and `\s` mean it: Alphabetic, M, Nd, Pc and Join_Control; Nd; White_Space. The ranges are
// Alphabetic without its categories (Other_Alphabetic in So), and the code points that are not White_Space.
const WORD =
  "\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}\\x{200C}\\x{200D}\\x{24B6}-\\x{24E9}\\x{1F130}-\\x{1F149}\\x{1F150}-\\x{1F169}\\x{1F170}-\\x{1F189}";
const SPACE =
  "\\t\\n\\v\\f\\r\\x20\\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}";
const NOT_SPACE =
  "\\x{0}-\\x{8}\\x{E}-\\x{1F}\\x{21}-\\x{84}\\x{86}-\\x{9F}\\x{A1}-\\x{167F}\\x{1681}-\\x{1FFF}\\x{200B}-\\x{2027}" +
  "\\x{202A}-\\x{202E}\\x{2030}-\\x{205E}\\x{2060}-\\x{2FFF}\\x{3001}-\\x{10FFFF}";

function translateNext(reader: Reader): void {
  const { pattern, at } = reader;
  switch (pattern[at]) {
    case "\\":
      return translateEscape(reader, false);
    case "[":
      return translateClass(reader);
    case "(":
      return translateGroup(reader);
    case "{":
      return translateRepetition(reader);
    default:
      reader.out.push(pattern[at] ?? "");
      reader.at += 1;
  }
}

function translateRepetition(reader: Reader): void {
  const [text, from, to] = here(reader, /\{(\d+)(?:,(\d*))?\}/y);
  if (text === undefined) throw invalid("a repetition is {n}, {n,} or {n,m}; write \\{ for the character");
  if (to !== undefined && to !== "" && Number(from) > Number(to))
    throw invalid(`${text} repeats more often than at most`);
  replace(reader, text.length, text);
}

/** What a sticky expression finds at the reader's place. */
function here({ pattern, at }: Reader, expression: RegExp): (string | undefined)[] {
  expression.lastIndex = at;
  return expression.exec(pattern) ?? [];
}

function translateGroup(reader: Reader): void {
  const rest = reader.pattern.slice(reader.at, reader.at + 300);
  if (!rest.startsWith("(?")) {
    reader.out.push("(");
    reader.at += 1;
    return;
  }
  if (/^\(\?<?[=!]/.test(rest)) throw invalid("look-around is not supported");
  const [named, name] = /^\(\?P?<([A-Za-z_][A-Za-z0-9_.[\]]*)>/.exec(rest) ?? [];
  if (named !== undefined && name !== undefined) {
    if (reader.groupNames.has(name)) throw invalid(`two groups are named ${JSON.stringify(name)}`);
    reader.groupNames.add(name);
    reader.out.push("(");
    reader.at += named.length;
    return;
  }
  const [flags] = /^\(\?[A-Za-z-]*[:)]/.exec(rest) ?? [];
  if (flags === undefined || flags === "(?)" || /-[:)]$|-.*-/.test(flags))
    throw invalid(`unknown group ${rest.slice(0, 5)}`);
  if (/[^imsURux:()?-]/.test(flags)) throw invalid(`unknown flag in ${flags}`);
  if (/[xR]|-.*u/.test(flags)) throw unsupported(`the flags of ${flags} are not evaluated`);
  const kept = flags.replace("u", "");
  reader.out.push(kept === "(?)" ? "(?:)" : kept);
  reader.at += flags.length;
}

function translateEscape(reader: Reader, inClass: boolean): void {
  const { pattern, at } = reader;
  const character = pattern[at + 1];
  if (character === undefined) throw invalid("it ends in a backslash");
  const shorthand = classShorthand(character, inClass);
  if (shorthand !== undefined) return replace(reader, 2, shorthand);
  if (/[1-9]/.test(character)) throw invalid("back-references are not supported");
  if (character === "p" || character === "P") return translateProperty(reader);
  if (/[xuU]/.test(character)) return translateCodePoint(reader);
  if (/[aftnrv]/.test(character)) return replace(reader, 2, `\\${character}`);
  if (/[bBAz<>]/.test(character)) return translateAssertion(reader, character, inClass);
  if (/[A-Za-z0-9]/.test(character) || character > "\x7f") throw invalid(`unknown escape \\${character}`);
  return replace(reader, 2, `\\x{${character.charCodeAt(0).toString(16)}}`);
}

function replace(reader: Reader, length: number, by: string): void {
  reader.out.push(by);
  reader.at += length;
}

function classShorthand(character: string, inClass: boolean): string | undefined {
  switch (character) {
    case "d":
      return "\\p{Nd}";
    case "D":
      return "\\P{Nd}";
    case "s":
      return inClass ? SPACE : `[${SPACE}]`;
    case "S":
      return inClass ? NOT_SPACE : `[${NOT_SPACE}]`;
    case "w":
      return inClass ? WORD : `[${WORD}]`;
    case "W":
      if (inClass) throw unsupported("\\W in a character class is not evaluated");
      return `[^${WORD}]`;
    default:
      return undefined;
  }
}

function translateProperty(reader: Reader): void {
  const [text] = here(reader, /\\[pP](\{[^}^]+\}|[A-Za-z])/y);
  if (text === undefined) throw invalid("\\p needs the name of a property");
  replace(reader, text.length, text);
}

function translateCodePoint(reader: Reader): void {
  const expression = /\\(?:[xuU]\{([0-9A-Fa-f]{1,8})\}|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/y;
  const [text, ...digits] = here(reader, expression);
  const code = Number.parseInt(digits.find((group) => group !== undefined) ?? "", 16);
  const exists = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  if (text === undefined || !exists) throw invalid("no such character in a hexadecimal escape");
  replace(reader, text.length, `\\x{${code.toString(16)}}`);
}

function translateAssertion(reader: Reader, character: string, inClass: boolean): void {
  if (inClass) throw invalid(`\\${character} is no character`);
  const isBraced = character === "b" && reader.pattern[reader.at + 2] === "{";
  if (isBraced || character === "<" || character === ">") {
    throw unsupported("word starts and ends are not evaluated");
  }
  if (character === "b" || character === "B") reader.asciiBoundaries = true;
  replace(reader, 2, `\\${character}`);
}

/** `[…]`: a first `]` is literal; nesting and set operations are Rust's alone. */
function translateClass(reader: Reader): void {
  const { pattern, out } = reader;
  const negated = pattern[reader.at + 1] === "^";
  out.push(negated ? "[^" : "[");
  reader.at += negated ? 2 : 1;
  for (let first = true; ; first = false) {
    if (pattern[reader.at] === "]" && !first) return replace(reader, 1, "]");
    if (/^(&&|--|~~)/.test(pattern.slice(reader.at, reader.at + 2))) {
      throw unsupported("set operations in a character class are not evaluated");
    }
    translateRange(reader, pattern[reader.at] === "[" ? translatePosixClass(reader) : translateMember(reader));
  }
}

/** The rest of `a-z` after the `a`, if there is one; a `-` before `]` is only itself. */
function translateRange(reader: Reader, start: "character" | "set"): void {
  const { pattern, at } = reader;
  if (pattern[at] !== "-" || /^[\]-]?$/.test(pattern.slice(at + 1, at + 2))) return;
  replace(reader, 1, "-");
  if (start === "set" || translateMember(reader) === "set") throw invalid("a range goes from character to character");
}

function translateMember(reader: Reader): "character" | "set" {
  const character = reader.pattern[reader.at];
  if (character === undefined) throw invalid("a character class is not closed");
  if (character === "\\") {
    const isSet = /[dDsSwWpP]/.test(reader.pattern[reader.at + 1] ?? "");
    translateEscape(reader, true);
    return isSet ? "set" : "character";
  }
  replace(reader, 1, /[[\]^-]/.test(character) ? `\\${character}` : character);
  return "character";
}

function translatePosixClass(reader: Reader): "set" {
  const [text] = here(reader, /\[:\^?[a-z]+:\]/y);
  if (text === undefined) throw unsupported("nested character classes are not evaluated");
  replace(reader, text.length, text);
  return "set";
}
