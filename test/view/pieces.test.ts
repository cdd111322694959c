import t from "tap";
import { parseTemplate, type TemplateFormat } from "../../lib/view/template.ts";
import { lineTexts } from "../../lib/view/lines.ts";
import { markdownParts, markdownReport, markdownTable } from "../../lib/view/markdown.ts";
import { printDocument, printOutput, printTexts, type Printer } from "../../lib/view/output.ts";
import { pieces } from "../../lib/view/pieces.ts";

t.test("each text is whole in a piece, and nothing is lost", async (t) => {
  t.same([...pieces([])], []);
  t.same([...pieces(["", ""])], []);
  t.same([...pieces(["a", "b"])], ["ab"]);
  const half = "x".repeat(2 ** 19);
  t.same(
    [...pieces([half, half, "y", half, half, half, "z"])].map((piece) => [piece.length, piece.at(0), piece.at(-1)]),
    [
      [2 ** 20, "x", "x"],
      [2 ** 20 + 1, "y", "x"],
      [2 ** 19 + 1, "x", "z"],
    ],
  );
});

const name = "n".repeat(1000);
const rows = Array.from({ length: 5000 }, (_, id) => ({ id, name }));
const columns = { ID: ({ id }: { id: number }) => id, NAME: (row: { name: string }) => row.name };
const output = { kind: "RowList", value: { items: rows }, rows, columns };

/** The lengths of what is written at once. */
async function written(print: (printer: Printer) => Promise<void> | void): Promise<number[]> {
  const lengths: number[] = [];
  await print({
    document: (text) => void lengths.push(text.length),
    print: (lines) => lengths.push(...[...pieces(lineTexts(lines))].map(({ length }) => length)),
    note: () => {},
    isTerminal: { stdout: false },
    columns: 80,
  });
  return lengths;
}

const template = (format: TemplateFormat, text: string) => (printer: Printer) =>
  printDocument(output.value, "json", { ...printer, template: parseTemplate(format, text, false) });

const formats: Record<string, (printer: Printer) => Promise<void> | void> = {
  csv: (printer) => printOutput(output, { format: "csv" }, printer),
  table: (printer) => printOutput(output, { format: "table" }, printer),
  json: (printer) => printOutput(output, { format: "json" }, printer),
  markdown: (printer) =>
    printTexts(markdownParts(["### Head\n", markdownTable(columns, rows), markdownTable(columns, rows)]), printer),
  "markdown of findings": (printer) =>
    printTexts(markdownReport(columns, rows, { empty: "", skipped: rows.map((row) => row.name) }), printer),
  "jsonpath of a range": template("jsonpath", '{range .items[*]}{.id}{"\\t"}{.name}{"\\n"}{end}'),
  "jsonpath of a list": template("jsonpath", "{.items[*].name}"),
  "jsonpath of everything": template("jsonpath", "{@}"),
  "jsonpath-as-json": template("jsonpath-as-json", "{@}"),
  "custom-columns": template("custom-columns", "ID:.id,NAME:.name"),
};

for (const [format, print] of Object.entries(formats))
  t.test(`a long result is never one string: ${format}`, async (t) => {
    const lengths = await written(print);
    t.ok(lengths.length >= 5, `${lengths.length} pieces`);
    t.ok(
      lengths.every((length) => length <= 2 ** 20 + 1100),
      String(Math.max(...lengths)),
    );
  });

t.test("a range in a range may find more than a call takes arguments", async (t) => {
  const many = { lists: [{ items: Array.from({ length: 200_000 }, () => 1) }] };
  const path = parseTemplate("jsonpath", "{range .lists[*]}{range .items[*]}{@}{end}{end}", false);
  let length = 0;
  await path.print(many, { document: (text) => void (length += text.length), print: () => {} });
  t.equal(length, 200_000);
});
