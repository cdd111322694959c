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

t.test("whoever may not read it is believed", async (t) => {
  const blind = Object.assign(Object.create(cluster) as typeof cluster, {
    get: () => Promise.reject(new ApiError("refused", 403, "{}")),
  });
  await t.resolves(requireNamespace(blind, "nope"));
});

t.test("a folder is believed where it holds no namespaces, or something that is in the one", async (t) => {
  const policy = {
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind: "MirrordPolicy",
    metadata: { name: "no-steal", namespace: "qa" },
  };
  const folder = (...objects: Parameters<typeof memoryCluster>) =>
    Object.assign(memoryCluster(...objects), { offline: true });
  await t.resolves(requireNamespace(folder(policy), "nope"));
  const dev = { apiVersion: "v1", kind: "Namespace", metadata: { name: "dev" } };
  await t.resolves(requireNamespace(folder(dev, policy), "dev"));
  await t.resolves(requireNamespace(folder(dev, policy), "qa"));
  await t.rejects(requireNamespace(folder(dev, policy), "nope"), {
    kind: "usage",
    message: 'namespace "nope" was not found in the manifests, nor anything that is in it',
    hint: "They have: dev",
  });
});
