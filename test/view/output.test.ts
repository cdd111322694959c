import t from "tap";
import { jsonText, printDocument, printObjects, printOutput } from "../../lib/view/output.ts";
import { parseDocuments } from "../../lib/yaml.ts";
import { lineText } from "../../lib/view/lines.ts";
import type { Output, OutputFormat } from "../../lib/view/output.ts";

interface Row {
  name: string;
  since?: string;
}

function output(rows: Row[], more: Partial<Output<Row>> = {}): Output<Row> {
  return {
    kind: "RowList",
    value: { items: rows },
    rows,
    columns: { NAME: (row) => row.name, SINCE: { wide: (row) => row.since } },
    name: (row) => `row/${row.name}`,
    ...more,
  };
}

/** What went to stdout and stderr. */
async function printed(
  shown: Output<Row>,
  format: OutputFormat,
  noHeaders = false,
  terminal?: number,
): Promise<{ stdout: string; stderr: string }> {
  const written = { stdout: "", stderr: "" };
  await printOutput(
    shown,
    { format, noHeaders },
    {
      print: (lines) => void (written.stdout += lineText(lines)),
      document: (text) => void (written.stdout += text),
      note: (lines) => void (written.stderr += lineText(lines)),
      isTerminal: { stdout: terminal !== undefined },
      columns: terminal ?? 80,
    },
  );
  return written;
}

const rows: Row[] = [{ name: "jim", since: "yes" }, { name: "=1+1" }];

const formats: { format: OutputFormat; noHeaders?: boolean; want: string }[] = [
  { format: "table", want: "NAME\njim\n=1+1\n" },
  { format: "table", noHeaders: true, want: "jim\n=1+1\n" },
  { format: "wide", want: "NAME   SINCE\njim    yes\n=1+1   <none>\n" },
  { format: "name", want: "row/jim\nrow/=1+1\n" },
  { format: "csv", want: "NAME,SINCE\r\njim,yes\r\n'=1+1,\r\n" },
  { format: "csv", noHeaders: true, want: "jim,yes\r\n'=1+1,\r\n" },
  {
    format: "yaml",
    want: "apiVersion: kubectl-mirrord.io/v1alpha1\nkind: RowList\nitems:\n- name: jim\n  since: 'yes'\n- name: =1+1\n",
  },
];

for (const { format, noHeaders, want } of formats)
  t.test(`-o ${format}${noHeaders ? " --no-headers" : ""}`, async (t) => {
    t.same(await printed(output(rows), format, noHeaders), { stdout: want, stderr: "" });
  });

t.test("-o json carries apiVersion and kind, and ends with a newline", async (t) => {
  const { stdout } = await printed(output(rows), "json");
  t.same(JSON.parse(stdout), { apiVersion: "kubectl-mirrord.io/v1alpha1", kind: "RowList", items: rows });
  t.match(stdout, /^\{\n {4}"apiVersion": "kubectl-mirrord.io\/v1alpha1",\n {4}"kind": "RowList",\n[^]*\}\n$/);
});

t.test("an empty table is a sentence on stderr", async (t) => {
  for (const format of ["table", "wide", "name"] as const)
    t.same(await printed(output([]), format), { stdout: "", stderr: "No resources found\n" });
  t.same(await printed(output([], { empty: "No grants in namespace dev" }), "table"), {
    stdout: "",
    stderr: "No grants in namespace dev\n",
  });
});

t.test("an empty list is still a list for a program", async (t) => {
  t.match(JSON.parse((await printed(output([]), "json")).stdout), { kind: "RowList", items: { length: 0 } });
  t.equal((await printed(output([]), "csv")).stdout, "NAME,SINCE\r\n");
});

t.test("hostile text is escaped in every format", async (t) => {
  const hostile = [{ name: "a\u001b[2J\u202eb" }];
  for (const format of ["table", "wide", "name", "csv", "json", "yaml"] as const) {
    const { stdout } = await printed(output(hostile), format);
    t.notMatch(stdout, /\p{Cf}|(?![\r\n])\p{Cc}/u, format);
  }
  t.same(JSON.parse((await printed(output(hostile), "yaml")).stdout).items, hostile);
});

t.test("a report of few rows is wrapped on a terminal, a list never, and nothing in a pipe", async (t) => {
  const long = { name: "a name that is longer than the terminal" };
  const plain = "NAME\na name that is longer than the terminal\n";
  const shown = async (bounded: boolean, terminal?: number) =>
    (await printed(output([long], { bounded }), "table", false, terminal)).stdout;
  t.equal(await shown(true, 17), "NAME\na name that is\nlonger than the\nterminal\n");
  t.equal(await shown(true, 40), plain);
  t.equal(await shown(true), plain);
  t.equal(await shown(false, 17), plain);
  const many = output(
    Array.from({ length: 201 }, () => long),
    { bounded: true },
  );
  t.equal((await printed(many, "table", true, 17)).stdout.split("\n").length, 202);
});

t.test("a backslash is no reason to leave YAML", async (t) => {
  t.match((await printed(output([{ name: "a\\u0041" }]), "yaml")).stdout, /^apiVersion: /);
});

t.test("-o name without names is a bug", async (t) => {
  const { name: _name, ...nameless } = output(rows);
  await t.rejects(printed(nameless, "name"), { name: "Error", message: "RowList has no names to print" });
});

t.test("a document is printed as it is", async (t) => {
  let stdout = "";
  const printer = { document: (text: string): void => void (stdout += text), print: () => {} };
  await printDocument({ apiVersion: "v1", kind: "List", items: [] }, "yaml", printer);
  t.equal(stdout, "apiVersion: v1\nkind: List\nitems: []\n");
  stdout = "";
  await printDocument({ apiVersion: "v1" }, "json", printer);
  t.equal(stdout, '{\n    "apiVersion": "v1"\n}\n');
});

const HARMFUL = "a\u202eb\u009b31m\u200bz\u007f";

t.test("objects are YAML documents, or one List; what could deceive a reader is escaped in both", async (t) => {
  const objects = [{ kind: "A" }, { kind: HARMFUL }, { kind: "C" }];
  let stdout = "";
  const printer = { document: (text: string): void => void (stdout += text), print: () => {} };
  await printObjects(objects, "yaml", printer);
  t.match(stdout, /^kind: A\n---\n\{\n[^]*\n\}\n---\nkind: C\n$/);
  t.same(parseDocuments(stdout, { source: "stdout" }), objects);
  const texts = [stdout, jsonText({ items: objects })];
  stdout = "";
  await printObjects(objects, "json", printer);
  t.same(JSON.parse(stdout), { apiVersion: "v1", kind: "List", items: objects });
  for (const text of [...texts, stdout]) t.match(text, /^[\x20-\x7e\n]*$/);
});

t.test("a long document is printed in pieces, as JSON; so is one that is too long to be YAML", async (t) => {
  const pieces: string[] = [];
  const printer = { document: (text: string): void => void pieces.push(text), print: () => {} };
  const items = Array.from({ length: 40 }, () => "x".repeat(100_000));
  await printDocument({ items }, "json", printer);
  t.ok(pieces.length > 2);
  t.same(JSON.parse(pieces.join("")), { items });
  pieces.length = 0;
  await printDocument({ items }, "yaml", printer);
  t.match(pieces, [/^items:\n- x/], "this one is not too long");
  const text = "x".repeat(9_000_000);
  let length = 0;
  let start = "";
  const counter = {
    document: (piece: string): void => {
      start ||= piece.slice(0, 20);
      length += piece.length;
    },
    print: () => {},
  };
  await printDocument({ items: Array.from({ length: 15 }, () => text) }, "yaml", counter);
  t.match(start, /^\{\n {4}"items": \[/);
  t.ok(length > 15 * text.length);
});
