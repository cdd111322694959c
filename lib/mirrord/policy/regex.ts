import type { Answer } from "../../kubernetes/access.ts";
import { fieldPath, textAt, textsAt, type ObjectFields } from "../../kubernetes/object-fields.ts";
import { compileRustRegex, type RustRegex } from "./rust-regex.ts";

/** A regular expression out of a policy; what cannot be compiled answers "unknown" to everything, and is reported. */
export interface PolicyRegex {
  text: string;
  /** Where it stands: `spec.fs.local[0]`. */
  path: string;
  state: RustRegex["state"];
  find(text: string): Answer;
}

export function regexAt(fields: ObjectFields, name: string): PolicyRegex | undefined {
  const text = textAt(fields, name);
  return text === undefined ? undefined : compile(text, fieldPath(fields, name), fields.report);
}

/**
 * Patterns for file names. The client ignores case in its own and nobody says whether the operator does, so a name that
 * matches only without regard to case is "unknown".
 */
export function fileRegexesAt(fields: ObjectFields, name: string): PolicyRegex[] {
  return (textsAt(fields, name) ?? []).map((text, index) => {
    const exact = compile(text, `${fieldPath(fields, name)}[${index}]`, fields.report);
    const folded = compileRustRegex(text, { ignoreCase: true });
    const find = (path: string): Answer => {
      const answer = exact.find(path);
      return answer === "no" && folded.state === "ready" && folded.find(path) !== "no" ? "unknown" : answer;
    };
    return { ...exact, find };
  });
}

function compile(text: string, path: string, report: ObjectFields["report"]): PolicyRegex {
  const regex = compileRustRegex(text);
  const { state } = regex;
  if (regex.state === "ready") return { text, path, state, find: remembersLast(regex.find) };
  report(
    path,
    regex.state === "invalid" ? `is not a regular expression: ${regex.why}` : `is not evaluated: ${regex.why}`,
  );
  return { text, path, state, find: () => "unknown" };
}

// One session after another asks about the same header filter.
function remembersLast(find: (text: string) => Answer): (text: string) => Answer {
  let last: { text: string; answer: Answer } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, answer: find(text) };
    return last.answer;
  };
}
