import t from "tap";
import { policyObjects } from "../../../lib/install/secure-defaults/policies.ts";
import { readDefaultsSet, readSecureDefaults } from "../../../lib/install/verify/secure-defaults-set.ts";
import { memoryCluster, type MemoryCluster } from "../../kube/memory-cluster.ts";
import { refusing } from "../../kube/refusing-cluster.ts";
import { saysKept } from "../../kept-text.ts";
import { exemptingLines, presentSet, triedLines } from "./tried.ts";

function defaultsCluster(enforcement: "audit" | "enforce"): MemoryCluster {
  const { policies, bindings } = policyObjects({ enforcement, localClasses: [] });
  return memoryCluster(...policies, ...bindings);
}

/** Whose bindings of policies nobody may list. */
const refusingCluster = () => refusing(defaultsCluster("enforce"), "ValidatingAdmissionPolicyBinding");

t.test("what is not installed is not verified, and what may not be read is no set", async (t) => {
  t.equal(await readDefaultsSet(memoryCluster()), undefined);
  t.match(await readDefaultsSet(refusingCluster()), { failed: true, status: 403 });
});

t.test("the set is what would be installed today, in its mode and with the classes that the cluster has", async (t) => {
  const cluster = defaultsCluster("audit");
  cluster.put({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "disks" },
    provisioner: "kubernetes.io/no-provisioner",
  });
  const { name, policies, bindings, toEnforce } = presentSet(await readDefaultsSet(cluster));
  t.same({ policies, bindings }, policyObjects({ enforcement: "audit", localClasses: ["disks"] }));
  t.equal(name, "secure defaults");
  t.equal(
    toEnforce,
    "Run kubectl mirrord install --secure-defaults=enforce once nothing that has to run is warned of.",
  );
});

t.test("what is tried against each policy, and by whom it proves nothing", async (t) => {
  const set = presentSet(await readDefaultsSet(defaultsCluster("enforce")));
  const said = [...(await triedLines(set)), "", ...exemptingLines(set)];
  saysKept(t, import.meta.filename, "tried", () => said);
});

for (const { name, cluster, want } of [
  { name: "without any", cluster: memoryCluster(), want: "off" },
  { name: "that warn", cluster: defaultsCluster("audit"), want: "audit" },
  { name: "that refuse", cluster: defaultsCluster("enforce"), want: "enforce" },
  { name: "that may not be read", cluster: refusingCluster(), want: undefined },
]) {
  t.test(`secure defaults ${name} are read so, with what the operator's agents are`, async (t) => {
    t.same(await readSecureDefaults(cluster, "mirrord"), { enforcement: want, ephemeralAgents: false });
    cluster.put({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "mirrord-configmap", namespace: "mirrord" },
      data: { "agent-config.yaml": "ephemeral: true" },
    });
    t.same(await readSecureDefaults(cluster, "mirrord"), { enforcement: want, ephemeralAgents: true });
    t.same(await readSecureDefaults(cluster, "elsewhere"), { enforcement: want, ephemeralAgents: false });
  });
}
