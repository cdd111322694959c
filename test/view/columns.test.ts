import t from "tap";
import { cells, headers, table } from "../../lib/view/columns.ts";
import type { Columns } from "../../lib/view/columns.ts";

interface Person {
  name: string;
  age?: number;
  uid?: string;
}

const columns: Columns<Person> = {
  NAME: (row) => row.name,
  AGE: (row) => row.age,
  UID: { wide: (row) => row.uid },
};

const people: Person[] = [
  { name: "jim", age: 7 },
  { name: "jane-the-second", uid: "x" },
];

const cases: { name: string; rows: Person[]; options?: { wide?: boolean; noHeaders?: boolean }; want: string[] }[] = [
  {
    name: "headers, three blanks between, none at the end",
    rows: people,
    want: ["NAME              AGE", "jim               7", "jane-the-second   <none>"],
  },
  {
    name: "wide shows more",
    rows: people,
    options: { wide: true },
    want: ["NAME              AGE      UID", "jim               7        <none>", "jane-the-second   <none>   x"],
  },
  {
    name: "no headers",
    rows: people,
    options: { noHeaders: true },
    want: ["jim               7", "jane-the-second   <none>"],
  },
  { name: "headers without rows", rows: [], want: ["NAME   AGE"] },
  {
    name: "wide characters align",
    rows: [
      { name: "名前", age: 1 },
      { name: "a\u0301", age: 2 },
      { name: "abc", age: 3 },
    ],
    want: ["NAME   AGE", "名前   1", "a\u0301      2", "abc    3"],
  },
  {
    name: "control characters do not break the line",
    rows: [{ name: "a\nb\u001b[2J\u202e", age: 1 }],
    want: ["NAME                AGE", "a\\nb^[[2J\\u{202e}   1"],
  },
];

for (const { name, rows, options, want } of cases)
  t.test(name, async (t) => {
    t.same(await table(columns, rows, options), want);
  });

t.test("headers and cells for other formats are not escaped", async (t) => {
  t.same(headers(columns, false), ["NAME", "AGE"]);
  t.same(headers(columns, true), ["NAME", "AGE", "UID"]);
  t.same(cells(columns, [{ name: "a\u001b" }], true), [["a\u001b", "", ""]]);
});

t.test("twenty thousand rows are no matter", async (t) => {
  const rows = Array.from({ length: 20_000 }, (_, at) => ({ name: `user-${at}`, age: at }));
  const lines = await table(columns, rows);
  t.equal(lines.length, 20_001, "a line for each, and the header");
  t.equal(lines[20_000], "user-19999   19999");
});
