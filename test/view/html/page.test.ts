import t from "tap";
import { keyStep, matchingLines, visibleLines } from "../../../lib/view/html/page.js";

const cases: { name: string; top: number; height: number; count: number; want: [number, number] }[] = [
  { name: "the first lines, and some below", top: 0, height: 300, count: 5000, want: [0, 22] },
  { name: "some above and some below", top: 30_000, height: 300, count: 5000, want: [988, 1022] },
  { name: "the last ones", top: 149_700, height: 300, count: 5000, want: [4978, 5000] },
  { name: "fewer than fit", top: 0, height: 300, count: 3, want: [0, 3] },
  { name: "none", top: 0, height: 300, count: 0, want: [0, 0] },
  { name: "scrolled further than there are lines any more", top: 9000, height: 300, count: 5, want: [5, 5] },
];
for (const { name, top, height, count, want } of cases) {
  t.test(name, async (t) => {
    const { first, end } = visibleLines({ top, height }, 30, count);
    t.same([first, end], want);
  });
}

t.test("keys move by lines, by what is seen at once, and to the ends", async (t) => {
  const keys = ["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End", "a", "toString"];
  t.same(
    keys.map((key) => keyStep(key, 20)),
    [1, -1, 20, -20, -Infinity, Infinity, undefined, undefined],
  );
});

const table = {
  texts: ["jim", "dev, qa", "", "Group:Dev"],
  rows: [
    [0, 1, 2],
    [3, 2, 1],
    [3, 2, 2],
  ],
};
const filters: { name: string; words?: string; action?: string; want: number[] }[] = [
  { name: "no filter, every line", want: [0, 1, 2] },
  { name: "a word anywhere in a line, in any case", words: " DEV ", want: [0, 1, 2] },
  { name: "every word must be somewhere", words: "qa group", want: [1] },
  { name: "an action that is allowed somewhere", action: "2", want: [1] },
  { name: "both", words: "jim", action: "2", want: [] },
  { name: "a pattern is no pattern", words: ".*", want: [] },
];
for (const { name, words = "", action = "", want } of filters) {
  t.test(name, async (t) => {
    t.same(
      matchingLines(table, { words, action }),
      want.map((index) => table.rows[index]),
    );
  });
}
