// Inputs that somebody made to harm: from a good text, by what breaks readers.
import * as fc from "fast-check";

/** Pieces that have broken readers of other tools: keys of prototypes, escapes of terminals, tags, anchors, big numbers. */
export const pieces = [
  "__proto__",
  "constructor",
  '{"__proto__":{"polluted":true}}',
  "__proto__: {polluted: true}",
  "constructor: {prototype: {polluted: true}}",
  "toString: 1",
  "\u001b[2J\u001b]0;owned\u0007",
  "\u202e\u2066",
  "\u0000",
  "\ufeff",
  "\ud800",
  "\r",
  "\n---\n",
  "\n...\n",
  "\n\t",
  "!!js/function 'x'",
  "!!binary x",
  "&a",
  "*a",
  "<<: *a",
  "? ",
  "- ",
  ": ",
  "[",
  "{",
  "]",
  "}",
  '"',
  "'",
  "\\",
  "|\n",
  ">\n",
  "#",
  "%YAML 9.9\n",
  "null",
  "~",
  "true",
  "1e999",
  "-1",
  "0x7fffffffffffffff",
  "99999999999999999999999999",
  ".nan",
  "2026-11-29",
  "../../../../etc/passwd",
  "/dev/stdin",
  '{{ get_env(name="HOME") }}',
  "{{ .Values.x }}",
  "${HOME}",
  "$(id)",
  "=cmd|' /C calc'!A0",
  "<script>alert(1)</script>",
  "a".repeat(300),
  "(a+)+$",
  "[".repeat(200),
];

type Step =
  | { kind: "insert"; at: number; piece: string }
  | { kind: "cut"; at: number; length: number }
  | { kind: "repeat"; at: number; length: number }
  | { kind: "replaceValue"; at: number; piece: string };

const place = fc.double({ min: 0, max: 1, noNaN: true });
const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...pieces) },
  fc.string({ unit: "binary", maxLength: 12 }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("insert" as const), at: place, piece }),
  fc.record({ kind: fc.constant("cut" as const), at: place, length: fc.nat({ max: 60 }) }),
  fc.record({ kind: fc.constant("repeat" as const), at: place, length: fc.nat({ max: 120 }) }),
  fc.record({ kind: fc.constant("replaceValue" as const), at: place, piece }),
);

/** A good text with one to six harmful changes; now and then something that never was one. */
export function hostileText(samples: readonly string[]): fc.Arbitrary<string> {
  const changed = fc
    .tuple(fc.constantFrom(...samples), fc.array(step, { minLength: 1, maxLength: 6 }))
    .map(([sample, steps]) => steps.reduce(change, sample));
  const random = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value)),
    fc.array(piece, { maxLength: 12 }).map((some) => some.join("")),
  );
  return fc.oneof({ weight: 5, arbitrary: changed }, { weight: 1, arbitrary: random });
}

function change(text: string, one: Step): string {
  const at = Math.floor(one.at * text.length);
  if (one.kind === "cut") return text.slice(0, at) + text.slice(at + one.length);
  if (one.kind === "repeat") return text.slice(0, at + one.length) + text.slice(at);
  if (one.kind === "insert") return text.slice(0, at) + one.piece + text.slice(at);
  // The next scalar after a colon: the shape stays, and the value is of another type or hostile.
  const value = /(?<=:\s{0,3})[^\s{}[\],:]+/g;
  value.lastIndex = at;
  const found = value.exec(text);
  if (found === null) return text + one.piece;
  return text.slice(0, found.index) + one.piece + text.slice(value.lastIndex);
}

/**
 * How many inputs each property gets; HOSTILE_COUNT for a long run, HOSTILE_SEED to repeat one. `cost`: how many times as long
 * one of them takes as a text for a reader, so that a long run gives it as many times fewer.
 */
export function effort(everyRun: number, cost = 1): { numRuns: number; seed: number } {
  const { HOSTILE_COUNT: count, HOSTILE_SEED: seed } = process.env;
  const numRuns = count === undefined ? everyRun : Math.ceil(Number(count) / cost);
  if (count !== undefined) process.stdout.write(`# figure inputs: ${numRuns}\n`);
  return { numRuns, seed: Number(seed ?? Date.now() % 2 ** 31) };
}

/** What a terminal would obey, in a text that was meant to be safe. */
export const HARMFUL = /(?![\n\t])\p{Cc}|[\p{Cf}\p{Zl}\p{Zp}]/u;
