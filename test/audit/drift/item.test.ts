import t from "tap";
import { driftItem, objectItem } from "../../../lib/audit/drift/item.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";

const job: KubernetesObject = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { generateName: "end-", namespace: "dev" },
};
const options = { why: "It is no part of its grant", commands: ["kubectl mirrord grant sync"] };

t.test("what is not there, under the name that is yet to be made up", async (t) => {
  t.match(objectItem({ declared: job, bound: undefined }, options), {
    rule: "drift-missing",
    severity: "warning",
    subject: { kind: "Job", name: "end-…", namespace: "dev" },
    message: "It is not there",
    fix: "Run: kubectl mirrord grant sync",
  });
});

t.test("what should not be there, and why", async (t) => {
  const item = objectItem(
    { declared: undefined, bound: { ...job, metadata: { name: "end" } } },
    { ...options, commands: [] },
  );
  t.match(item, {
    rule: "drift-extra",
    severity: "error",
    message: "It is no part of its grant",
    fix: "Delete it, or declare it.",
  });
  t.same(item?.subject, { kind: "Job", name: "end" });
});

t.test("what differs in nothing that decides is no drift", async (t) => {
  const adopted = { ...job, metadata: { ...job.metadata, annotations: { other: "x" } } };
  t.equal(objectItem({ declared: job, bound: adopted }, options), undefined);
  t.equal(objectItem({ declared: undefined, bound: undefined }, options), undefined);
});

t.test("what only takes access away is less grave", async (t) => {
  const subject = { kind: "RoleBinding", name: "b" };
  const loses = { subject: "jim", change: "loses", role: "clusterrole/r" } as const;
  const given = { subject, message: "m", commands: [] };
  t.equal(driftItem("drift-changed", { ...given, who: [loses] }).severity, "warning");
  t.equal(driftItem("drift-changed", { ...given, who: [loses, { ...loses, change: "gains" }] }).severity, "error");
  t.equal(driftItem("drift-changed", given).severity, "error");
});
