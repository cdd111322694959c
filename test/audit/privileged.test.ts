import t from "tap";
import { readPrivileged } from "../../lib/audit/privileged.ts";
import { fakeCluster } from "../preview/fake-cluster.ts";
import { deployment, pod, podSpec } from "../preview/objects.ts";

const wild = { spec: podSpec({ hostPID: true }) };
const written = (manager: string) => ({ managedFields: [{ manager, operation: "Apply", fieldsV1: { "f:spec": {} } }] });
const objects = [
  deployment("b", { spec: { template: wild }, metadata: written("kubectl") }),
  deployment("a", { spec: { template: wild } }),
  {
    ...pod("owned", {}, wild),
    metadata: {
      name: "owned",
      namespace: "qa",
      ownerReferences: [{ apiVersion: "x.io/v1", kind: "Installation", name: "default", uid: "u", controller: true }],
    },
  },
  deployment("web"),
];

t.test("by owner, else by who wrote it, in the order of these", async (t) => {
  const { found, unreadable } = await readPrivileged(fakeCluster({ objects }), []);
  t.same(
    found.map(({ by, name }) => `${by} ${name}`),
    ["<unknown> a", "Installation/default owned", "kubectl b"],
  );
  t.same(unreadable, []);
});

t.test("in some namespaces, and what may not be listed", async (t) => {
  const { found, unreadable } = await readPrivileged(fakeCluster({ objects, forbidden: ["jobs", "storageclasses"] }), [
    "qa",
  ]);
  t.same(
    found.map(({ name }) => name),
    ["owned"],
  );
  t.same(unreadable, ["storageclasses", "jobs"]);
});
