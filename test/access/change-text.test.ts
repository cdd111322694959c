import t from "tap";
import { bindingText, netTexts } from "../../lib/access/change-text.ts";
import type { Change } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { bound, clusterRole } from "./rbac-objects.ts";

const binding = bound("a", "cluster-admin", "ivan");
const inDev = bound("a", "edit", { group: "devs" }, "dev");
const steps: [action: Change["action"], object: KubernetesObject, want: string][] = [
  ["create", binding, "ivan gets clusterrole cluster-admin in all namespaces"],
  ["update", inDev, "group:devs alone holds clusterrole edit in namespace dev"],
  ["delete", inDev, "group:devs no longer holds clusterrole edit in namespace dev"],
  ["create", { ...inDev, subjects: [] }, "nobody gets clusterrole edit in namespace dev"],
  [
    "create",
    { ...inDev, subjects: [{ kind: "Robot", name: "x" }] },
    "<unknown> gets clusterrole edit in namespace dev",
  ],
  [
    "create",
    { ...inDev, subjects: [{ kind: "ServiceAccount", name: "x" }] },
    "sa:dev/x gets clusterrole edit in namespace dev",
  ],
  ["create", clusterRole("x"), ""],
  ["update", { ...inDev, subjects: [] }, ""],
  ["delete", { ...inDev, subjects: [] }, ""],
];
for (const [action, object, want] of steps) {
  t.test(`${action} ${object.kind}: ${want === "" ? "nothing to say" : want}`, async (t) => {
    const current = action === "create" ? {} : { current: object };
    t.equal(bindingText({ action, type: nativeResources.roleBindings, object, ...current }), want);
  });
}

const inTeam = (...names: string[]): KubernetesObject => ({
  ...bound("a", "edit", { group: "devs" }, "dev"),
  subjects: names.map((name) => ({ kind: "User", name })),
});
const many = [...Array(12).keys()].map((at) => `p${at}`);
const updates: [before: string[], after: string[], want: string][] = [
  [["jim", "ann"], ["jim", "ann", "bob"], "bob gets clusterrole edit in namespace dev"],
  [["jim", "ann", "bob"], ["jim", "ann"], "bob no longer holds clusterrole edit in namespace dev"],
  [["jim", "ann"], ["jim", "bob"], "bob gets clusterrole edit in namespace dev, ann no longer"],
  [["jim", "eve"], ["jim"], "eve no longer holds clusterrole edit in namespace dev"],
  [["jim"], ["jim", "ann", "bob"], "ann and bob get clusterrole edit in namespace dev"],
  [["jim", "ann", "bob"], ["bob"], "jim and ann no longer hold clusterrole edit in namespace dev"],
  [["jim", "ann"], ["jim", "ann"], "jim and ann alone hold clusterrole edit in namespace dev"],
  [["jim"], [], "jim no longer holds clusterrole edit in namespace dev"],
  [[], many, "p0, p1, p2, p3, p4, p5, p6, p7 and 4 more get clusterrole edit in namespace dev"],
];
for (const [before, after, want] of updates) {
  t.test(`from ${before.length} to ${after.length}: ${want}`, async (t) => {
    const change = { action: "update", type: nativeResources.roleBindings } as const;
    t.equal(bindingText({ ...change, object: inTeam(...after), current: inTeam(...before) }), want);
  });
}

const type = nativeResources.roleBindings;
const made = (...names: string[]): Change => ({ action: "create", type, object: inTeam(...names) });
const gone = (...names: string[]): Change => ({
  action: "delete",
  type,
  object: inTeam(...names),
  current: inTeam(...names),
});
const kept = (...names: string[]): Change => ({ ...gone(...names), action: "unchanged" });
const changed = (before: string[], after: string[]): Change => ({
  action: "update",
  type,
  object: inTeam(...after),
  current: inTeam(...before),
});
const nets: [what: string, plan: Change[], want: string[]][] = [
  ["one grant in place of another", [made("jim", "ann"), gone("jim", "ann")], []],
  ["of more people", [made("jim", "ann"), gone("jim")], ["ann gets clusterrole edit in namespace dev"]],
  ["of others", [made("ann"), gone("jim")], ["ann gets clusterrole edit in namespace dev, jim no longer"]],
  ["what another grant gives as well stays", [changed(["jim", "ann"], ["ann"]), kept("jim")], []],
  ["and is not got anew", [changed(["ann"], ["jim", "ann"]), kept("jim")], []],
  [
    "another place is another matter",
    [made("jim"), { ...gone("jim"), object: inDev, current: inDev }, { action: "create", type, object: binding }],
    [
      "jim gets clusterrole edit in namespace dev, group:devs no longer",
      "ivan gets clusterrole cluster-admin in all namespaces",
    ],
  ],
  ["what is no binding", [{ action: "create", type, object: clusterRole("x") }], []],
];
for (const [what, plan, want] of nets) {
  t.test(`what a plan comes to: ${what}`, async (t) => {
    t.same(netTexts(plan), want);
  });
}
