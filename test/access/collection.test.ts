import t from "tap";
import {
  ancestry,
  collectionLabels,
  collectionSelector,
  isWithin,
  membership,
  membershipPatch,
  parseCollection,
  parseCollectionOrRoot,
  selectedCollection,
} from "../../lib/access/collection.ts";
import { UserError } from "../../lib/errors.ts";
import { parseSelectorText, selects } from "../../lib/kubernetes/label-selector.ts";
import { namespaceObject } from "./namespace-object.ts";
import { saysKept } from "../kept-text.ts";

const paths: [typed: string, path: string | RegExp][] = [
  ["prod", "prod"],
  ["prod/web", "prod/web"],
  ["/prod/web/", "prod/web"],
  ["a-1/b", "a-1/b"],
  ["", /cannot be the path/],
  ["/", /cannot be the path/],
  ["prod//web", /"" is no segment/],
  ["Prod", /cannot be the path/],
  ["prod.web", /lower-case letters, digits and '-'/],
  ["-a", /cannot be the path/],
  ["a-", /cannot be the path/],
  ["prod/../web", /"\.\." is no segment/],
  ["prod/\u202e", /no segment/],
  ["a".repeat(63), "a".repeat(63)],
  ["a".repeat(64), /has 64 characters, and 63 are possible/],
  [`${"a/".repeat(31)}a`, `${"a/".repeat(31)}a`],
  [`${"a/".repeat(32)}a`, /65 characters/],
];

for (const [typed, expected] of paths) {
  t.test(`${JSON.stringify(typed)} is ${expected instanceof RegExp ? "refused" : "a path"}`, async (t) => {
    if (expected instanceof RegExp) {
      saysKept(t, import.meta.filename, typed, () => parseCollection(typed));
      try {
        t.fail(parseCollection(typed));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        t.match([...error.lines, ...error.hints].join("\n"), expected);
        t.equal(error.kind, "usage");
      }
    } else t.equal(parseCollection(typed), expected);
  });
}

t.test("a slash alone is all collections, where that can be meant", async (t) => {
  t.equal(parseCollectionOrRoot("/"), "/");
  t.equal(parseCollectionOrRoot("prod"), "prod");
});

t.test("a path is within itself and within what stands above it, but not within a longer name", async (t) => {
  t.same(ancestry("prod/web/eu"), ["prod", "prod/web", "prod/web/eu"]);
  t.ok(isWithin("prod", "prod"));
  t.ok(isWithin("prod/web", "prod"));
  t.notOk(isWithin("production", "prod"));
  t.notOk(isWithin("prod", "prod/web"));
});

t.test("a namespace in prod/web is matched by a grant on prod and on prod/web, and by no other", async (t) => {
  const labels = collectionLabels("prod/web");
  t.same(labels, {
    "kubectl-mirrord.io/collection": "prod.web",
    "collection.kubectl-mirrord.io/prod": "",
    "collection.kubectl-mirrord.io/prod.web": "",
  });
  const isMatched = (path: string) => selects(parseSelectorText(collectionSelector(path)), labels);
  t.same(["prod", "prod/web", "/"].map(isMatched), [true, true, true]);
  t.same(["web", "prod/web/eu", "pro", "dev"].map(isMatched), [false, false, false, false]);
});

t.test("the selector of a collection is read as one, and no other selector is", async (t) => {
  for (const path of ["/", "prod", "prod/web"]) t.equal(selectedCollection(collectionSelector(path)), path);
  for (const other of [
    "env=prod",
    "collection.kubectl-mirrord.io/prod=x",
    "collection.kubectl-mirrord.io/prod,env=x",
    "kubectl-mirrord.io/collection=prod",
    "collection.kubectl-mirrord.io/",
  ])
    t.equal(selectedCollection(other), undefined, other);
});

const standing: [what: string, labels: Record<string, string>, path: string | undefined, fault: RegExp | undefined][] =
  [
    ["no labels", {}, undefined, undefined],
    ["labels of others", { team: "web" }, undefined, undefined],
    ["all labels", collectionLabels("prod/web"), "prod/web", undefined],
    ["the path alone", { "kubectl-mirrord.io/collection": "prod.web" }, "prod/web", /lacks .*prod, .*prod\.web/],
    [
      "a label too many",
      { ...collectionLabels("prod"), "collection.kubectl-mirrord.io/dev": "" },
      "prod",
      /should not have collection\.kubectl-mirrord\.io\/dev/,
    ],
    ["a label without a path", { "collection.kubectl-mirrord.io/dev": "" }, undefined, /should not have/],
    ["a path that is none", { "kubectl-mirrord.io/collection": "prod..web" }, undefined, /"prod\.\.web" is no path/],
    [
      "a label with a value",
      { ...collectionLabels("prod"), "collection.kubectl-mirrord.io/prod": "x" },
      "prod",
      /lacks/,
    ],
  ];

for (const [what, labels, path, fault] of standing) {
  t.test(
    `a namespace with ${what}: ${path ?? "no collection"}${fault === undefined ? "" : ", with a fault"}`,
    async (t) => {
      const found = membership(namespaceObject("shop", labels));
      t.equal(found.namespace, "shop");
      t.equal(found.path, path);
      if (fault === undefined) t.equal(found.fault, undefined);
      else t.match(found.fault, fault);
      saysKept(t, import.meta.filename, what, () => found);
      const mended = membershipPatch(namespaceObject("shop", labels), path);
      t.equal(mended === undefined, fault === undefined, "what has no fault needs no patch");
    },
  );
}

t.test("a patch takes away every label of another collection and leaves the labels of others", async (t) => {
  const namespace = namespaceObject("shop", { ...collectionLabels("prod/web"), team: "web" });
  t.same(membershipPatch(namespace, "prod/api"), {
    metadata: {
      labels: {
        "kubectl-mirrord.io/collection": "prod.api",
        "collection.kubectl-mirrord.io/prod.api": "",
        "collection.kubectl-mirrord.io/prod.web": null,
      },
    },
  });
  t.same(membershipPatch(namespace, undefined), {
    metadata: {
      labels: {
        "kubectl-mirrord.io/collection": null,
        "collection.kubectl-mirrord.io/prod": null,
        "collection.kubectl-mirrord.io/prod.web": null,
      },
    },
  });
});
