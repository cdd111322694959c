import fc from "fast-check";
import t from "tap";
import { lineScanner } from "../../../lib/audit/usage/scan.ts";

const words = ["user", "é.co"];

function scan(chunks: readonly Uint8Array[], longest?: number): { lines: string[]; tooLong: number } {
  const lines: string[] = [];
  const scanner = lineScanner(words, (line) => void lines.push(line), longest);
  for (const chunk of chunks) {
    // What is handed in may be used again.
    const lent = Uint8Array.from(chunk);
    scanner.push(lent);
    lent.fill(10);
  }
  scanner.end();
  return { lines, tooLong: scanner.tooLong };
}

const piece = fc.constantFrom("user", "use", "r", "é.co", "é", ".co", "\n", "\n\n", "x", "\r\n", " ");
const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(""));

t.test("wherever the bytes are cut, exactly the lines with a word are found, in order", async (t) => {
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 200 }), { maxLength: 8 }), (content, cuts) => {
      const bytes = Buffer.from(content);
      const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
      const chunks = ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
      const want = content.split("\n").filter((line) => words.some((word) => line.includes(word)));
      t.same(scan(chunks), { lines: want, tooLong: 0 });
    }),
    { numRuns: 500 },
  );
});

t.test("a line that is too long is left out and counted, and the next one is found", async (t) => {
  const parts = ["user 1\nuser", "-".repeat(50), "-".repeat(50), " \nuser 2\n", "x".repeat(200), "user"].map((part) =>
    Buffer.from(part),
  );
  t.same(scan(parts, 64), { lines: ["user 1", "user 2"], tooLong: 2 });
  t.same(scan([], 64), { lines: [], tooLong: 0 });
});
