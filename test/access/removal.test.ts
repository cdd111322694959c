import t from "tap";
import { bindingRemoval, removals } from "../../lib/access/removal.ts";
import { bound } from "./rbac-objects.ts";

const jim = { kind: "User", name: "jim" } as const;

t.test("a binding that was made by hand goes by kubectl, unless Kubernetes itself installs it", async (t) => {
  t.same(bindingRemoval(bound("a b", "r", "jim", "dev"), jim), {
    command: "kubectl delete rolebinding 'a b' -n dev",
    others: false,
  });
  t.same(bindingRemoval(bound("all", "r", "jim"), jim)?.command, "kubectl delete clusterrolebinding all");
  t.same(bindingRemoval(bound("all", "r", "ana"), jim), {
    command: "kubectl edit clusterrolebinding all",
    others: true,
  });
  const stock = bound("cluster-admin", "cluster-admin", "jim");
  const labels = { "kubernetes.io/bootstrapping": "rbac-defaults" };
  t.equal(bindingRemoval({ ...stock, metadata: { ...stock.metadata, labels } }, jim), undefined);
});

t.test("a grant is revoked, once; a label alone is none", async (t) => {
  const labelled = (name: string, namespace: string | undefined, id: string, more: object = {}) => {
    const binding = bound(name, "r", "jim", ...(namespace === undefined ? [] : [namespace]));
    return { ...binding, metadata: { ...binding.metadata, labels: { "kubectl-mirrord.io/grant": id }, ...more } };
  };
  const objects = [
    labelled("carrier", undefined, "aaaa", { annotations: { "kubectl-mirrord.io/intent": "{}" } }),
    labelled("granted", "dev", "aaaa"),
    labelled("granted", "qa", "bbbb"),
    labelled("forged", "dev", "bbbb"),
    bound("other", "r", "jim", "dev"),
  ];
  const through = ["clusterrolebinding/carrier", "rolebinding/granted", "rolebinding/forged", "rolebinding/gone"];
  t.same(
    removals(through, { objects, namespace: "dev", subject: jim }).map(({ command }) => command),
    ["kubectl mirrord grant revoke aaaa", "kubectl delete rolebinding forged -n dev"],
  );
});
