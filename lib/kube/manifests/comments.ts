// Comments of a document that is written anew: a YAML writer knows none.

import { diffArrays } from "diff";

/** A line of YAML with the comments that go with it. */
interface Line {
  /** Without the comment behind it. */
  text: string;
  /** Whole lines, without their indentation. */
  above: string[];
  /** With its `#`; "" for none. */
  behind: string;
}

/**
 * The text `after`, with the comments of `before` at the lines that are in both. A line that has another value keeps those of its
 * key; what is said of a line that is gone goes with it. Both are one document in block style, without the `---` before it.
 */
export function withComments(before: string, after: string): string {
  const old = readLines(before);
  if (old.below.length === 0 && old.lines.every((line) => line.above.length === 0 && line.behind === "")) return after;
  const { lines } = readLines(after);
  for (const [from, to] of samePlaces(old.lines, lines)) {
    to.above.push(...from.above);
    to.behind = from.behind;
  }
  const written = lines.flatMap(({ text, above, behind }) => [
    ...above.map((comment) => `${indentation(text)}${comment}`),
    behind === "" ? text : `${text} ${behind}`,
  ]);
  return [...written, ...old.below].join("\n");
}

function readLines(text: string): { lines: Line[]; below: string[] } {
  const lines: Line[] = [];
  let above: string[] = [];
  // Of a block of text (`|`), in which `#` is a letter like others: how far the line is indented that opens it.
  let block: number | undefined;
  for (const line of text.split("\n")) {
    const indent = indentation(line).length;
    if (block !== undefined && line.trim() !== "" && indent <= block) block = undefined;
    if (block === undefined && /^\s*#/.test(line)) {
      above.push(line.trim());
      continue;
    }
    const content = block === undefined ? withoutComment(line) : line;
    if (block === undefined && /(^|[\s:-])[|>][-+0-9]*$/.test(content)) block = indent;
    lines.push({ text: content, above, behind: line.slice(content.length).trim() });
    above = [];
  }
  return { lines, below: above };
}

const indentation = (line: string): string => /^ */.exec(line)?.[0] ?? "";

/** A `#` begins a comment behind a blank, and not within quotes. */
function withoutComment(line: string): string {
  let quote = "";
  for (let at = 0; at < line.length; at += 1) {
    const [letter = "", last = " "] = [line[at], line[at - 1]];
    if (quote !== "") {
      if (letter === quote) quote = "";
    } else if (/["']/.test(letter) && /[\s[{,]/.test(last)) quote = letter;
    else if (letter === "#" && /\s/.test(last)) return line.slice(0, at).trimEnd();
  }
  return line;
}

/** The lines of the one that stand for those of the other. */
function samePlaces(before: readonly Line[], after: readonly Line[]): [Line, Line][] {
  const pairs: [Line, Line][] = [];
  let [from, to] = [0, 0];
  let gone: Line[] = [];
  for (const { added, removed, value } of diffArrays(before.map(token), after.map(token))) {
    const count = value.length;
    if (removed) {
      gone.push(...before.slice(from, (from += count)));
      continue;
    }
    const here = after.slice(to, (to += count));
    if (added) pairs.push(...sameKeys(gone, here));
    else for (const line of here) pairs.push([before[from++] ?? line, line]);
    gone = [];
  }
  return pairs;
}

function sameKeys(gone: readonly Line[], come: readonly Line[]): [Line, Line][] {
  const left = [...gone];
  return come.flatMap((line): [Line, Line][] => {
    const at = left.findIndex((each) => key(each) === key(line));
    const [same] = at === -1 ? [] : left.splice(at, 1);
    return same === undefined ? [] : [[same, line]];
  });
}

const key = ({ text }: Line): string => words(text).replace(/:(\s.*)?$/s, ":");

/** However it is indented and quoted. */
const words = (text: string): string => text.trim().replaceAll(/["']/g, "");

/** What tells a line from others: of an item of a list that has several lines, all of them. */
function token({ text }: Line, at: number, lines: readonly Line[]): string {
  if (!/^\s*- /.test(text)) return words(text);
  const indent = indentation(text).length;
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((each) => each.text.trim() !== "" && indentation(each.text).length <= indent);
  return [text, ...rest.slice(0, end === -1 ? undefined : end).map((each) => each.text)].map(words).join("\n");
}
