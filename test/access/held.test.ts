import t from "tap";
import { finalizers, heldBy, platformFinalizers } from "../../lib/access/held.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";

const object = (kind: string, names: unknown, metadata: object = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name: "x", finalizers: names, ...metadata } as KubernetesObject["metadata"],
});

t.same(finalizers(object("RoleBinding", undefined)), [], "none");
t.same(finalizers(object("RoleBinding", ["a/b", 7, "c/d"])), ["a/b", "c/d"], "what is no text is none");
t.same(finalizers(object("RoleBinding", "a/b")), [], "what is no list is none");

t.test("a platform's finalizers are those on everything that a cluster comes with, kind by kind", async (t) => {
  const stock = [
    object("ClusterRole", ["p/all", "p/one"]),
    object("ClusterRole", ["p/all"]),
    object("ClusterRoleBinding", ["p/bind"]),
    object("RoleBinding", ["p/all"]),
    object("RoleBinding", []),
  ];
  t.same([...platformFinalizers(stock)].toSorted(), ["ClusterRole p/all", "ClusterRoleBinding p/bind"]);
  t.same([...platformFinalizers([])], []);
});

t.test("what keeps an object, and whether somebody or the platform put it there", async (t) => {
  const platform = new Set(["RoleBinding p/all"] as const);
  t.same(heldBy(object("RoleBinding", ["p/all", "eve/x"]), platform), {
    foreign: ["eve/x"],
    known: ["p/all"],
    leaving: false,
  });
  t.match(
    heldBy(object("ClusterRoleBinding", ["p/all"]), platform),
    { foreign: ["p/all"], known: { length: 0 } },
    "of another kind",
  );
  t.match(heldBy(object("RoleBinding", ["p/all"])), { foreign: ["p/all"] }, "where no platform is known");
  t.match(heldBy(object("RoleBinding", [], { deletionTimestamp: "2026-01-02T04:00:00Z" })), { leaving: true });
});
