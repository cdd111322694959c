import t from "tap";
import { annotations } from "../../lib/access/names.ts";
import { madeAnew, storedUids, uidsNow, uidsToRecord, type NamespaceUids } from "../../lib/access/namespace-uids.ts";
import { planGrants, syncPlan } from "../../lib/access/sync.ts";
import { intentWith } from "./grant.ts";
import { carriesIntent, changed, now, storedGrant, storedParts } from "./stored-grant.ts";

const binding = (text: string) => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRoleBinding",
  metadata: { name: "b", annotations: { [annotations.namespaceUids]: text } },
});
const texts: [text: string, want: NamespaceUids][] = [
  ['{"dev":"a","qa":"b"}', { dev: "a", qa: "b" }],
  ['{"dev":1,"qa":"b"}', { qa: "b" }],
  ["[]", {}],
  ["{", {}],
];
for (const [text, want] of texts) {
  t.test(`a binding that records ${text}`, async (t) => t.same(storedUids(binding(text)), want));
}

const records: [
  what: string,
  stored: NamespaceUids,
  now: NamespaceUids,
  accept: boolean,
  want: NamespaceUids | undefined,
][] = [
  ["nothing is known", {}, {}, false, undefined],
  ["it is the first time", {}, { dev: "a", other: "x" }, false, { dev: "a" }],
  ["it is the same", { dev: "a" }, { dev: "a" }, false, { dev: "a" }],
  ["it is gone", { dev: "a" }, {}, true, { dev: "a" }],
  ["it was made anew", { dev: "a" }, { dev: "b" }, false, { dev: "a" }],
  ["it was made anew, and that is meant", { dev: "a" }, { dev: "b" }, true, { dev: "b" }],
  ["the grant names another now", { dev: "a", old: "x" }, {}, false, { dev: "a" }],
];
for (const [what, stored, seen, accept, want] of records) {
  t.test(`what is recorded of a namespace when ${what}`, async (t) => {
    t.same(uidsToRecord(["dev"], stored, seen, { accept }), want);
  });
}

t.test("only another uid is another namespace", async (t) => {
  t.same(madeAnew({ a: "1", b: "2", c: "3" }, { a: "1", b: "x", d: "4" }), ["b"]);
  const namespaces = [{ apiVersion: "v1", kind: "Namespace", metadata: { name: "a", uid: "1" } }];
  t.same(uidsNow(namespaces), { a: "1" });
});

/** What sync writes for a grant in dev and qa, made for dev with uid `old`, of which nothing is there but its binding. */
function sync(uids: NamespaceUids, acceptAnew: boolean) {
  const parts = storedParts(intentWith({ set: { kind: "namespaces", namespaces: ["dev", "qa"] } }));
  const objects = changed(parts.objects.filter(carriesIntent), carriesIntent, (object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      annotations: { ...object.metadata.annotations, [annotations.namespaceUids]: '{"dev":"old","qa":"q"}' },
    },
  }));
  const context = { now, live: true, policies: false, uids };
  const input = { grants: [storedGrant(objects)], contextOf: () => context, roles: parts.roles, acceptAnew };
  const { plan, refused } = syncPlan(planGrants(input), new Map());
  const main = plan.find(({ object }) => object.metadata.annotations?.[annotations.intent] !== undefined);
  const places = plan.flatMap(({ action, object }) => (action === "create" ? (object.metadata.namespace ?? []) : []));
  return { places: [...new Set(places)], refused, recorded: storedUids(main?.object) };
}

t.test("a namespace that was made anew gets nothing, the others of the grant do", async (t) => {
  const { places, refused, recorded } = sync({ dev: "new", qa: "q" }, false);
  t.same(places, ["qa"]);
  t.match(refused, [{ why: /namespace dev was deleted and made anew.*--yes/ }]);
  t.same(recorded, { dev: "old", qa: "q" });
});

t.test("where that is meant it gets what the one before had, and is recorded", async (t) => {
  const { places, refused, recorded } = sync({ dev: "new", qa: "q" }, true);
  t.same(places, ["dev", "qa"]);
  t.same(refused, []);
  t.same(recorded, { dev: "new", qa: "q" });
});

t.test("uids that nobody may read are no difference", async (t) => {
  const { places, recorded } = sync({}, false);
  t.same(places, ["dev", "qa"]);
  t.same(recorded, { dev: "old", qa: "q" });
});
