import t from "tap";
import { warnAboutObjects } from "../../../lib/commands/audit/warn-objects.ts";

const warnings = (count: number): string[] => {
  const said: string[] = [];
  const errors = new Set(Array.from({ length: count }, (_, at) => `role ${at} not found`));
  warnAboutObjects(errors, { warn: (text) => void said.push([text].flat().join("\n")) });
  return said;
};

t.test("ten broken objects are each named; of more, the rest is counted", async (t) => {
  t.equal(warnings(0).length, 0);
  t.equal(warnings(10).at(-1), "role 9 not found");
  t.equal(warnings(510).length, 11);
  t.match(warnings(510).at(-1), /^500 more like these/);
});
