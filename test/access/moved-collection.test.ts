import t from "tap";
import { collectionLabels } from "../../lib/access/collection.ts";
import { seeCollections, type CollectionsSeen } from "../../lib/access/collections-seen.ts";
import { isBegun, movedCollection } from "../../lib/access/moved-collection.ts";
import { namespaceObject } from "./namespace-object.ts";

const note = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
const list = (data: Record<string, string>, moved?: unknown) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: {
    name: "mirrord-collections",
    ...(moved === undefined ? {} : { annotations: { "kubectl-mirrord.io/moved": note(moved) } }),
  },
  data,
});
const move = { from: "prod/web", to: "live/web", namespaces: ["dev", "qa"] };
const seen = (data: Record<string, string>, places: Record<string, string>, moved: unknown = move): CollectionsSeen =>
  seeCollections({
    stored: list(data, moved),
    namespaces: Object.entries(places).map(([name, path]) => namespaceObject(name, collectionLabels(path))),
    operator: "mirrord",
  });
const after = { prod: "", live: "", "live.web": "" };

t.test("the note of a move is read, and what is none is not", async (t) => {
  t.same(movedCollection(list({}, move)), move);
  for (const wrong of [undefined, "{", "7", "[]", {}, { from: "a" }, { to: "b" }, { from: 1, to: 2 }])
    t.equal(movedCollection(list({}, wrong)), undefined, note(wrong));
  t.equal(movedCollection(undefined), undefined);
  t.same(movedCollection(list({}, { from: "a", to: "b", namespaces: 7 })), { from: "a", to: "b", namespaces: [] });
});

const cases: [what: string, begun: boolean, CollectionsSeen][] = [
  ["no namespace was moved yet", true, seen(after, { dev: "prod/web", qa: "prod/web/eu" })],
  ["one of two was moved", true, seen(after, { dev: "live/web", qa: "prod/web" })],
  ["all were moved", true, seen(after, { dev: "live/web", qa: "live/web" })],
  ["one is elsewhere by now", true, seen(after, { dev: "prod", qa: "prod/web" })],
  ["another namespace is where they were", false, seen(after, { dev: "live/web", shop: "prod/web" })],
  ["the collection was made anew", false, seen({ ...after, "prod.web": "" }, { dev: "prod/web" })],
  ["one below it was made", false, seen({ ...after, "prod.web.eu": "" }, { dev: "prod/web" })],
  ["what it was moved to is gone", false, seen({ prod: "" }, { dev: "prod/web" })],
  ["it was moved to somewhere else", false, seen(after, { dev: "prod/web" }, { ...move, to: "live/shop" })],
  ["another one was moved", false, seen(after, { dev: "prod/web" }, { ...move, from: "prod/shop" })],
  ["nothing was moved", false, seen(after, { dev: "prod/web" }, {})],
];
for (const [what, begun, state] of cases)
  t.test(`${begun ? "a move that was begun" : "no such move"}: ${what}`, async (t) => {
    t.equal(isBegun(state, "prod/web", "live/web"), begun);
  });
