import t from "tap";
import { bindingText } from "../../lib/access/change-text.ts";
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
];
for (const [action, object, want] of steps) {
  t.test(`${action} ${object.kind}: ${want === "" ? "nothing to say" : want}`, async (t) => {
    const current = action === "create" ? {} : { current: object };
    t.equal(bindingText({ action, type: nativeResources.roleBindings, object, ...current }), want);
  });
}
