import t from "tap";
import { table } from "../../lib/view/columns.ts";
import { answerLine, lineText, toneFor } from "../../lib/view/lines.ts";

t.test("an answer has its colour only where colours are wanted, and a value cannot bring one along", (t) => {
  t.equal(lineText([answerLine("no - jim cannot")], true), "\u001b[31mno\u001b[39m - jim cannot\n");
  t.equal(lineText([answerLine("no - jim cannot")]), "no - jim cannot\n");
  t.equal(lineText([[{ text: "yes\u001b[31m\nno", tone: "yes" }]], true), "\u001b[32myes^[[31m\\nno\u001b[39m\n");
  t.end();
});

t.test("only cells that are words of ours are coloured: a user may be called no", async (t) => {
  const columns = { NAME: ({ name }: { name: string }) => name, ANSWER: { word: () => "no" } };
  const text = lineText(await table(columns, [{ name: "no" }]), true);
  t.equal(text, "NAME   ANSWER\nno     \u001b[31mno\u001b[39m\n");
});

t.test("severities and states have the colour of what they mean", (t) => {
  const cases: [string, string | undefined][] = [
    ["ok", "yes"],
    ["connected", "yes"],
    ["Ready", "yes"],
    ["EXPIRED, still bound", "no"],
    ["EXPIRY NOT ENFORCED", "no"],
    ["expired", "dim"],
    ["expiry unknown", "unknown"],
    ["incomplete", "unknown"],
    ["unmanaged", "dim"],
    ["Failed", "no"],
    ["error: no route", "no"],
    ["yes (optional)", "yes"],
    ["n/a", "dim"],
    ["STATUS", undefined],
    ["<none>", undefined],
  ];
  for (const [text, tone] of cases) t.equal(toneFor(text), tone, text);
  t.end();
});
