import t from "tap";
import { partition, sample, wilsonInterval } from "./sample.ts";

const items = Array.from({ length: 1000 }, (_, index) => index);

t.test("a seed chooses the same again, and another seed others", async (t) => {
  t.same(sample(items, 50, 7), sample(items, 50, 7));
  t.not(sample(items, 50, 7).join(), sample(items, 50, 8).join());
  t.equal(new Set(sample(items, 50, 7)).size, 50);
  t.equal(sample(items, 5000, 7).length, 1000);
});

t.test("parts share the items, and do not tear a file apart", async (t) => {
  const named = ["b", "a", "c", "a", "d"].map((file, index) => ({ file, index }));
  const indexes = (part: string) => partition(named, part).map(({ index }) => index);
  t.same(indexes("1/2"), [1, 2, 3]);
  t.same(indexes("2/2"), [0, 4]);
  t.same(indexes("1/1"), [0, 1, 2, 3, 4]);
});

// Of Wilson's formula, computed by another program.
const intervals: { killed: number; tried: number; want: [string, string] }[] = [
  { killed: 0, tried: 0, want: ["0.00", "100.00"] },
  { killed: 0, tried: 10, want: ["0.00", "27.75"] },
  { killed: 10, tried: 10, want: ["72.25", "100.00"] },
  { killed: 340, tried: 400, want: ["81.17", "88.17"] },
  { killed: 4250, tried: 5000, want: ["83.98", "85.96"] },
];
for (const { killed, tried, want } of intervals)
  t.test(`the interval of ${killed} of ${tried}`, async (t) => {
    t.same(
      wilsonInterval(killed, tried).map((bound) => bound.toFixed(2)),
      want,
    );
  });
