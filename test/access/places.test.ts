import t from "tap";
import { outlineGrant } from "../../lib/access/outline.ts";
import { grantPlaces, isGuardedSelector, placesToday, type Lookup } from "../../lib/access/places.ts";
import type { ResourceSet } from "../../lib/access/intent.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { intentWith } from "./grant.ts";
import { saysKept } from "../kept-text.ts";

const space = (name: string, labels: Record<string, string> = {}, going = false): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels, ...(going ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}) },
});
const all = [
  space("dev", { env: "test" }),
  space("qa", { env: "test", team: "web" }),
  space("prod", { env: "prod" }),
  space("gone", { env: "test" }, true),
  space("mirrord", { env: "test" }),
  space("kube-system", { env: "test" }),
];
const set = (namespaces: string[], ...selectors: string[]): ResourceSet => ({
  kind: "namespaces",
  namespaces,
  ...(selectors.length === 0 ? {} : { selectors }),
});
const lookUp = (name: string): Lookup =>
  name === "secret" ? "forbidden" : (all.find(({ metadata }) => metadata.name === name) ?? "absent");

function places(where: ResourceSet, { allowSystem = false, listed = true, absentNamespaces = false } = {}) {
  const grant = outlineGrant(intentWith({ set: where }));
  const named = new Map(grant.named.map((name) => [name, lookUp(name)]));
  return grantPlaces(
    grant,
    { named, all: listed ? all : undefined, operator: "mirrord" },
    { allowSystem, absentNamespaces },
  );
}

const held: [what: string, where: ResourceSet, namespaces: string[], selected: string[]][] = [
  ["everywhere", { kind: "all" }, [], []],
  ["named ones, in order", set(["qa", "dev"]), ["dev", "qa"], []],
  ["a selector: not what is going, the system's or the operator's", set([], "env=test"), ["dev", "qa"], ["dev", "qa"]],
  ["a named one that a selector matches too is named", set(["dev"], "env=test"), ["dev", "qa"], ["qa"]],
  ["several selectors are joined", set([], "env=prod", "team=web"), ["prod", "qa"], ["prod", "qa"]],
  ["a selector that matches nothing", set([], "env=none"), [], []],
];
for (const [what, where, namespaces, selected] of held) {
  t.test(`a grant holds in ${what}`, async (t) => {
    t.same(places(where), { namespaces, selected, warnings: [] });
  });
}

const refused: [what: string, where: ResourceSet, says: RegExp, options?: Parameters<typeof places>[1]][] = [
  ["a missing namespace", set(["dev", "none"]), /namespace "none" was not found/],
  ["a namespace that is going", set(["gone"]), /"gone" is being deleted/],
  ["the operator's namespace", set(["mirrord"]), /namespace mirrord is the operator's own/],
  [
    "a selector where nobody may list",
    set([], "env=test"),
    /nobody can say which ones a selector matches/,
    { listed: false },
  ],
];
for (const [what, where, says, options] of refused) {
  t.test(`${what} is refused`, async (t) => {
    t.throws(() => places(where, options), says);
    saysKept(t, import.meta.filename, what, () => places(where, options));
  });
}

t.test("the operator's namespace is allowed when that is meant, and never chosen by a selector", async (t) => {
  t.same(places(set(["mirrord"], "env=test"), { allowSystem: true }), {
    namespaces: ["dev", "mirrord", "qa"],
    selected: ["dev", "qa"],
    warnings: [],
  });
});

t.test("a namespace that is not there yet is granted when that is meant, and said", async (t) => {
  t.same(places(set(["dev", "none"]), { absentNamespaces: true }), {
    namespaces: ["dev", "none"],
    selected: [],
    warnings: ["namespace none does not exist: the grant is for whatever gets that name"],
  });
});

t.test("a named namespace that may not be read is a warning", async (t) => {
  const found = places(set(["secret"]), { listed: false });
  t.same(found.namespaces, ["secret"]);
  t.match(found.warnings, [/you may not read namespace secret/]);
});

const today: [what: string, where: ResourceSet, options: { listed?: boolean; offline?: boolean }, want: unknown][] = [
  ["everywhere is no list of places", { kind: "all" }, {}, []],
  ["what is gone or going is no place", set(["dev", "gone", "none"]), {}, ["dev"]],
  ["a folder seldom holds its namespaces", set(["dev", "none"]), { offline: true }, ["dev", "none"]],
  ["a selector follows the labels", set(["prod"], "env=test"), {}, ["dev", "prod", "qa"]],
  ["named ones are taken as they are where nobody may list", set(["none"]), { listed: false }, ["none"]],
  ["nobody can say what a selector matches where nobody may list", set(["dev"], "a=b"), { listed: false }, undefined],
];
for (const [what, where, { listed = true, offline = false }, want] of today) {
  t.test(`today: ${what}`, async (t) => {
    t.same(placesToday(where, { all: listed ? all : undefined, operator: "mirrord" }, { offline }), want);
  });
}

const guarded: [selectors: string[], answer: boolean][] = [
  [[], true],
  [["kubectl-mirrord.io/collection=prod.web"], true],
  [["collection.kubectl-mirrord.io/prod"], true],
  [["collection.kubectl-mirrord.io/prod,env=test"], false],
  [["collection.kubectl-mirrord.io/prod", "env=test"], false],
];
for (const [selectors, answer] of guarded) {
  t.test(`${selectors.join(" and ")} ${answer ? "is" : "is not"} guarded`, async (t) => {
    t.equal(isGuardedSelector(selectors), answer);
  });
}
