import { appendFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { addRecord, readRecords } from "./records.ts";

t.test("the last record of a key holds, and a line that was cut off hides no other", async (t) => {
  const path = join(t.testdir({}), "records.jsonl");
  t.same(readRecords(path), new Map());
  addRecord(path, "a", 1);
  addRecord(path, "b", { c: 2 });
  appendFileSync(path, '\n{"key":"d","val');
  addRecord(path, "a", 3);
  t.same(readRecords(path), new Map<string, unknown>(Object.entries({ a: 3, b: { c: 2 } })));
});
