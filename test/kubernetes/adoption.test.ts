import t from "tap";
import { adopted, adoption, isHelm, isOwnPatch } from "../../lib/kubernetes/adoption.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";

type Entry = NonNullable<KubernetesObject["metadata"]["managedFields"]>[number];

const entry = (manager: string, operation: string, fieldsV1: object, more: Partial<Entry> = {}): Entry => ({
  manager,
  operation,
  apiVersion: "apps/v1",
  fieldsType: "FieldsV1",
  fieldsV1,
  ...more,
});

const object = (...managedFields: Entry[]): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "d", managedFields },
});

t.test("what Helm set is ours, in one entry; what others set stays theirs", async (t) => {
  const controller = entry("kube-controller-manager", "Update", { "f:status": {} }, { subresource: "status" });
  const kubectl = entry("kubectl", "Apply", { "f:spec": { "f:replicas": {} } });
  const found = adoption(
    object(
      entry("helm", "Update", { "f:spec": { "f:template": {} }, "f:metadata": { "f:labels": { "f:a": {} } } }),
      kubectl,
      entry("terraform-provider-helm", "Apply", { "f:metadata": { "f:labels": { "f:b": {} } } }),
      controller,
    ),
    isHelm,
  );
  t.same(found?.managers, ["helm", "terraform-provider-helm"]);
  t.same(found?.managedFields.slice(0, 2), [kubectl, controller]);
  t.match(found?.managedFields.slice(2), [
    {
      manager: "kubectl-mirrord",
      operation: "Apply",
      apiVersion: "apps/v1",
      fieldsV1: { "f:spec": { "f:template": {} }, "f:metadata": { "f:labels": { "f:a": {}, "f:b": {} } } },
    },
  ]);
});

t.test("what is ours already is part of it", async (t) => {
  const own = entry("kubectl-mirrord", "Apply", { "f:spec": { "f:replicas": {} } });
  const found = adoption(object(own, entry("helm", "Update", { "f:spec": { "f:template": {} } })), isHelm);
  t.match(found?.managedFields, [{ fieldsV1: { "f:spec": { "f:replicas": {}, "f:template": {} } } }]);
  t.equal(found?.managedFields.length, 1);
});

t.test("where Helm set nothing, nothing is rewritten", async (t) => {
  const foreign = object(entry("kubectl", "Update", {}), entry("helm", "Update", {}, { subresource: "status" }));
  t.equal(adoption(foreign, isHelm), undefined);
  t.equal(adoption({ apiVersion: "v1", kind: "Secret", metadata: { name: "s" } }, isHelm), undefined);
  t.equal(adopted(foreign, undefined), foreign);
  const taken = object(entry("helm", "Update", {}));
  t.same(adopted(taken, adoption(taken, isHelm)).metadata.managedFields, adoption(taken, isHelm)?.managedFields);
});

t.test("what a patch of ours set belongs to the next apply, and what ours applied stays", async (t) => {
  const applied = entry("kubectl-mirrord", "Apply", { "f:spec": { "f:block": {} } });
  const patched = entry("kubectl-mirrord", "Update", { "f:spec": { "f:env": {} } });
  const status = entry("kubectl-mirrord", "Update", { "f:status": {} }, { subresource: "status" });
  const found = adoption(object(applied, patched, status), isOwnPatch);
  t.same(found?.managers, ["kubectl-mirrord"]);
  t.match(found?.managedFields, [
    status,
    { operation: "Apply", fieldsV1: { "f:spec": { "f:block": {}, "f:env": {} } } },
  ]);
  t.equal(found?.managedFields.length, 2);
  t.equal(adoption(object(applied, entry("kubectl", "Update", {})), isOwnPatch), undefined);
});
