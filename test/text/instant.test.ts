import t from "tap";
import { instant, parseTime, timestamp } from "../../lib/text/instant.ts";

t.test("a time is milliseconds", async (t) => {
  t.equal(parseTime("1970-01-01T00:00:01.5Z"), 1500);
  t.equal(parseTime("1970-01-01T02:00:00+02:00"), 0);
  t.equal(parseTime("1970-01-01 00:00:00z"), 0);
  t.equal(parseTime("2028-02-29T00:00:00.123456789Z"), Date.UTC(2028, 1, 29, 0, 0, 0, 123));
});

const noTimes = [
  undefined,
  "",
  "soon",
  "2026",
  "2026-12-31",
  "2026-12-31T18:00:00",
  "Thu, 31 Dec 2026 18:00:00 GMT",
  "2026-13-01T00:00:00Z",
  "2027-02-29T00:00:00Z",
  "+275760-09-13T00:00:00Z",
  "+010000-01-01T00:00:00Z",
  "-000001-12-31T00:00:00Z",
  "9999-12-31T23:59:59-00:01",
  "0000-01-01T00:00:00+00:01",
];
for (const none of noTimes) t.test(`${none} is no time`, async (t) => t.equal(parseTime(none), undefined));

for (const time of ["0000-01-01T00:00:00Z", "0001-03-01T00:00:00Z", "9999-12-31T23:59:59Z"])
  t.test(`${time} is read and written`, async (t) => t.equal(timestamp(parseTime(time) ?? Number.NaN), time));

t.test("a time that RFC 3339 cannot write becomes the nearest that it can", async (t) => {
  for (const late of [8.64e15, Number.MAX_SAFE_INTEGER, Infinity, Date.UTC(9999, 11, 31, 23, 59, 59, 1)])
    t.equal(timestamp(late), "9999-12-31T23:59:59Z", `${late}`);
  for (const early of [-8.64e15, Number.MIN_SAFE_INTEGER, -Infinity])
    t.equal(timestamp(early), "0000-01-01T00:00:00Z", `${early}`);
});

t.test("a timestamp is in whole seconds, rounded up", async (t) => {
  t.equal(timestamp(0), "1970-01-01T00:00:00Z");
  t.equal(timestamp(1), "1970-01-01T00:00:01Z");
  t.equal(timestamp(1000), "1970-01-01T00:00:01Z");
  t.equal(parseTime(timestamp(1001)), 2000);
});

t.test("an instant is a date", async (t) => t.equal(instant(1500).toISOString(), "1970-01-01T00:00:01.500Z"));
