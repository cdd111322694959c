import t from "tap";
import { collectionLabels } from "../../lib/access/collection.ts";
import {
  afterChanges,
  intentCollections,
  isOnCollections,
  isOnWhatIsLeft,
  onlyLeaves,
  planMembership,
  planPaths,
  planRepairs,
  refuseUnknown,
} from "../../lib/access/collection-plan.ts";
import { seeCollections } from "../../lib/access/collections-seen.ts";
import type { Intent } from "../../lib/access/intent.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { saysKept } from "../kept-text.ts";
import { shownPlan } from "./shown-plan.ts";
import { namespaceObject } from "./namespace-object.ts";

const config = (data: Record<string, string>): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "mirrord-collections", namespace: "mirrord-access" },
  data,
});
const steps = (plan: ReturnType<typeof planPaths>) =>
  plan.map(({ action, object: { kind, metadata }, patch }) => ({
    action,
    kind,
    name: metadata.name,
    ...(patch && { patch }),
  }));

t.test("the first path brings the namespace for it, once", async (t) => {
  const paths = new Map([["prod/web", "shops"]]);
  t.same(steps(planPaths({ stored: undefined, namespaces: [] }, paths)), [
    { action: "create", kind: "Namespace", name: "mirrord-access" },
    { action: "create", kind: "ConfigMap", name: "mirrord-collections" },
  ]);
  t.same(steps(planPaths({ stored: undefined, namespaces: [namespaceObject("mirrord-access")] }, paths)), [
    { action: "create", kind: "ConfigMap", name: "mirrord-collections" },
  ]);
  t.same(
    planPaths({ stored: undefined, namespaces: [] }, new Map([["prod", null]])),
    [],
    "nothing is there to be deleted",
  );
});

t.test("a stored list is changed by a patch of what changes alone", async (t) => {
  const seen = { stored: config({ prod: "", dev: "" }), namespaces: [] };
  const patch = { data: { "prod.web": "", dev: null } };
  t.same(
    steps(
      planPaths(
        seen,
        new Map([
          ["prod/web", ""],
          ["dev", null],
        ]),
      ),
    ),
    [{ action: "update", kind: "ConfigMap", name: "mirrord-collections", patch }],
  );
  t.same(steps(planPaths(seen, new Map([["prod", ""]]))), [
    { action: "unchanged", kind: "ConfigMap", name: "mirrord-collections" },
  ]);
});

t.test("what an interrupted move left noted is taken away by the next change, and by no other", async (t) => {
  const moved = "kubectl-mirrord.io/moved";
  const plain = config({ prod: "" });
  const noted = { ...plain, metadata: { ...plain.metadata, annotations: { [moved]: "{}" } } };
  const data = { "prod.web": "" };
  const patch = (stored: KubernetesObject) =>
    planPaths({ stored, namespaces: [] }, new Map([["prod/web", ""]])).map((change) => change.patch);
  t.strictSame(patch(noted), [{ data, metadata: { annotations: { [moved]: null } } }]);
  t.strictSame(patch(plain), [{ data }]);
});

t.test("a namespace that is placed where it is stays unchanged", async (t) => {
  const placed = namespaceObject("shop", collectionLabels("prod"));
  t.equal(planMembership(placed, "prod").action, "unchanged");
  t.match(planMembership(placed, "dev"), {
    action: "update",
    merged: { metadata: { labels: collectionLabels("dev") } },
  });
  const moved = planMembership(placed, "dev");
  t.same(afterChanges([namespaceObject("other"), placed], [moved]), [namespaceObject("other"), moved.merged]);
  t.same(afterChanges([], [moved]), [moved.merged], "also one that no list shows");
});

t.test("repairs leave alone what is in order, what is going, and what can be in no collection", async (t) => {
  const half = { "kubectl-mirrord.io/collection": "prod" };
  const going = namespaceObject("going", half);
  going.metadata.deletionTimestamp = "2026-11-22T12:00:00Z";
  const plan = planRepairs(
    [
      namespaceObject("fine", collectionLabels("prod")),
      namespaceObject("half", half),
      namespaceObject("kube-system", half),
      namespaceObject("operator", half),
      namespaceObject("mirrord-access", half),
      going,
    ],
    "operator",
  );
  t.match(plan, [{ action: "update", optional: true, object: { metadata: { name: "half" } } }]);
  t.equal(plan.length, 1);
});

t.test("an unknown collection is refused with the nearest one", async (t) => {
  const known = new Map([["prod/web", ""]]);
  refuseUnknown("prod/web", known);
  refuseUnknown("/", known);
  t.throws(() => refuseUnknown("prod/wbe", known), {
    message: "collection prod/wbe was not found",
    hints: ["Did you mean prod/web?", "Make it: kubectl mirrord grant collection create prod/wbe"],
  });
  t.throws(() => refuseUnknown("qa", known), {
    message: "collection qa was not found",
    hints: ["Make it: kubectl mirrord grant collection create qa"],
  });
});

t.test("collections are those that were made, those that namespaces are in, and all above them", async (t) => {
  const seen = seeCollections({
    stored: config({ "prod.web": "shops" }),
    namespaces: [
      namespaceObject("a", collectionLabels("dev/api")),
      namespaceObject("kube-system", collectionLabels("x")),
    ],
    operator: "mirrord",
  });
  t.same(
    [...seen.known],
    [
      ["dev", ""],
      ["dev/api", ""],
      ["prod", ""],
      ["prod/web", "shops"],
    ],
  );
  t.same([...seen.created], ["prod/web"]);
  t.same(
    seen.members.map(({ namespace }) => namespace),
    ["a"],
  );
});

t.test("a grant is on collections where one of its selectors looks at their labels", async (t) => {
  const intent = (...selectors: string[]): Intent => ({
    subject: { kind: "User", name: "jim" },
    role: "user",
    set: { kind: "namespaces", namespaces: [], selectors },
    targets: [],
    reads: true,
  });
  const onProd = intent("collection.kubectl-mirrord.io/prod", "env=test");
  t.same(intentCollections(onProd), ["prod"]);
  t.ok(isOnCollections({ intent: onProd }));
  t.ok(isOnCollections({ intent: intent("collection.kubectl-mirrord.io/prod,env=test") }));
  t.notOk(isOnCollections({ intent: intent("env=test") }));
  t.notOk(isOnCollections({ intent: { ...onProd, set: { kind: "all" } } }));
  t.notOk(isOnCollections({ intent: undefined }));
});

const member = (path?: string) => namespaceObject("dev", path === undefined ? {} : collectionLabels(path));
const moves: [from: string | undefined, to: string | undefined, leaves: boolean][] = [
  ["prod/web", undefined, true],
  [undefined, "prod", false],
  ["prod", "prod/web", false],
  // A selector may name the path itself.
  ["prod/web", "prod", false],
  ["prod", "prod", false],
  [undefined, undefined, true],
];
for (const [from, to, leaves] of moves)
  t.test(`a namespace in ${from ?? "none"} that is put into ${to ?? "none"}`, async (t) => {
    t.equal(onlyLeaves([planMembership(member(from), to)]), leaves);
  });

t.test("one that comes counts for all that leave", async (t) => {
  const leaving = planMembership(member("prod"), undefined);
  t.equal(onlyLeaves([leaving, planMembership(namespaceObject("qa"), "prod")]), false);
  t.equal(onlyLeaves([]), false);
});

const selectors: [selector: string, isOn: boolean][] = [
  ["!kubectl-mirrord.io/collection", true],
  ["kubectl-mirrord.io/collection notin (prod)", true],
  ["kubectl-mirrord.io/collection!=prod,env=test", true],
  ["kubectl-mirrord.io/collection=prod", false],
  ["!env", false],
];
for (const [selector, isOn] of selectors)
  t.test(`whether leaving a collection opens anything to a grant on ${selector}`, async (t) => {
    const set: Intent["set"] = { kind: "namespaces", namespaces: [], selectors: [selector] };
    const intent: Intent = { subject: { kind: "User", name: "jim" }, role: "user", set, targets: [], reads: true };
    t.equal(isOnWhatIsLeft({ intent }), isOn);
  });

const whole: Record<string, () => unknown> = {
  "the first path": () => planPaths({ stored: undefined, namespaces: [] }, new Map([["prod/web", "shops"]])),
  "the first path of a move": () =>
    planPaths({ stored: undefined, namespaces: [] }, new Map([["prod/web", ""]]), {
      from: "a",
      to: "prod/web",
      namespaces: ["shop"],
    }),
  "a path more": () => planPaths({ stored: config({ prod: "" }), namespaces: [] }, new Map([["dev", "x"]])),
  "no path": () => planPaths({ stored: undefined, namespaces: [] }, new Map()),
  "a namespace that comes": () => planMembership(namespaceObject("shop"), "prod/web"),
  "a namespace that moves": () => planMembership(namespaceObject("shop", collectionLabels("prod/web")), "dev"),
  "a namespace that leaves": () => planMembership(namespaceObject("shop", collectionLabels("prod/web")), undefined),
  "a namespace that stays": () => planMembership(namespaceObject("shop", collectionLabels("prod")), "prod"),
  "a repair": () => planRepairs([namespaceObject("half", { "kubectl-mirrord.io/collection": "prod" })], "operator"),
};
for (const [name, plan] of Object.entries(whole)) {
  t.test(`the whole plan of ${name}`, async (t) => saysKept(t, import.meta.filename, name, () => shownPlan(plan())));
}
