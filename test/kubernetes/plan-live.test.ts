// What the planner foresees, beside what a real API server makes of the same apply.
import t from "tap";
import { connectCluster } from "../../lib/kube/live/live-cluster.ts";
import { writePlan } from "../../lib/commands/write-plan.ts";
import type { KubernetesObject, ResourceType } from "../../lib/kubernetes/object.ts";
import { FIELD_MANAGER } from "../../lib/kubernetes/field-manager.ts";
import { plan } from "../../lib/kubernetes/plan.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { resourcePath } from "../../lib/kube/live/resource-path.ts";
import { applyTo } from "../../lib/kubernetes/server-side-apply.ts";
import { testNamespace } from "../control-plane/namespace.ts";
import { sharedControlPlane } from "../control-plane/start.ts";
import { openServer } from "../rbac/server.ts";
import { plannedCases } from "./planned-objects.ts";

t.setTimeout(120_000);
const plane = await sharedControlPlane();
const server = openServer(plane);
const stop = new AbortController();
const { signal } = stop;
const cluster = await connectCluster(
  { kubeconfig: plane.kubeconfig, context: "admin" },
  { env: {}, signal, warn: (text) => t.comment(text) },
);
t.teardown(() => {
  server.close();
  cluster.close();
});
const namespace = await testNamespace(plane, t);
const progress = () => ({ update: () => undefined, end: () => undefined });

/** Without what the server counts and notes, and the status, which controllers write at any time. */
function content({ metadata: { labels, annotations }, status: _status, ...fields }: KubernetesObject): object {
  return { ...fields, labels, annotations };
}

/** The paths of what only the first has. */
function surplus(one: unknown, other: unknown, path = ""): string[] {
  if (typeof one !== "object" || one === null) return [];
  return Object.entries(one).flatMap(([name, value]: [string, unknown]) => {
    const beside: unknown = (other as Record<string, unknown>)[name];
    return value !== undefined && beside === undefined
      ? [`${path}.${name}`]
      : surplus(value, beside, `${path}.${name}`);
  });
}

async function patchAsAnother(type: ResourceType, { metadata }: KubernetesObject, body: object): Promise<void> {
  const path = `${resourcePath(type, metadata.namespace, metadata.name)}?fieldManager=another`;
  const contentType =
    type.kind === "CustomResourceDefinition"
      ? "application/merge-patch+json"
      : "application/strategic-merge-patch+json";
  const { status, body: answer } = await server.call({ method: "PATCH", path, contentType, body });
  if (status !== 200) throw new Error(JSON.stringify(answer));
}

for (const { type, first, foreign, next, defaults, conflict } of plannedCases(namespace)) {
  await t.test(type.kind, async (t) => {
    const { name = "" } = first.metadata;
    const read = async () => {
      const stored = await cluster.get(type, name, first.metadata.namespace);
      if (stored === undefined) throw new Error(`${name} is gone`);
      return stored;
    };
    // A controller may write the status in between: then it is planned again.
    const settled = async (object: KubernetesObject) => {
      const makePlan = async () => ({ plan: plan([{ type, object: await read() }], [{ type, object, stage: 0 }]) });
      return (
        await writePlan(makePlan, cluster, { world: { signal, progress, warn: () => undefined }, dryRun: "server" })
      ).planned.plan;
    };
    t.teardown(() => cluster.delete(type, name, first.metadata.namespace));
    await cluster.apply(type, first);

    t.match(await settled(first), [{ action: "unchanged" }], "applied again it is the same");
    await patchAsAnother(type, first, foreign);
    const stored = await read();

    const foreseen = content(applyTo(stored, next, FIELD_MANAGER));
    const made = content(await cluster.apply(type, next, { dryRun: true, force: true }));
    t.match(made, foreseen, "nothing is foreseen that does not come");
    t.same(surplus(made, foreseen), defaults, "and only what the server fills in is not foreseen");

    await t.rejects(cluster.apply(type, conflict, { dryRun: true }), { message: /conflict/ });
    await cluster.apply(type, next, { force: true });
    t.match(await settled(next), [{ action: "unchanged" }]);
  });
}

await t.test("a binding to nobody, which is stored without its list, is as it was applied", async (t) => {
  const type = nativeResources.roleBindings;
  const object: KubernetesObject = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "nobody", namespace },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
    subjects: [],
  };
  t.teardown(() => cluster.delete(type, "nobody", namespace));
  const stored = await cluster.apply(type, object);
  t.notHas(stored, { subjects: [] });
  t.match(plan([{ type, object: stored }], [{ type, object, stage: 0 }]), [{ action: "unchanged" }]);
});
