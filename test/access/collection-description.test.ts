import t from "tap";
import { describeCollection } from "../../lib/access/collection-description.ts";
import { seeCollections } from "../../lib/access/collections-seen.ts";
import type { Intent } from "../../lib/access/intent.ts";
import type { StoredGrant } from "../../lib/access/stored.ts";
import { collectionLabels, collectionSelector } from "../../lib/access/collection.ts";
import { namespaceObject } from "./namespace-object.ts";

const seen = seeCollections({
  stored: {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "mirrord-collections", namespace: "mirrord-access" },
    data: { prod: "What customers see", "prod.web.api": "", "prod.db": "", "prod-old": "" },
  },
  namespaces: [
    namespaceObject("front", collectionLabels("prod/web")),
    namespaceObject("api", collectionLabels("prod/web/api")),
    namespaceObject("shop", collectionLabels("prod")),
    namespaceObject("old", collectionLabels("prod-old")),
    namespaceObject("none"),
  ],
  operator: "mirrord",
});
const grant = (id: string, name: string, set: Intent["set"]): StoredGrant =>
  ({
    id,
    objects: [],
    binding: undefined,
    intent: { subject: { kind: "User", name }, role: "user", set, targets: [], reads: true },
  }) as unknown as StoredGrant;
const on = (...paths: string[]): Intent["set"] => ({
  kind: "namespaces",
  namespaces: [],
  selectors: paths.map(collectionSelector),
});
const grants = [
  grant("a", "zoe", on("prod/web")),
  grant("b", "ann", on("dev", "prod")),
  grant("c", "bob", on("prod/web/api")),
  grant("d", "eve", on("/")),
  grant("e", "kim", { kind: "all" }),
  grant("f", "lea", { kind: "namespaces", namespaces: ["front"] }),
  grant("g", "max", on("prod-old")),
  { ...grant("h", "x", on("prod")), intent: undefined } as unknown as StoredGrant,
];

t.test("what is in it, what is below it, and what it lies within", async (t) => {
  t.match(describeCollection("prod/web", seen, []), {
    description: "",
    above: ["prod"],
    children: ["prod/web/api"],
    namespaces: ["front"],
    below: [{ namespace: "api", path: "prod/web/api" }],
    grants: { length: 0 },
  });
  const top = describeCollection("prod", seen, []);
  t.match(top, { description: "What customers see", above: { length: 0 }, namespaces: ["shop"] });
  t.same(top.children, ["prod/db", "prod/web"], "one step down, and nothing whose name only begins so");
  t.same(
    top.below.map(({ namespace }) => namespace),
    ["front", "api"],
  );
});

t.test("grants that hold in all of it reach it, not those on a part of it", async (t) => {
  t.same(
    describeCollection("prod/web", seen, grants).grants?.map(({ subject, on: where }) => `${subject} ${where}`),
    ["ann prod", "eve /", "kim *", "zoe prod/web"],
  );
  t.equal(describeCollection("prod/web", seen, undefined).grants, undefined);
});
