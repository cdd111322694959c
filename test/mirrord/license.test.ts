import t from "tap";
import { licenseDaysLeft, licenseText } from "../../lib/mirrord/license.ts";

const lastDay = "2026-03-10";
const cases: { now: string; days: number; text: string }[] = [
  { now: "2026-03-01T00:00:00Z", days: 10, text: `${lastDay} (10 days left)` },
  { now: "2026-03-09T23:59:59.999Z", days: 1, text: `${lastDay} (1 day left)` },
  { now: "2026-03-10T23:59:59.998Z", days: 1, text: `${lastDay} (1 day left)` },
  { now: "2026-03-10T23:59:59.999Z", days: 0, text: `${lastDay} (EXPIRED)` },
  { now: "2026-03-12T12:00:00Z", days: -1, text: `${lastDay} (EXPIRED)` },
];
for (const { now, days, text } of cases)
  t.test(`at ${now}`, async (t) => {
    t.equal(licenseDaysLeft(lastDay, new Date(now)), days);
    t.equal(licenseText({ expiresAt: lastDay }, new Date(now)), text);
  });

t.test("an end that is no day is shown as it is", async (t) => {
  const now = new Date("2026-03-01T00:00:00Z");
  for (const expiresAt of ["soon", "2026-3-1", "2026-03-01T00:00:00Z", "2026-99-99"]) {
    t.equal(licenseDaysLeft(expiresAt, now), undefined, expiresAt);
    t.equal(licenseText({ expiresAt }, now), expiresAt);
  }
  t.equal(licenseText({}, now), "");
});
