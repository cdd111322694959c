import t from "tap";
import { columnWidths, lineWidth, measurer } from "../../lib/view/widths.ts";

t.test("columns are as wide as their widest cell, as a terminal shows it", async (t) => {
  const rows = [["a", "名前"], ["abc"]];
  const measure = await measurer(rows);
  t.same(columnWidths(rows, measure), [3, 4]);
  t.equal(lineWidth([3, 4]), "abc   名前".length + 2, "two of its characters are wide");
  t.equal((await measurer([["plain"]]))("plain"), 5);
});
