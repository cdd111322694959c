import t from "tap";
import { instant, parseTime, timestamp } from "../../lib/text/instant.ts";

t.test("a time is milliseconds, and what is none is undefined", async (t) => {
  t.equal(parseTime("1970-01-01T00:00:01.5Z"), 1500);
  t.equal(parseTime("1970-01-01T02:00:00+02:00"), 0);
  for (const none of [undefined, "", "soon", "2026-13-01T00:00:00Z"]) t.equal(parseTime(none), undefined, none ?? "");
});

t.test("a timestamp is in whole seconds, rounded up", async (t) => {
  t.equal(timestamp(0), "1970-01-01T00:00:00Z");
  t.equal(timestamp(1), "1970-01-01T00:00:01Z");
  t.equal(timestamp(1000), "1970-01-01T00:00:01Z");
  t.equal(parseTime(timestamp(1001)), 2000);
});

t.test("an instant is a date", async (t) => t.equal(instant(1500).toISOString(), "1970-01-01T00:00:01.500Z"));
