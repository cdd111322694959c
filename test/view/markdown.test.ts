import t from "tap";
import { markdownCode, markdownTable, markdownText } from "../../lib/view/markdown.ts";

t.test("a table has all columns, and a cell is one line", async (t) => {
  const table = [
    ...markdownTable({ NAME: (name: string) => name, MORE: { wide: (name) => `${name}!` } }, ["a|b", "c\nd"]),
  ].join("");
  t.equal(table, "| NAME | MORE |\n| --- | --- |\n| a\\|b | a\\|b! |\n| c\\\\nd | c\\\\nd! |\n");
});

t.test("a line of code is one line that hides nothing", async (t) => {
  t.same(markdownCode(["a `b`", "c\n# d", "e\u202ef"]), ["    a `b`\n", "    c\\n# d\n", "    e\\u{202e}f\n"]);
});

const cases: [string, string][] = [
  ["plain words", "plain words"],
  ["<script>", "&lt;script>"],
  ["[x](y)", "\\[x\\](y)"],
  ["**a** `b` _c_ ~d~", "\\*\\*a\\*\\* \\`b\\` \\_c\\_ \\~d\\~"],
  ["@octocat", "@<!-- -->octocat"],
  ["WWW.example.com", "WWW<!-- -->.example.com"],
  ["https://example.com", "https:<!-- -->//example.com"],
  ["a\u202eb", "a\\\\u{202e}b"],
  ["&lt;", "&amp;lt;"],
];
for (const [given, want] of cases) t.test(given, async (t) => t.equal(markdownText(given), want));
