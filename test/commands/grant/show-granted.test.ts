import t from "tap";
import { UserError } from "../../../lib/errors.ts";
import { apiFailure, type MemoryCluster } from "../../kube/memory-cluster.ts";
import { exampleMemory, runGrant } from "../grant-world.ts";

const back = /^To take everything back now:\n {2}kubectl mirrord grant revoke (.*)$/m;
const revocation = (stdout: string) => back.exec(stdout)?.[1];
const id = /^[a-z2-7]{20}$/;

t.test("a grant is taken back by its subject where that means no other grant, else by its id", async (t) => {
  const cluster = exampleMemory();
  const grant = async (...words: string[]) => revocation((await runGrant(words, { cluster })).stdout) ?? "";
  t.equal(await grant("jim", "--ns", "dev"), "jim --ns dev");
  t.equal(await grant("jim", "--ns", "qa"), "jim --ns qa", "in another namespace");
  t.match(await grant("jim", "--ns", "dev", "--role", "view"), id, "the other one is there, too");
  t.match(await grant("eve", "-l", "env=test", "--accept-label-risk"), id, "a selector names no namespace");
  t.equal(await grant("ana", "-A", "-y"), "ana");
  t.equal(await grant("group:oidc:web", "--ns", "dev", "--ns", "qa"), "group:oidc:web --ns dev --ns qa");
  t.equal(await grant("Jim Doe", "--ns", "dev"), "'Jim Doe' --ns dev");
});

t.test("the command is true: exactly this grant is gone after it", async (t) => {
  const cluster = exampleMemory();
  await runGrant(["jim", "--ns", "dev"], { cluster });
  const { stdout } = await runGrant(["jim", "--ns", "dev", "--role", "view"], { cluster });
  t.equal((await runGrant(["revoke", revocation(stdout) ?? ""], { cluster })).code, 1, "the other one lets jim in");
  const left = await runGrant(["list", "-o", "json"], { cluster });
  t.match(JSON.parse(left.stdout), { items: [{ subject: "jim", role: "user" }] });
});

/** Where the list of all grants ends in this error. */
function withoutList(error: UserError): MemoryCluster {
  const cluster = exampleMemory();
  const { list } = cluster;
  cluster.list = async function* (type, options) {
    const isOfAll = options?.labelSelector === "kubectl-mirrord.io/grant";
    if (type.kind === "ClusterRoleBinding" && isOfAll) throw error;
    yield* list(type, options);
  };
  return cluster;
}

t.test("who may not list grants gets the id", async (t) => {
  const run = await runGrant(["jim", "--ns", "dev"], { cluster: withoutList(apiFailure(403, "Forbidden", "no")) });
  t.match(revocation(run.stdout), id);
});

t.test("Ctrl-C meanwhile is no such answer: the command ends, and says what is done", async (t) => {
  const cluster = withoutList(new UserError("interrupted", "interrupted"));
  const run = await runGrant(["jim", "--ns", "dev"], { cluster });
  t.match(run, { code: 130, stdout: "", stderr: /^Done before this:\n(?: {2}create \S+.*\n){4}$/m });
});

t.test("what stays after the end is said with the command that removes it, also by a dry run", async (t) => {
  const cluster = exampleMemory();
  const words = ["jim", "--ns", "dev", "--for", "8h", "--role", "view"];
  t.match(
    (await runGrant([...words, "--dry-run=client"], { cluster })).stdout,
    /^After 2026-11-22 20:00 UTC the cluster-wide part \(reading the operator's status\) stays until the next: kubectl mirrord grant sync$/m,
  );
  t.match(
    (await runGrant(words, { cluster })).stdout,
    /^ {2}stays {8}after 2026-11-22 20:00 UTC: reading the operator's status\n\nTo remove what stays, after 2026-11-22 20:00 UTC:\n {2}kubectl mirrord grant sync\n/m,
  );
});

t.test("more than two policies are counted", async (t) => {
  const policies = ["a", "b", "c", "d"].map((name) => ({
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind: "MirrordPolicy",
    metadata: { name, namespace: "dev" },
    spec: { block: ["steal"] },
  }));
  const run = await runGrant(["jim", "--ns", "dev"], { cluster: exampleMemory(...policies) });
  t.match(run.stdout, /MirrordPolicy dev\/a .*, MirrordPolicy dev\/b .* and 2 more policies limit it\.\n/);
});

t.test("all that a policy refuses is named: what it blocks, and what it requires", async (t) => {
  const policy = {
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind: "MirrordPolicy",
    metadata: { name: "profiles", namespace: "dev" },
    spec: { block: ["steal"], requireProfile: true, profileAllowlist: ["mirror-only"] },
  };
  const sentence = async (spec: object) =>
    (await runGrant(["eve", "--ns", "dev"], { cluster: exampleMemory({ ...policy, spec }) })).stdout.split("\n")[0];
  const can = "eve can now mirror and steal any target in dev, but MirrordPolicy dev/profiles";
  t.equal(await sentence(policy.spec), `${can} blocks steal and requires a mirrord profile.`);
  const headerFilter = { incoming: { httpFilter: { headerFilter: "^x-user: .+" } } };
  t.equal(await sentence({ block: [], network: headerFilter }), `${can} requires a header filter for stealing.`);
  t.equal(
    await sentence({ block: [], splitQueues: true }),
    `${can} says what this program does not know (spec.splitQueues).`,
  );
});

t.test(
  "a manifest is said to be granted already only where this grant is there, not where a role of its is",
  async (t) => {
    const cluster = exampleMemory();
    const note = async (...words: string[]) =>
      (await runGrant([...words, "--dry-run=client", "-o", "json"], { cluster })).stderr;
    t.equal(await note("ann", "--ns", "dev"), "", "nothing is there");
    await runGrant(["jim", "--ns", "dev"], { cluster });
    const warns = "kubectl warns of that unless it applies the file so: kubectl apply --server-side -f FILE\n";
    t.equal(await note("jim", "--ns", "dev"), `It is granted already. ${warns}`);
    t.equal(await note("ann", "--ns", "dev"), `Some of these objects are there already. ${warns}`);
    t.equal(await note("jim", "--ns", "qa"), `Some of these objects are there already. ${warns}`);
  },
);
