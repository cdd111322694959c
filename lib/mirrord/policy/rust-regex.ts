import { RE2JS } from "re2js";
import type { Answer } from "../../kubernetes/access.ts";
import { programSize } from "./rust-regex-size.ts";
import { translateRustRegex } from "./rust-regex-syntax.ts";
import { toAnswer } from "../../kubernetes/answers.ts";

/** A regular expression of the operator, which is written in Rust. */
export type RustRegex =
  | { state: "ready"; find(text: string): Answer }
  /** Rust refuses it. */
  | { state: "invalid"; why: string }
  /** Rust takes it, but we cannot say what it matches. */
  | { state: "unsupported"; why: string };

const MAX_PATTERN_LENGTH = 10_000;
/** Instructions that an expression becomes; compiling many more takes seconds and hundreds of megabytes. */
const MAX_PROGRAM_SIZE = 10_000;
/** Instructions times characters: about a third of a second. */
const MAX_STEPS = 5_000_000;

/**
 * Compiles an expression in the dialect of Rust's `regex` crate, which has no look-around and no back-references.
 * `find` says whether it matches anywhere in the text, in time proportional to pattern times text; "unknown" where the
 * engines differ (a word boundary beside characters other than ASCII), and where it would take too long. Never throws.
 * The only place that knows the engine.
 */
export function compileRustRegex(pattern: string, options: { ignoreCase?: boolean } = {}): RustRegex {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    return { state: "unsupported", why: `longer than ${MAX_PATTERN_LENGTH} characters` };
  }
  const size = programSize(pattern);
  if (size > MAX_PROGRAM_SIZE) return { state: "unsupported", why: `larger than ${MAX_PROGRAM_SIZE} instructions` };
  const translated = translateRustRegex(pattern);
  if (translated.state !== "ready") return translated;
  try {
    const regex = RE2JS.compile(translated.pattern, options.ignoreCase === true ? RE2JS.CASE_INSENSITIVE : 0);
    return {
      state: "ready",
      find: (text) => {
        if (text.length * size > MAX_STEPS) return "unknown";
        if (translated.asciiBoundaries && !isAscii(text)) return "unknown";
        return toAnswer(regex.matcher(text).find());
      },
    };
  } catch (error) {
    return refusal(error instanceof Error ? error.message : String(error));
  }
}

/** What this engine refuses and Rust does not: long repetitions, `a**`, some Unicode properties, deep nesting. */
const engineLimits = /invalid repeat count|invalid nested repetition|nests too deeply|too large|class range: `\\[pP]/;

function refusal(message: string): RustRegex {
  const why = message.replace(/^error parsing regexp: /, "");
  return { state: engineLimits.test(message) ? "unsupported" : "invalid", why };
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}
