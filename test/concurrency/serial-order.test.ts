import t from "tap";
import { whyNotSerial, type Operation } from "./serial-order.ts";

const operation = (started: number, ended: number, writes: Record<string, string>, isUncertain = false): Operation => ({
  name: `from ${started} to ${ended}`,
  started,
  ended,
  writes: new Map(Object.entries(writes)),
  isUncertain,
});
const state = (values: Record<string, string>) => new Map(Object.entries(values));

for (const [name, operations, final, expected] of [
  ["nothing was done", [], {}, undefined],
  ["the last one counts", [operation(0, 1, { a: "x" }), operation(2, 3, { a: "y" })], { a: "y" }, undefined],
  [
    "one that was overwritten before does not",
    [operation(0, 1, { a: "x" }), operation(2, 3, { a: "y" })],
    { a: "x" },
    /^a is "x" and not "y", after: from 2 to 3$/,
  ],
  ["of two at once either may", [operation(0, 9, { a: "x" }), operation(2, 3, { a: "y" })], { a: "x" }, undefined],
  ["nobody wrote it", [operation(0, 1, { a: "x" })], { a: "x", b: "z" }, /^b is "z", which no command wrote$/],
  ["it was there before", [operation(0, 1, { a: "x" })], { a: "x", before: "1" }, undefined],
  ["what was lost", [operation(0, 1, { a: "x" })], {}, /^a is "" and not "x"/],
  [
    "two that each won one key have no order",
    [operation(0, 9, { a: "1", b: "1" }), operation(0, 9, { a: "2", b: "2" })],
    { a: "1", b: "2" },
    /a is "1" and not "2"/,
  ],
  [
    "a third one that came at the same time explains it",
    [operation(0, 9, { a: "1", b: "1" }), operation(0, 9, { a: "2", b: "2" }), operation(1, 8, { a: "1" })],
    { a: "1", b: "2" },
    undefined,
  ],
  ["what may have been done need not be", [operation(0, 1, { a: "x" }, true)], {}, undefined],
  ["what may have been done can be, in part", [operation(0, 1, { a: "x", b: "x" }, true)], { b: "x" }, undefined],
] as const)
  t.test(name, async (t) => {
    const why = whyNotSerial(operations, state({ before: "1" }), state({ before: "1", ...final }));
    if (expected === undefined) t.equal(why, undefined);
    else t.match(why, expected);
  });
