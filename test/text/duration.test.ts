import t from "tap";
import { age, humanDuration, parseDuration, parseTime } from "../../lib/text/duration.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const durations: [string, number][] = [
  ["0", 0],
  ["0s", 0],
  ["500ms", 500],
  ["1.5s", 1500],
  [".5s", 500],
  ["1.s", 1000],
  ["30m", 1_800_000],
  ["1h30m", 5_400_000],
  ["1h0m0s", HOUR],
  ["8h", 8 * HOUR],
  ["7d", 7 * DAY],
  ["2w", 14 * DAY],
  ["1w2d3h", 9 * DAY + 3 * HOUR],
  ["1000us", 1],
  ["1000µs", 1],
  ["1000μs", 1],
  ["1000000ns", 1],
];

t.test("durations as Go writes them, and days and weeks, are milliseconds", async (t) => {
  for (const [text, milliseconds] of durations) t.equal(parseDuration(text), milliseconds, text);
});

t.test("what is no duration is refused", async (t) => {
  const texts = [
    "",
    "8",
    "h",
    "8 h",
    "8h ",
    " 8h",
    "-8h",
    "+8h",
    "8H",
    "8y",
    "1h30",
    "1,5h",
    ".h",
    "1e3s",
    "∞",
    "NaNs",
  ];
  for (const text of [...texts, `${"9".repeat(30)}w`])
    t.throws(() => parseDuration(text), { name: "UserError", kind: "usage", message: `invalid duration "${text}"` });
  t.throws(() => parseDuration("9".repeat(400_000)), { name: "UserError" });
});

t.test("times are RFC 3339 with their offset", async (t) => {
  const cases: [string, string][] = [
    ["2026-12-31T18:00:00Z", "2026-12-31T18:00:00.000Z"],
    ["2026-12-31t18:00:00z", "2026-12-31T18:00:00.000Z"],
    ["2026-12-31 18:00:00Z", "2026-12-31T18:00:00.000Z"],
    ["2026-12-31T18:00:00.25Z", "2026-12-31T18:00:00.250Z"],
    ["2026-12-31T18:00:00+01:00", "2026-12-31T17:00:00.000Z"],
    ["2028-02-29T00:00:00-05:30", "2028-02-29T05:30:00.000Z"],
  ];
  for (const [text, want] of cases) t.equal(parseTime(text).toISOString(), want, text);
});

t.test("what is no time, or another time elsewhere, is refused", async (t) => {
  const texts = [
    "",
    "tomorrow",
    "2026-12-31",
    "2026-12-31T18:00Z",
    "2026-12-31T18:00:00",
    "2026-12-31T18:00:00 Z",
    "2026-02-30T00:00:00Z",
    "2027-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-00-10T00:00:00Z",
    "2026-12-31T25:00:00Z",
    "2026-12-31T18:61:00Z",
    "2026-12-31T18:00:00+99:00",
  ];
  for (const text of texts) t.throws(() => parseTime(text), { kind: "usage", message: `invalid time "${text}"` });
});

const ages: [number, string][] = [
  [-2000, "<invalid>"],
  [-1999, "0s"],
  [-1, "0s"],
  [0, "0s"],
  [999, "0s"],
  [119_999, "119s"],
  [120_000, "2m"],
  [125_000, "2m5s"],
  [599_000, "9m59s"],
  [600_000, "10m"],
  [179 * 60_000, "179m"],
  [3 * HOUR, "3h"],
  [3 * HOUR + 5 * 60_000, "3h5m"],
  [8 * HOUR, "8h"],
  [47 * HOUR, "47h"],
  [48 * HOUR, "2d"],
  [50 * HOUR, "2d2h"],
  [8 * DAY - 1, "7d23h"],
  [8 * DAY, "8d"],
  [729 * DAY, "729d"],
  [730 * DAY, "2y"],
  [731 * DAY, "2y1d"],
  [8 * 365 * DAY, "8y"],
  [(8 * 365 + 100) * DAY, "8y"],
];

t.test("ages look like kubectl's", async (t) => {
  for (const [milliseconds, want] of ages) t.equal(humanDuration(milliseconds), want, `${milliseconds} ms`);
});

t.test("an age counts from a timestamp to now", async (t) => {
  const now = new Date("2026-11-22T12:00:00Z");
  t.equal(age("2026-11-22T11:00:00Z", now), "60m");
  t.equal(age("2026-11-22T12:00:05Z", now), "<invalid>");
  t.equal(age(undefined, now), "<unknown>");
  t.equal(age("yesterday", now), "<unknown>");
});
