import t from "tap";
import { usageReader } from "../../../lib/audit/usage/read.ts";
import { spanReader } from "../../../lib/audit/usage/span.ts";
import { addUsage, noUsage } from "../../../lib/audit/usage/totals.ts";
import { usageDocument, usageIn } from "../../../lib/audit/usage/document.ts";

const day = (time: string) => Math.floor(Date.parse(time) / 86_400_000);
const operatorLine = (timestamp: string) =>
  JSON.stringify({ timestamp, level: "INFO", fields: { message: "anything" } });
const apiLine = (time: string, more: object = {}) =>
  JSON.stringify({ kind: "Event", apiVersion: "audit.k8s.io/v1", stageTimestamp: time, verb: "get", ...more });

/** The days that a log of these pieces reaches over. */
function days(...pieces: string[]) {
  const found = { operator: new Set<number>(), apiServer: new Set<number>() };
  const reader = spanReader(found);
  for (const piece of pieces) reader.push(Buffer.from(piece));
  reader.end();
  return { operator: [...found.operator], apiServer: [...found.apiServer] };
}
const three = [day("2026-03-01T00:00:00Z"), day("2026-03-02T00:00:00Z"), day("2026-03-03T00:00:00Z")];
const none: number[] = [];
const [from, to] = ["2026-03-01T23:00:00Z", "2026-03-03T01:00:00Z"];

/** More lines than the first ones that are looked at. */
const many = `${apiLine(from)}\n`.repeat(50);

const cases: [name: string, pieces: string[], operator: number[], apiServer: number[]][] = [
  [
    "from the first line to the last, whatever they are about",
    [`${operatorLine(from)}\ntext\n${operatorLine(to)}\n`],
    three,
    none,
  ],
  ["the last line has no end", [`${apiLine(from)}\n${apiLine(to)}`], none, three],
  ["one line", [apiLine(from)], none, three.slice(0, 1)],
  [
    "pieces that are cut anywhere",
    [apiLine(from).slice(0, 30), `${apiLine(from).slice(30)}\n${apiLine(to).slice(0, 9)}`, `${apiLine(to).slice(9)}\n`],
    none,
    three,
  ],
  ["a line in many pieces", [...apiLine(from)], none, three.slice(0, 1)],
  ["lines before the first with a time", [`\ntext\n{}\n${operatorLine(from)}\n${operatorLine(to)}\n`], three, none],
  [
    "wrapped by a collector",
    [`${JSON.stringify({ log: `${operatorLine(from)}\n` })}\n${JSON.stringify({ log: operatorLine(to) })}\n`],
    three,
    none,
  ],
  ["lines that are in no order", [`${apiLine(to)}\n${apiLine(from)}\n`], none, three],
  [
    "both kinds in one log",
    [`${operatorLine(from)}\n${apiLine(from)}\n${operatorLine(from)}\n`],
    three.slice(0, 1),
    three.slice(0, 1),
  ],
  ["text behind the last line with a time", [`${many}${apiLine(to)}\npanic: x\n\ngoroutine 1\n`], none, three],
  ["text without an end behind it", [`${many}${apiLine(to)}\npanic: x`], none, three],
  ["a last line in two pieces", [`${many}${apiLine(to).slice(0, 30)}`, `${apiLine(to).slice(30)}\n`], none, three],
  ["its end alone in a piece", [`${many}${apiLine(to)}`, "\n"], none, three],
  ["its end and text in a piece", [`${many}${apiLine(to)}`, "\npanic: x\n"], none, three],
  [
    "the last lines of both kinds in one log",
    [`${operatorLine(from)}\n${many}${operatorLine(to)}\n${apiLine(to)}\n${apiLine(to)}\n`],
    three,
    three,
  ],
  ["a time that no log can have", [`${apiLine("1970-01-02T00:00:00Z")}\n${apiLine(to)}\n`], none, none],
  ["no time at all", ["text\nmore text\n"], none, none],
  ["nothing", [], none, none],
];
for (const [name, pieces, operator, apiServer] of cases)
  t.test(name, async (t) => t.same(days(...pieces), { operator, apiServer }));

t.test("a line that no log has is left out, and the rest counts", async (t) => {
  const long = "x".repeat(3 * 1024 * 1024);
  t.same(days(long, long, long, `\n${apiLine(from)}\n`).apiServer, three.slice(0, 1));
});

t.test("of parts that are merged the days of all count, in whatever order", async (t) => {
  const part = (...lines: string[]) => {
    const totals = noUsage();
    const reader = usageReader(totals, {});
    reader.push(Buffer.from(lines.join("\n")));
    reader.end();
    return usageIn(
      JSON.parse(
        JSON.stringify({ apiVersion: "kubectl-mirrord.io/v1alpha1", kind: "UsagePartial", ...usageDocument(totals) }),
      ),
      "x",
    );
  };
  const parts = [part(apiLine(from)), part(operatorLine(from), operatorLine(to)), part(apiLine(to))];
  const merged = [parts, parts.toReversed()].map((all) => {
    const totals = noUsage();
    for (const each of all) addUsage(totals, each);
    return usageDocument(totals)["days"];
  });
  t.same(merged[0], { operator: three, apiServer: [three[0], three[2]] }, "between two logs nothing is known");
  t.same(merged[0], merged[1]);
});

t.test("days that are none are refused; a document without them has none", async (t) => {
  const document = { apiVersion: "kubectl-mirrord.io/v1alpha1", kind: "UsagePartial", ...usageDocument(noUsage()) };
  for (const wrong of ["x", [1.5], [-1], ["1"], [2_932_897]])
    t.throws(() => usageIn({ ...document, days: { operator: wrong } }, "f"), {
      kind: "usage",
      message: /^f: days\.operator/,
    });
  t.same([...usageIn({ ...document, days: { operator: [2_932_896] } }, "f").days.operator], [2_932_896], "9999-12-31");
  t.equal(usageIn({ ...document, days: undefined }, "f").days.operator.size, 0);
});
