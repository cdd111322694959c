import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { apiFailure, type MemoryCluster } from "../kube/memory-cluster.ts";
import { exampleFolder, exampleMemory, runGrant } from "./grant-world.ts";

// Who may see less is told less, and is told so.

/** Two permanent grants and a temporary one, read by somebody who may not list one kind. */
async function withoutListing(kind: string): Promise<MemoryCluster> {
  const cluster = exampleMemory();
  for (const words of [
    ["jim", "--ns", "dev"],
    ["ana", "-A", "-y", "--role", "minimal"],
    ["eve", "--ns", "dev", "--for", "1h"],
  ]) {
    const run = await runGrant(words, { cluster });
    if (run.code !== 0) throw new Error(run.stderr);
  }
  const { list } = cluster;
  cluster.list = async function* (type, options) {
    if (type.kind === kind) throw apiFailure(403, "Forbidden", `jane cannot list ${type.resource}`);
    yield* list(type, options);
  };
  return cluster;
}

const notCompared = /you may not list jobs: whether grants end by themselves is not compared/;

t.test(
  "without the right to list jobs, list and describe show what is there and say what they do not know",
  async (t) => {
    const cluster = await withoutListing("Job");
    const list = await runGrant(["list"], { cluster });
    t.equal(list.code, 0, list.stderr);
    t.match(list.stderr, notCompared);
    t.match(list.stdout, /jim +user +dev +<all> +ok +<never>/);
    t.match(list.stdout, /ana +minimal +<all> +<all> +ok +<never>/);
    t.match(list.stdout, /eve +user +dev +<all> +expiry unknown +60m/);
    const described = await runGrant(["describe", "eve"], { cluster });
    t.equal(described.code, 0);
    t.match(described.stderr, notCompared);
    t.match(
      described.stdout,
      /Status: +expiry unknown[\s\S]*whether it ends by itself is not known: you may not list jobs/,
    );
  },
);

t.test("what can be seen without jobs is still found", async (t) => {
  const cluster = await withoutListing("Job");
  const first = cluster
    .objects()
    .find(({ kind, metadata }) => kind === "RoleBinding" && metadata.name?.includes("eve"));
  if (first === undefined) throw new Error("no binding");
  cluster.put({ ...first, subjects: [] });
  t.match((await runGrant(["list", "eve"], { cluster })).stdout, /DETACHED/, "before what is not known");
  cluster.now = () => Date.parse("2026-11-22T14:00:00Z");
  t.match((await runGrant(["list", "eve"], { cluster, now: cluster.now })).stdout, /EXPIRED, still bound +ended/);
});

t.test("the JSON of it is as its schema says", async (t) => {
  const cluster = await withoutListing("Job");
  for (const [file, ...words] of [
    ["grant-list", "list"],
    ["grant-description", "describe", "eve"],
  ]) {
    const schema = JSON.parse(
      readFileSync(new URL(`../../docs/schema/${file}.json`, import.meta.url), "utf8"),
    ) as object;
    const validate = new Ajv2020({ strict: true }).compile(schema);
    const run = await runGrant([...words, "-o", "json"], { cluster });
    t.match(run.stdout, "expiry-unknown");
    t.ok(validate(JSON.parse(run.stdout)), JSON.stringify(validate.errors));
  }
});

t.test("who has what does not need the jobs: matrix and whoami", async (t) => {
  const cluster = await withoutListing("Job");
  const matrix = await runGrant(["matrix"], { cluster });
  t.equal(matrix.code, 0, matrix.stderr);
  t.match(matrix.stdout, /eve +- +user/);
  cluster.identity = async () => ({ name: "eve", groups: ["system:authenticated"] });
  const whoami = await runGrant(["whoami"], { cluster });
  t.match(whoami.stdout, /eve +user in dev, expiry unknown/);
  t.match(whoami.stderr, notCompared);
  cluster.identity = async () => ({ name: "jim", groups: ["system:authenticated"] });
  t.notMatch((await runGrant(["whoami"], { cluster })).stderr, /jobs/, "nobody is told of what they have not got");
});

t.test("anchors are no difference from files, so comparing with files does not need the jobs", async (t) => {
  const files = exampleFolder(t);
  t.equal((await runGrant(["jim", "--ns", "dev", "--manifests", files])).code, 0);
  const words = ["list", "-f", files, "--diff"];
  const all = await runGrant(words, { cluster: await withoutListing("nothing") });
  t.match(all, { code: 1, stdout: /mirrord:grant:eve-dev/ });
  const run = await runGrant(words, { cluster: await withoutListing("Job") });
  t.equal(run.code, 1, run.stderr);
  t.equal(run.stdout, all.stdout);
});

for (const kind of ["RoleBinding", "ClusterRoleBinding", "Role"]) {
  t.test(`without the right to list ${kind} objects nobody can say what is granted`, async (t) => {
    const cluster = await withoutListing(kind);
    for (const words of [["list"], ["describe", "jim"]]) {
      const run = await runGrant(words, { cluster });
      t.match(run, { stdout: "", stderr: /jane cannot list/ }, words.join(" "));
      t.not(run.code, 0);
    }
  });
}

t.test("what writes must see the jobs: sync stops before any write", async (t) => {
  const cluster = await withoutListing("Job");
  const before = cluster.writes.length;
  for (const words of [
    ["sync", "-y"],
    ["revoke", "eve"],
  ]) {
    t.not((await runGrant(words, { cluster })).code, 0, words.join(" "));
  }
  t.equal(cluster.writes.length, before, "nothing was written");
});

t.test(
  "without the right to list namespaces, list says what it does not compare, and a selector is refused",
  async (t) => {
    const cluster = await withoutListing("Namespace");
    const list = await runGrant(["list"], { cluster });
    t.equal(list.code, 0, list.stderr);
    t.match(list.stderr, /you may not list namespaces: where selectors match today is not compared/);
    t.match(list.stdout, /jim +user +dev +<all> +ok/);
    const chosen = await runGrant(["kim", "-l", "env=test", "--accept-label-risk"], { cluster });
    t.equal(chosen.code, 3);
    t.match(chosen.stderr, /you may not list namespaces[\s\S]*Name them instead: --ns NAMESPACE/);
  },
);

t.test("a cluster that fails to list namespaces is no cluster where they may not be listed", async (t) => {
  const cluster = exampleMemory();
  const { list } = cluster;
  cluster.list = async function* (type, options) {
    if (type.kind === "Namespace") throw apiFailure(500, "InternalError", "etcd is gone");
    yield* list(type, options);
  };
  t.match((await runGrant(["list"], { cluster })).stderr, /etcd is gone/);
});
