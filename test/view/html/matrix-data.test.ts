import t from "tap";
import { matrixJson } from "../../../lib/view/html/matrix-data.ts";

const table = (...rows: string[][]) => matrixJson({ columns: ["subject", "mirror"], actionsFrom: 1, rows });

t.test("each text is kept once, and every line can be made of them", async (t) => {
  const { columns, texts, rows } = JSON.parse(table(["jim", "dev"], ["ana", "dev"], ["jim", ""])) as {
    columns: string[];
    texts: string[];
    rows: number[][];
  };
  t.same(columns, ["subject", "mirror"]);
  t.same(texts, ["jim", "dev", "ana", ""]);
  t.same(
    rows.map((row) => row.map((index) => texts[index])),
    [
      ["jim", "dev"],
      ["ana", "dev"],
      ["jim", ""],
    ],
  );
});

t.test("nothing in it ends a script, or is drawn as something else", async (t) => {
  const hostile = ["</script><script>alert(1)</script>", "<!--", "\u2028\u2029", "a\u202eb", "&amp;", `"'\\`];
  const json = table(...hostile.map((name) => [name, ""]));
  t.match(json, /^[\x20-\x7e]*$/);
  t.notMatch(json, /[<>&]/);
  t.same((JSON.parse(json) as { texts: string[] }).texts.filter(Boolean), [
    "</script><script>alert(1)</script>",
    "<!--",
    "\\u{2028}\\u{2029}",
    "a\\u{202e}b",
    "&amp;",
    `"'\\`,
  ]);
});
