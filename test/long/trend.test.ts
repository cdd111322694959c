import t from "tap";
import { trend } from "./trend.ts";

const looks = (bytes: (at: number) => number) =>
  Array.from({ length: 40 }, (_, at) => ({ atMinutes: at / 2, bytes: bytes(at) }));

t.test("memory over time", async (t) => {
  t.same(trend(looks(() => 5000)), { early: 5000, late: 5000, perMinute: 0 });
  const leak = trend(looks((at) => 1000 + 100 * at));
  t.ok(leak.late > 2 * leak.early - 1100, JSON.stringify(leak));
  t.equal(Math.round(leak.perMinute), 200);
  const start = trend(looks((at) => (at < 10 ? 100 * at : 1000)));
  t.match(start, { early: 1000, late: 1000 }, "what fills at the start is no growth");
  t.equal(Math.abs(Math.round(start.perMinute)), 0);
  t.match(trend(looks((at) => (at % 7 === 0 ? 9000 : 1000))), { early: 1000, late: 1000 }, "one look is not all");
});
