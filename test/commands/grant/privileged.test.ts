import t from "tap";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { bound, clusterRole } from "../../access/rbac-objects.ts";
import { exampleMemory, grantObjectsIn, runGrant } from "../grant-world.ts";

const exempt = ["jim", "--privileged", "hostPID,capabilities", "--ns", "dev"];
const ending = [...exempt, "--for", "8h", "--groups="];

t.test("an exemption is bindings of one role for each option, and ends", async (t) => {
  const cluster = exampleMemory();
  const ran = await runGrant(ending, { cluster });
  t.equal(ran.code, 0, ran.stderr);
  t.match(ran.stdout, /^jim can now have hostPID and capabilities in pods in dev, until 2026-11-22 20:00 UTC/);
  t.match(ran.stdout, /the exemption ends by itself\. What was made by then goes on/);
  t.notMatch(ran.stdout, /Included/, "it gives no access to mirrord");
  t.same(grantObjectsIn(cluster), [
    "ClusterRoleBinding mirrord:grant:jim-dev",
    "Job dev/mirrord-expiry-jim-dev-",
    "RoleBinding dev/mirrord:grant:jim-dev:capabilities",
    "RoleBinding dev/mirrord:grant:jim-dev:hostPID",
  ]);
  const before = cluster.writes.length;
  t.match((await runGrant(ending, { cluster })).stdout, /Nothing was changed/);
  t.equal(cluster.writes.length, before);
  t.match((await runGrant(["list", "jim"], { cluster })).stdout, /privileged\/capabilities,hostPID/);
});

t.test("one that does not end is warned of for people, and not for accounts", async (t) => {
  t.match(await runGrant(exempt, { cluster: exampleMemory() }), {
    code: 0,
    stderr: /jim is exempt for good: add --for 8h/,
  });
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "csi", namespace: "dev" } };
  const given = await runGrant(["sa:dev/csi", ...exempt.slice(1)], { cluster: exampleMemory(account) });
  t.match(given, { code: 0 });
  t.notMatch(given.stderr, "for good");
});

t.test("revoke proves that it is gone", async (t) => {
  const cluster = exampleMemory();
  await runGrant(exempt, { cluster });
  const ran = await runGrant(["revoke", "jim"], { cluster });
  t.match(ran, { code: 0, stdout: /In namespace dev jim can no longer have hostPID, capabilities in pods\./ });
  t.same(grantObjectsIn(cluster), []);
});

const others: { name: string; binding: KubernetesObject; code: number; says: RegExp }[] = [
  {
    name: "another binding",
    binding: bound("other", "mirrord:role:privileged-hostPID", "jim", "dev"),
    code: 1,
    says: /In namespace dev jim can still have hostPID in pods, through rolebinding\/other\./,
  },
  {
    name: "a group",
    binding: bound("other", "mirrord:role:privileged-hostPID", { group: "ops" }, "dev"),
    code: 0,
    says: /has no exemption of their own any more, but may have one through group ops\./,
  },
];
for (const { name, binding, code, says } of others)
  t.test(`revoke names ${name} that still exempts`, async (t) => {
    const cluster = exampleMemory(binding);
    await runGrant(exempt, { cluster });
    t.match(await runGrant(["revoke", "jim"], { cluster }), { code, stdout: says });
  });

t.test("what could not be asked after a revocation is not gone", async (t) => {
  const cluster = exampleMemory();
  await runGrant(exempt, { cluster });
  cluster.review = async (questions) => questions.map(() => ({ answer: "unknown", reason: "you may not ask" }));
  const ran = await runGrant(["revoke", "jim"], { cluster });
  t.match(ran, {
    code: 3,
    stdout: /could not be found out whether jim can still have hostPID, capabilities in pods: you may not ask\./,
  });
});

t.test("whoever holds a wildcard is refused, because the policies would count no exemption", async (t) => {
  const all = clusterRole("all", { apiGroups: ["*"], resources: ["*"], verbs: ["*"] });
  const cluster = exampleMemory(all, bound("all", "all", "jim", "dev"));
  t.match(await runGrant(exempt, { cluster }), {
    code: 2,
    stderr: /jim holds every right in dev by a wildcard[\s\S]*--force/,
  });
  t.same(grantObjectsIn(cluster), []);
  t.match(await runGrant([...exempt, "--force"], { cluster }), {
    code: 0,
    stderr: /Warning: jim holds every right in dev/,
  });
  const everywhere = exampleMemory(all, bound("all", "all", "jim"));
  const words = ["jim", "--privileged", "localVolume", "-A", "-y"];
  t.match(await runGrant(words, { cluster: everywhere }), { code: 2, stderr: /every right in all namespaces/ });
});

const guard = (name: string): KubernetesObject[] =>
  ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"].map((kind) => ({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind,
    metadata: { name: `kubectl-mirrord-defaults-guard-${name}` },
    spec: { validationActions: ["Deny"] },
  }));

t.test(
  "the guards of the secure defaults keep the end of an exemption from who may change jobs, and of nothing else",
  async (t) => {
    const role = clusterRole("jobs", { apiGroups: ["batch"], resources: ["jobs"], verbs: ["patch"] });
    const edit = [role, bound("jobs", "jobs", "jim", "dev")];
    t.match(await runGrant(ending, { cluster: exampleMemory(...edit) }), { code: 2, stderr: /EXPIRY NOT ENFORCED/ });
    t.match(
      await runGrant(ending, { cluster: exampleMemory(...edit, ...guard("ends")) }),
      { code: 2 },
      "one of two is not enough",
    );
    const guarded = () => exampleMemory(...edit, ...guard("ends"), ...guard("bindings"));
    const cluster = guarded();
    t.match(await runGrant(ending, { cluster }), { code: 0 });
    t.notMatch((await runGrant(["list", "jim"], { cluster })).stdout, "NOT ENFORCED");
    const session = ["jim", "--ns", "dev", "--for", "8h", "--groups="];
    t.match(await runGrant(session, { cluster: guarded() }), { code: 2, stderr: /EXPIRY NOT ENFORCED/ });
  },
);

t.test("everywhere it binds cluster-wide; sync has nothing to do after it", async (t) => {
  const cluster = exampleMemory();
  const ran = await runGrant(["jim", "--privileged", "localVolume", "-A", "-y"], { cluster });
  t.match(ran, { code: 0, stdout: /jim can now have localVolume in what they make in all namespaces/ });
  const before = cluster.writes.length;
  t.equal((await runGrant(["sync", "-y"], { cluster })).code, 0);
  t.equal(cluster.writes.length, before, "zero writes");
});

t.test("it excludes what a session has", async (t) => {
  t.match(await runGrant([...exempt, "--role", "minimal"], { cluster: exampleMemory() }), {
    code: 2,
    stderr: /An exemption is a grant of its own: it gives no access to mirrord\./,
  });
});
