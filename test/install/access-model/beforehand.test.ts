import t from "tap";
import { madeBeforehand, readBeforehand } from "../../../lib/install/access-model/beforehand.ts";
import { accessModel } from "../../../lib/access/names.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { bound, clusterRole } from "../../access/rbac-objects.ts";
import { apiFailure, memoryCluster } from "../../kube/memory-cluster.ts";

const run = (kind: string, name: string, owner?: string): KubernetesObject => ({
  apiVersion: "batch/v1",
  kind,
  metadata: {
    name,
    namespace: "mirrord-access",
    ...(owner === undefined
      ? {}
      : { ownerReferences: [{ apiVersion: "batch/v1", kind: "CronJob", name: owner, uid: "1", controller: true }] }),
  },
});
const cases: {
  name: string;
  rbac?: KubernetesObject[];
  runs?: KubernetesObject[];
  refused?: RegExp;
  doubtful?: RegExp;
}[] = [
  { name: "nothing" },
  {
    name: "a binding that waits for the role of administrators",
    rbac: [bound("x", "mirrord-access-admin", "mallory")],
    refused: /^clusterrolebinding x binds mirrord-access-admin to mallory$/,
  },
  {
    name: "one that waits for the role of sync, in a namespace",
    rbac: [bound("x", "mirrord-access-sync", { group: "devs" }, "dev")],
    refused: /^rolebinding x in namespace dev binds mirrord-access-sync to group:devs$/,
  },
  {
    name: "one that was made when the role was there",
    rbac: [bound("x", "mirrord-access-admin", "ann"), clusterRole("mirrord-access-admin")],
  },
  {
    name: "one that names nobody",
    rbac: [{ ...bound("x", "mirrord-access-admin", "ann"), subjects: [] }],
    refused: /^clusterrolebinding x binds mirrord-access-admin to nobody$/,
  },
  {
    name: "one that names what is no subject",
    rbac: [{ ...bound("x", "mirrord-access-admin", "ann"), subjects: [{ kind: "Robot", name: "r" }, null] }],
    refused: /^clusterrolebinding x binds mirrord-access-admin to nobody$/,
  },
  { name: "a binding to any other role", rbac: [bound("x", "edit", "ann", "dev")] },
  {
    name: "rights in the namespace of sync",
    rbac: [bound("x", "edit", "mallory", "mirrord-access")],
    doubtful: /^rolebinding x in namespace mirrord-access binds edit to mallory$/,
  },
  {
    name: "a CronJob under another name",
    runs: [run("CronJob", "x")],
    refused: /^cronjob x in namespace mirrord-access can run as the account of grant sync$/,
  },
  { name: "a Job of its own", runs: [run("Job", "x")], refused: /^job x / },
  { name: "a Job of another CronJob", runs: [run("Job", "x", "other")], refused: /^job x / },
  { name: "sync itself", runs: [run("CronJob", "mirrord-access"), run("Job", "mirrord-access-1", "mirrord-access")] },
];
for (const { name, rbac = [], runs = [], refused, doubtful } of cases)
  t.test(`what was made before the access model: ${name}`, async (t) => {
    const found = madeBeforehand(rbac, runs);
    if (refused === undefined) t.same(found.refused, []);
    else t.match(found.refused, [refused]);
    if (doubtful === undefined) t.same(found.doubtful, []);
    else t.match(found.doubtful, [doubtful]);
  });

t.test("sync alone makes only its own role: who waits for administrators waits on", async (t) => {
  const waiting = ["mirrord-access-admin", "mirrord-access-reader", "mirrord-access-sync"];
  const found = madeBeforehand(
    waiting.map((role) => bound(role, role, "mallory")),
    [run("CronJob", "x")],
    "sync",
  );
  t.match(found.refused, [/binds mirrord-access-sync to mallory$/, /^cronjob x /]);
  t.equal(found.refused.length, 2);
});

const policyBinding: KubernetesObject = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicyBinding",
  metadata: { name: accessModel.syncPolicy },
};
const waiting = [
  bound("x", "mirrord-access-admin", "mallory"),
  run("CronJob", "mine"),
  run("Job", "once"),
  { ...run("Job", "elsewhere"), metadata: { name: "elsewhere", namespace: "dev" } },
];

t.test("what is there is read before the policies hold, and no more once they do", async (t) => {
  const before = await readBeforehand(memoryCluster(...waiting), "access model");
  t.same(before.refused, [
    "clusterrolebinding x binds mirrord-access-admin to mallory",
    "cronjob mine in namespace mirrord-access can run as the account of grant sync",
    "job once in namespace mirrord-access can run as the account of grant sync",
  ]);
  t.same(await readBeforehand(memoryCluster(...waiting, policyBinding), "access model"), { refused: [], doubtful: [] });
});

t.test("what may not be listed of runs is left out, and does not hide the rest", async (t) => {
  const cluster = memoryCluster(...waiting);
  const { list } = cluster;
  const refusing = {
    ...cluster,
    async *list(...[type, options]: Parameters<typeof list>) {
      if (type.resource === "jobs") throw apiFailure(403, "Forbidden", "no jobs");
      yield* list(type, options);
    },
  };
  t.equal((await readBeforehand(refusing, "access model")).refused.length, 2);
});

t.test("a Job counts as one of sync only by the CronJob that controls it", async (t) => {
  const owner = { apiVersion: "batch/v1", kind: "CronJob", name: "mirrord-access", uid: "1", controller: true };
  const job = (changes: object) => ({
    ...run("Job", "j"),
    metadata: { name: "j", namespace: "mirrord-access", ownerReferences: [{ ...owner, ...changes }] },
  });
  const isRefused = (object: KubernetesObject) => madeBeforehand([], [object]).refused.length === 1;
  t.equal(isRefused(job({})), false);
  for (const changes of [{ controller: false }, { kind: "Job" }, { name: "other" }])
    t.equal(isRefused(job(changes)), true, JSON.stringify(changes));
});
