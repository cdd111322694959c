import { goUnquote } from "../text/go-unquote.ts";
import type { AccessAttributes } from "./access.ts";
import { attributesKey } from "./answers.ts";

/** What a server refused, and to whom. */
export interface Denial {
  user: string;
  attributes: AccessAttributes;
}

/** Of the texts around it: a Status within JSON within a log line. */
const DEEPEST_QUOTING = 3;

/**
 * What an API server says it refused, each once: its own words alone, in kubectl's or mirrord's, in a Status, in a log, and
 * wrapped to the width of a terminal. Values are Go strings there, so nothing in them can pass for words of the server.
 * Source: forbiddenMessage in apiserver pkg/endpoints/handlers/responsewriters/errors.go; NewForbidden in apimachinery pkg/api/errors.
 */
export function denialsIn(text: string): Denial[] {
  let words = unwrapped(text);
  for (let depth = 0; depth <= DEEPEST_QUOTING; depth += 1) {
    const found = denialsAsWritten(words);
    // One level more would take what a quoted name holds for words of the server.
    if (found.length > 0) return found;
    words = words.replaceAll(/\\(["\\])/g, "$1");
  }
  return [];
}

/**
 * Colours, links and character sets (ECMA-48). None reaches into the next one: util.stripVTControlCharacters takes minutes for many
 * that have no end.
 */
const TERMINAL_SEQUENCE =
  // oxlint-disable-next-line no-control-regex
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]+[0-~]/g;

/** Without colours, and without the line ends and bars that a wrapped message has; a name is wrapped at its dashes, too. */
function unwrapped(text: string): string {
  return text
    .replaceAll(TERMINAL_SEQUENCE, "")
    .replaceAll(/\r?\n[ \t]{0,80}[│|][ \t]*/g, "\n")
    .replaceAll(/(?<=[a-z0-9.]-)\r?\n/g, "");
}

const QUOTED = String.raw`"((?:[^"\\]|\\.)*)"`;
const SENTENCE = new RegExp(
  String.raw`\bUser\s+${QUOTED}\s+cannot\s+(\S+)\s+(?:path\s+${QUOTED}|` +
    String.raw`resource\s+${QUOTED}\s+in\s+API\s+group\s+${QUOTED}\s+(?:in\s+the\s+namespace\s+${QUOTED}|at\s+the\s+cluster\s+scope))`,
  "g",
);
const NAME_BEFORE = new RegExp(String.raw`(?<!\\)${QUOTED}\s+is\s+forbidden:\s*$`);

/** Longer than the longest name when each of its characters is an escape. */
const LONGEST_NAME = 3000;

function denialsAsWritten(text: string): Denial[] {
  const found = new Map<string, Denial>();
  let end = 0;
  for (const match of text.matchAll(SENTENCE)) {
    const before = text.slice(Math.max(end, match.index - LONGEST_NAME), match.index);
    end = match.index + match[0].length;
    const denial = denialIn(match, NAME_BEFORE.exec(before)?.[1]);
    if (denial !== undefined) found.set(JSON.stringify([denial.user, attributesKey(denial.attributes)]), denial);
  }
  return [...found.values()];
}

/** With all blanks around it. A search that began at each of the blanks would take time quadratic in them. */
const LINE_END = /(?<!\s)\s*\n\s*/g;

/** Undefined for text that no server writes: strings with other escapes than Go's. */
function denialIn(match: RegExpExecArray, quotedName: string | undefined): Denial | undefined {
  const [, quotedUser = "", verb = "", quotedPath, quotedResource = "", quotedGroup = "", quotedNamespace] = match;
  const user = goUnquote(quotedUser.replaceAll(LINE_END, " "));
  if (user === undefined) return undefined;
  if (quotedPath !== undefined) {
    const path = unquoteWord(quotedPath);
    return path === undefined ? undefined : { user, attributes: { verb, path } };
  }
  const [type, apiGroup, namespace, name] = [quotedResource, quotedGroup, quotedNamespace ?? "", quotedName ?? ""].map(
    unquoteWord,
  );
  if (type === undefined || apiGroup === undefined || namespace === undefined || name === undefined) return undefined;
  const slash = type.indexOf("/");
  return {
    user,
    attributes: {
      verb,
      apiGroup,
      resource: slash < 0 ? type : type.slice(0, slash),
      ...(slash < 0 ? {} : { subresource: type.slice(slash + 1) }),
      ...(namespace === "" ? {} : { namespace }),
      ...(name === "" ? {} : { name }),
    },
  };
}

/** Of what has no blanks: a line end in it is the terminal's. */
const unquoteWord = (quoted: string): string | undefined => goUnquote(quoted.replaceAll(LINE_END, ""));
