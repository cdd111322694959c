import t from "tap";
import { annotations } from "../../lib/access/names.ts";
import { withoutExpired } from "../../lib/access/stored.ts";
import { intentWith } from "./grant.ts";
import { bound } from "./rbac-objects.ts";
import { carriesIntent, end, storedParts } from "./stored-grant.ts";

const grantParts = (temporary: boolean, namespace: string) =>
  storedParts(intentWith({ temporary, set: { kind: "namespaces", namespaces: [namespace] } })).objects.map(
    ({ object }) => object,
  );
const temporary = grantParts(true, "dev");
const permanent = grantParts(false, "qa");
const foreign = bound("by-hand", "mine", "jim", "dev");
const all = [...temporary, foreign, ...permanent];

t.test("a grant that has ended goes with all its objects; others and what is nobody's grant stay", async (t) => {
  t.ok(temporary.length > 1);
  t.same(withoutExpired(all, end - 1), all);
  t.same(withoutExpired(all, end), [foreign, ...permanent]);
});

t.test("only the binding that carries the intent says when it ends", async (t) => {
  const moved = temporary.filter((object) => !carriesIntent({ object } as never));
  const claims = moved.map((object) => ({
    ...object,
    metadata: { ...object.metadata, annotations: { [annotations.expiresAt]: "2000-01-01T00:00:00Z" } },
  }));
  t.same(withoutExpired(claims, end), claims);
});
