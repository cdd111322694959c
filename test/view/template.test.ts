import t from "tap";
import { lineText, type Lines } from "../../lib/view/lines.ts";
import { printDocument, printJsonLine } from "../../lib/view/output.ts";
import { parseTemplate, type TemplateFormat } from "../../lib/view/template.ts";

async function printed(
  format: TemplateFormat,
  text: string,
  value: object,
  { noHeaders = false, isLine = false } = {},
): Promise<string> {
  let stdout = "";
  const printer = {
    document: (written: string) => void (stdout += written),
    print: (lines: Lines) => void (stdout += lineText(lines)),
    template: parseTemplate(format, text, noHeaders),
  };
  if (isLine) await printJsonLine(value, printer);
  else await printDocument(value, "json", printer);
  return stdout;
}

const list = {
  kind: "GrantList",
  items: [
    { id: "a1", role: "user", places: ["dev", "qa"], left: undefined },
    { id: "b22", role: "", reason: "on\u001b[31m call\nand more" },
  ],
};

t.test("a template prints the value that -o json prints, and nothing besides", async (t) => {
  const table: [TemplateFormat, string, string][] = [
    ["jsonpath", "{.items[*].id}", "a1 b22"],
    ["jsonpath", '{range .items[*]}{.id}{"\\x00\\r\\n"}{end}', "a1\u0000\r\nb22\u0000\r\n"],
    ["jsonpath", "{.items[1].reason}", "on^[[31m call\nand more"],
    ["jsonpath-file", "{.kind}\n", "GrantList\n"],
    ["jsonpath-as-json", "{.items[*].id}", '[\n    "a1",\n    "b22"\n]\n'],
    ["jsonpath-as-json", "{.items[1].reason}", '[\n    "on\\u001b[31m call\\nand more"\n]\n'],
    ["jsonpath", "{.items[0].left}", ""],
  ];
  for (const [format, text, want] of table) t.equal(await printed(format, text, list), want, text);
  t.equal(await printed("jsonpath", "{.type}\n", { type: "ADDED" }, { isLine: true }), "ADDED\n");
});

t.test("custom columns have a line for each item, or for the one value", async (t) => {
  t.equal(
    await printed("custom-columns", "ID:.id,PLACES:{.places[*]},ID:reason", list),
    "ID    PLACES   ID\na1    dev,qa   <none>\nb22   <none>   on^[[31m call\\nand more\n",
  );
  t.equal(await printed("custom-columns", "ID:.id", list, { noHeaders: true }), "a1\nb22\n");
  t.equal(
    await printed("custom-columns-file", "KIND  FIRST\n.kind {.items[0].places}\n", { kind: "X" }),
    "KIND   FIRST\nX      <none>\n",
  );
});

t.test("what is wrong with a template is said in kubectl's words", async (t) => {
  const table: [TemplateFormat, string, string][] = [
    ["jsonpath", "{.a[}", "error parsing jsonpath {.a[}, unterminated array"],
    ["jsonpath", "{.items[7]}", 'error executing jsonpath "{.items[7]}": array index out of bounds: index 7, length 2'],
    ["custom-columns", "ID", "unexpected custom-columns spec: ID, expected <header>:<json-path-expr>"],
    [
      "custom-columns",
      "ID:{.a}{.b}",
      "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    ],
    ["custom-columns", "ID:.id[0]", "string is not array or slice"],
    ["custom-columns-file", "A B\n.a\n", "number of headers (2) and field specifications (1) don't match"],
    ["custom-columns-file", "", "number of headers (0) and field specifications (0) don't match"],
  ];
  for (const [format, text, message] of table)
    await t.rejects(async () => await printed(format, text, list), { name: "UserError", kind: "usage", message }, text);
});

t.test("a fault that is none of the template's stays one", async (t) => {
  const template = parseTemplate("jsonpath", "{.a}", false);
  const printer = {
    document: () => {
      throw new TypeError("a bug");
    },
    print: () => {},
  };
  await t.rejects(template.print({ a: 1 }, printer), { name: "TypeError" });
});
