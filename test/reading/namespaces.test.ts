import t from "tap";
import { ApiError } from "../../lib/kubernetes/api-error.ts";
import { requireNamespace } from "../../lib/reading/namespaces.ts";
import { memoryCluster } from "../kube/memory-cluster.ts";

const cluster = memoryCluster({ apiVersion: "v1", kind: "Namespace", metadata: { name: "dev" } });

t.test("a namespace that was typed and does not exist is a mistake", async (t) => {
  await t.rejects(requireNamespace(cluster, "nope"), {
    kind: "usage",
    message: 'namespace "nope" was not found',
    hint: /kubectl get namespaces/,
  });
  await t.resolves(requireNamespace(cluster, "dev"));
  await t.resolves(requireNamespace(cluster, undefined), "none was typed");
});

t.test("whoever may not read it is believed, and so is a folder", async (t) => {
  const blind = Object.assign(Object.create(cluster) as typeof cluster, {
    get: () => Promise.reject(new ApiError("refused", 403, "{}")),
  });
  await t.resolves(requireNamespace(blind, "nope"));
  await t.resolves(
    requireNamespace(Object.assign(Object.create(cluster) as typeof cluster, { offline: true }), "nope"),
  );
});
