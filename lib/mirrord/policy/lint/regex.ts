import type { PolicyExpression } from "./expressions.ts";

/** Texts that have nothing in common but what everything has. */
const probes: Readonly<Record<PolicyExpression["subject"], readonly string[]>> = {
  header: ["", "x", "x-user: jim", "Authorization: Bearer 1", "baggage: a=b,c=d", "0", "ünï: ☃", "a:b\tc"],
  file: ["", "/", "/etc/passwd", "/app/config.json", "relative", "/ünï/☃", "/var/run/x-0", "C:\\x"],
  hostname: [
    "",
    "x",
    "db",
    "acme.example",
    "10.0.0.1",
    "a-b.c-d.svc.cluster.local",
    "xn--bcher-kva.example",
    "_srv._tcp",
  ],
};

/** Whether an expression lets everything through, as far as many different texts can tell. */
export function matchesEverything({ state, find, subject }: PolicyExpression): boolean {
  return state === "ready" && probes[subject].every((text) => find(text) === "yes");
}

/** Why nothing can ever match; undefined when something may. Claimed only where it is certain. */
export function matchesNothing({ text, subject, state }: PolicyExpression): string | undefined {
  if (state !== "ready" || /\(\?[a-zA-Z]*m/.test(text)) return undefined;
  const branches = topLevel(text);
  if (branches === undefined) return undefined;
  if (branches.every((tokens) => isDead(tokens)))
    return "an anchor or an empty class stands where nothing can match it";
  if (subject === "file" && branches.every((tokens) => startsRelative(tokens))) {
    return "it is compared with whole paths, which begin with /";
  }
  if (subject === "hostname" && branches.every((tokens) => tokens.some(isNoHostCharacter))) {
    return "a host name holds no such character: neither a scheme, a path nor a port is part of it";
  }
  return undefined;
}

interface Token {
  kind: "start" | "end" | "atom" | "empty-class" | "group";
  text: string;
  /** The quantifier lets it be left out. */
  optional: boolean;
}

const token =
  /(?<escape>\\(?:[pPxuU]\{[^}]*\}|x[0-9A-Fa-f]{2}|.))|(?<class>\[\^?\]?(?:\\.|\[:\^?[a-z]+:\]|[^\]\\])*\])|(?<plain>[^\\[(])/suy;
const quantifier = /(?:[*?+]|\{(\d+)(?:,\d*)?\})\??/y;

/** The alternatives of an expression as tokens; a group is one token. Undefined for what this does not read. */
function topLevel(text: string): Token[][] | undefined {
  const branches: Token[][] = [[]];
  for (let at = 0; at < text.length;) {
    if (text[at] === "|") {
      branches.push([]);
      at += 1;
      continue;
    }
    const end = text[at] === "(" ? groupEnd(text, at) : tokenEnd(text, at);
    if (end === undefined) return undefined;
    const own = text.slice(at, end);
    quantifier.lastIndex = end;
    const [repeat = "", least] = quantifier.exec(text) ?? [];
    const optional = /^[*?]/.test(repeat) || (least !== undefined && Number(least) === 0);
    branches.at(-1)?.push({ kind: tokenKind(own), text: own, optional });
    at = end + repeat.length;
  }
  return branches;
}

function tokenEnd(text: string, at: number): number | undefined {
  token.lastIndex = at;
  return token.test(text) ? token.lastIndex : undefined;
}

function groupEnd(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length;) {
    if (text[at] === "(") depth += 1;
    else if (text[at] === ")" && --depth === 0) return at + 1;
    if (text[at] === "(" || text[at] === ")") at += 1;
    else {
      const end = tokenEnd(text, at);
      if (end === undefined) return undefined;
      at = end;
    }
  }
  return undefined;
}

const emptyClasses = new Set(["[^\\s\\S]", "[^\\S\\s]", "[^\\d\\D]", "[^\\D\\d]", "[^\\w\\W]", "[^\\W\\w]"]);

function tokenKind(text: string): Token["kind"] {
  if (text === "^" || text === String.raw`\A`) return "start";
  if (text === "$" || text === String.raw`\z`) return "end";
  if (text.startsWith("(")) return "group";
  if (emptyClasses.has(text)) return "empty-class";
  return "atom";
}

/** `a^`, `$a`, `[^\s\S]`: something must be matched before the start or behind the end. */
function isDead(tokens: readonly Token[]): boolean {
  const needed = tokens.filter(({ optional }) => !optional);
  const consumes = ({ kind, text }: Token) => kind === "atom" && !/^\\[bB]$/.test(text);
  if (needed.some(({ kind }) => kind === "empty-class")) return true;
  const lastStart = needed.findLastIndex(({ kind }) => kind === "start");
  const firstEnd = needed.findIndex(({ kind }) => kind === "end");
  if (needed.slice(0, Math.max(0, lastStart)).some(consumes)) return true;
  return firstEnd >= 0 && needed.slice(firstEnd + 1).some(consumes);
}

// Only where the first character is fixed.
function startsRelative([first, second]: readonly Token[]): boolean {
  return (
    first?.kind === "start" && !first.optional && second !== undefined && !second.optional && /^\w$/.test(second.text)
  );
}

function isNoHostCharacter({ text, optional }: Token): boolean {
  return !optional && /^(?:\\?[/:@ ]|\\s)$/.test(text);
}
