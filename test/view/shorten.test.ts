import t from "tap";
import { table, type Columns } from "../../lib/view/columns.ts";
import { plainText } from "../../lib/view/lines.ts";

interface Row {
  id: string;
  role: string;
  places: string;
}

const columns: Columns<Row> = {
  ID: ({ id }) => id,
  ROLE: { short: ({ role }) => role },
  NAMESPACES: { items: ({ places }) => places },
};

const id = "abcdefghij2345672345";
const role = "clusterrole/mirrord-operator-user-basic";
const list = async (rows: readonly Row[], shortenAt?: number) =>
  (await table(columns, rows, { shortenAt })).map(plainText);

const cases: { name: string; row: Row; at: number; want: string }[] = [
  {
    name: "what fits stays whole",
    row: { id, role, places: "dev,qa" },
    at: 80,
    want: `${id}   ${role}   dev,qa`,
  },
  {
    name: "a text is shortened in its middle, by what it takes",
    row: { id, role, places: "dev,qa" },
    at: 60,
    want: `${id}   clusterrole/…-user-basic   dev,qa`,
  },
  {
    name: "of several names some are left out and counted; none is cut",
    row: { id, role: "user", places: "team-a,team-b,team-c,team-d,team-e" },
    at: 56,
    want: `${id}   user   team-a,team-b,team-c,… (5)`,
  },
  {
    name: "what follows the names is left out after them",
    row: { id, role: "user", places: "team-a,team-b,team-c (-l team in (a,b,c,d))" },
    at: 62,
    want: `${id}   user   team-a,team-b,team-c (…)`,
  },
  {
    name: "and where that does not do, so are names",
    row: { id, role: "user", places: "team-a,team-b,team-c (-l team in (a,b,c,d))" },
    at: 20,
    want: `${id}   user   team-a,… (3) (…)`,
  },
  {
    name: "a single name stays whole, whatever the width",
    row: { id, role: "user", places: "a-namespace-with-a-name-of-exactly-forty-x" },
    at: 40,
    want: `${id}   user   a-namespace-with-a-name-of-exactly-forty-x`,
  },
  {
    name: "a text is never so short that it says nothing",
    row: { id, role, places: "dev" },
    at: 20,
    want: `${id}   cluste…basic   dev`,
  },
  {
    name: "wide characters are counted as they are shown",
    row: { id, role: "名前空間".repeat(6), places: "dev" },
    at: 50,
    want: `${id}   名前空…前空間   dev`,
  },
];

for (const { name, row, at, want } of cases)
  t.test(name, async (t) => {
    const [head = "", line = ""] = await list([row], at);
    t.equal(line.replaceAll(/ {3,}/g, "   "), want);
    t.match(head, /^ID +ROLE +NAMESPACES$/);
  });

t.test("every id stays, and where there is no terminal every cell", async (t) => {
  const rows = [
    { id, role, places: "dev,qa,prod" },
    { id: "x", role: "user", places: "dev" },
  ];
  const lines = await list(rows, 10);
  t.ok(lines[1]?.startsWith(`${id}   `));
  t.same((await list(rows)).slice(1), [
    `${id}   ${role}   dev,qa,prod`,
    `x                      user                                      dev`,
  ]);
});
