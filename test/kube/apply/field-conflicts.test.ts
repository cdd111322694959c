import t from "tap";
import { fieldConflicts } from "../../../lib/kube/apply/field-conflicts.ts";
import { apiFailure } from "../memory-cluster.ts";

const unclosed = `conflict with "${'\\"'.repeat(400_000)}`;
const managers: [name: string, message: string, manager: string][] = [
  ["a name", 'conflict with "helm" using v1', "helm"],
  ["a name with quotes in it", String.raw`conflict with "a \"b\"" using v1`, String.raw`a \"b\"`],
  ["no name", "conflict with somebody", "conflict with somebody"],
  ["a name of very many quotes that does not end", unclosed, unclosed],
];
for (const [name, message, manager] of managers)
  t.test(`who manages a field, by a message with ${name}`, async (t) => {
    const details = { causes: [{ reason: "FieldManagerConflict", message, field: ".rules" }, { reason: "Other" }] };
    const found = fieldConflicts(apiFailure(409, "Conflict", "Apply failed with 1 conflict", details));
    t.equal(found.length, 1);
    t.ok(found[0]?.manager === manager, String(found[0]?.manager).slice(0, 60));
    t.equal(found[0]?.field, ".rules");
  });

t.test("what is no conflict has no manager", async (t) => {
  t.same(fieldConflicts(apiFailure(403, "Forbidden", "no")), []);
  t.same(fieldConflicts(new Error("no")), []);
});
