import t from "tap";
import { privilegedAttributes } from "../../lib/access/privileged-options.ts";
import { privilegedFindings, privilegedRules } from "../../lib/audit/privileged-findings.ts";
import type { PrivilegedWorkload } from "../../lib/audit/privileged.ts";

const workload = (fields: Partial<PrivilegedWorkload>): PrivilegedWorkload => ({
  kind: "Pod",
  name: "p",
  attributes: ["hostPID"],
  paths: ["spec.hostPID"],
  managers: [],
  byAddOn: false,
  by: "<unknown>",
  ...fields,
});

t.test("every option that only administrators may have is explained", async (t) => {
  t.same(Object.keys(privilegedRules).toSorted(), privilegedAttributes.toSorted());
});

t.test("each place is a finding of its own option, whatever containers are called", async (t) => {
  const found = privilegedFindings([
    workload({
      namespace: "dev",
      attributes: ["privileged", "hostPath"],
      paths: ["containers[a.hostPath].privileged", "initContainers[b].privileged", "volumes[c.privileged].hostPath"],
    }),
  ]);
  t.match(found, [
    { rule: "privileged", subject: { namespace: "dev" }, field: "containers[a.hostPath].privileged" },
    { rule: "privileged", field: "initContainers[b].privileged" },
    { rule: "hostPath", field: "volumes[c.privileged].hostPath" },
  ]);
  t.equal(found.length, 3);
});

t.test("a volume has no namespace, and each of its fields is a place", async (t) => {
  const found = privilegedFindings([
    workload({
      kind: "PersistentVolume",
      attributes: ["localVolume"],
      paths: ["spec.local", "spec.storageClassName"],
      managers: ["kubectl"],
      by: "kubectl",
    }),
  ]);
  t.match(found, [
    { rule: "localVolume", message: "spec.local is for administrators alone; kubectl answers for it" },
    { rule: "localVolume", field: "spec.storageClassName" },
  ]);
  t.same(found[0]?.subject, { kind: "PersistentVolume", name: "p" });
});
