import t from "tap";
import { memoryCluster, apiFailure, type MemoryCluster } from "../kube/memory-cluster.ts";
import { clusterPolicy, policy } from "../mirrord/policy-fixtures.ts";
import { exampleFolder, runPolicy } from "./policy-world.ts";

const stored = (): MemoryCluster =>
  memoryCluster(
    policy({ block: ["steal"], targetPath: "deploy/web*" }, { name: "no-steal", namespace: "dev" }),
    clusterPolicy({ block: ["mirror"] }, "wide"),
  );

type Edit = (text: string) => string;

/** `policy edit` with an editor that makes these of the texts that it is given, one after the other. */
async function edit(words: readonly string[], edits: readonly Edit[], cluster: MemoryCluster = stored()) {
  const given: string[] = [];
  const left = [...edits];
  const ran = await runPolicy(["edit", ...words], cluster, {
    edit: async (text) => {
      given.push(text);
      const next = left.shift();
      if (next === undefined) throw new Error("opened too often");
      return next(text);
    },
  });
  return { ...ran, given, cluster };
}

const spec = (cluster: MemoryCluster, name: string): unknown =>
  cluster.objects().find(({ metadata }) => metadata.name === name)?.["spec"];

const inDev = ["no-steal", "-n", "dev"];
const swap =
  (from: string | RegExp, to: string): Edit =>
  (text) =>
    text.replace(from, to);

t.test("what was changed is written, what was taken out too, and lint says what it finds", async (t) => {
  const { code, stdout, stderr, given, cluster } = await edit(inDev, [swap(/ +targetPath: .*\n/, "")]);
  t.equal(code, 0, stderr);
  t.match(given[0], /^# Edit the policy below\..*\napiVersion: policies/);
  t.notMatch(given[0], /managedFields/);
  t.equal(stdout, "mirrordpolicy.policies.mirrord.metalbear.co/no-steal in namespace dev edited\n");
  t.same(spec(cluster, "no-steal"), { block: ["steal"] });
  t.match(stderr, /^(error|warning|note) [a-z-]+: /);
});

t.test("a cluster policy is edited by its flag or its kind", async (t) => {
  for (const words of [["wide", "--cluster-policy"], ["mirrordclusterpolicy/wide"]]) {
    const { code, stderr, cluster } = await edit(words, [swap("- mirror", "- steal")]);
    t.equal(code, 0, stderr);
    t.same(spec(cluster, "wide"), { block: ["steal"] });
  }
});

t.test("nothing is written where nothing was changed, or nothing was left", async (t) => {
  const untouched: [Edit, RegExp][] = [
    [(text) => text, /^Edit cancelled: nothing was changed\.\n$/],
    [(text) => `# a thought\n${text}`, /nothing was changed/],
    [() => "# only this\n", /^Edit cancelled: the saved file was empty\.\n$/],
  ];
  for (const [change, says] of untouched) {
    const { code, stdout, stderr, cluster } = await edit(inDev, [change]);
    t.same([code, stdout], [0, ""]);
    t.match(stderr, says);
    t.same(cluster.writes, []);
  }
});

t.test("no line of a refusal becomes a line of the text", async (t) => {
  const cluster = stored();
  const causes = [
    { field: "metadata.name", message: "no\nstatus: {injected: true}\r\nkind: Other" },
    { field: "spec", message: "no\nkind: Other" },
  ];
  cluster.patch = () => Promise.reject(apiFailure(422, "Invalid", "m", { causes }));
  const { given } = await edit(inDev, [swap("- steal", "- mirror"), () => ""], cluster);
  const text = (at: number) => given[at]?.split("\n").filter((line) => !line.startsWith("#"));
  t.same(
    text(1),
    text(0)?.map((line) => line.replace("- steal", "- mirror")),
  );
  t.match(
    given[1],
    /metadata\.name: no\n# +status: \{injected: true\}\n# +kind: Other\n# +\* spec: no\n# +kind: Other\n/,
  );
});

t.test("a refused text comes back with the reason, until it is right", async (t) => {
  const { code, stderr, given, cluster } = await edit(inDev, [
    swap("block:", "blok:"),
    swap(/^ {2}blok:/m, "  block: ["),
    (text) => text.replace(/^ {2}block: \[/m, "  block:").replace("deploy/web*", "deploy/cart"),
  ]);
  t.equal(code, 0, stderr);
  t.match(given[1], /^# .*\n#\n# It was not written:\n(# {3}.*\n)*# {3}.*spec\.blok.*\n[^]*\n {2}blok:/);
  t.match(given[2], /# It was not written:\n# {3}the edited policy: /);
  t.same(spec(cluster, "no-steal"), { block: ["steal"], targetPath: "deploy/cart" });
});

t.test("a text that stays refused is kept in a file", async (t) => {
  const { code, stderr, kept, cluster } = await edit(inDev, [swap("block:", "blok:"), (text) => text]);
  t.equal(code, 2);
  t.match(stderr, /spec\.blok[^]*Your text is kept in \/kept\/no-steal\.yaml/);
  t.match(kept?.[0], /\n {2}blok:/);
  t.same(cluster.writes, []);
});

t.test("what cannot be mended by another text is not asked for again", async (t) => {
  const cluster = stored();
  cluster.patch = () => Promise.reject(apiFailure(409, "Conflict", "the object has been modified"));
  const conflict = await edit(inDev, [swap("deploy/web*", "deploy/cart")], cluster);
  t.equal(conflict.code, 4, conflict.stderr);
  t.match(conflict.stderr, /has been modified[^]*Your text is kept in/);
  const invalid = stored();
  invalid.patch = () => Promise.reject(apiFailure(422, "Invalid", "spec.x: not so"));
  const refused = await edit(inDev, [swap("deploy/web*", "deploy/cart"), (text) => text], invalid);
  t.match(refused.given[1], /It was not written:\n# {3}.*not so/);
});

t.test("another object is none of an edit's", async (t) => {
  for (const change of [swap("name: no-steal", "name: other"), swap("namespace: dev", "namespace: qa")]) {
    const { code, stderr } = await edit(inDev, [change, (text) => text]);
    t.equal(code, 2);
    t.match(stderr, /cannot be changed by editing/);
  }
  const two = await edit(inDev, [(text) => `${text}---\n${text}`, (text) => text]);
  t.match(two.stderr, /it must be one policy/);
});

t.test("what is not there, and a folder, cannot be edited", async (t) => {
  t.match(await edit(["none", "-n", "dev"], []), { code: 2, stderr: /"none" not found/ });
  const { run } = exampleFolder(t);
  t.match(await run("edit", "no-steal"), { code: 2, stderr: /a folder of manifests is edited in its files/ });
});

t.test("get without a name lists what applies, as it is stored", async (t) => {
  const get = async (...words: string[]) => await runPolicy(["get", ...words], stored());
  t.match((await get("-n", "dev")).stdout, /^NAMESPACE .*\n\* +wide .*\ndev +no-steal /);
  t.match(JSON.parse((await get("-n", "dev", "-o", "json")).stdout), {
    kind: "List",
    items: [{ metadata: { name: "wide" } }, { metadata: { name: "no-steal" } }],
  });
  t.equal((await get("-A", "-o", "name")).stdout.split("\n").length, 3);
  t.equal((await get("--cluster-policy", "-o", "jsonpath={.items[*].metadata.name}")).stdout, "wide");
  t.match(await get("-n", "qa", "--cluster-policy=false", "-o", "name"), { code: 0, stdout: /\/wide\n$/ });
  const dev = memoryCluster({ apiVersion: "v1", kind: "Namespace", metadata: { name: "dev" } });
  t.match(await runPolicy(["get", "-n", "dev"], dev), { code: 0, stdout: "", stderr: "No policies found.\n" });
  for (const verb of ["get", "list"])
    t.match(await runPolicy([verb, "-n", "nope"], dev), { code: 2, stderr: /namespace "nope" was not found/ });
  t.match(
    await runPolicy(["get", "-n", "nope", "--cluster-policy"], dev),
    { code: 0 },
    "those of the cluster have none",
  );
  t.match(await get("no-steal", "-A"), { code: 2, stderr: /cannot be got by name across all namespaces/ });
});

t.test("create says what lint finds of the new policy", async (t) => {
  const { run } = exampleFolder(t);
  const loose = await run("create", "p", "-n", "dev", "--block", "steal", "--target-path", "deploy/nothing");
  t.equal(loose.code, 0, loose.stderr);
  t.match(loose.stderr, /^(error|warning|note) [a-z-]+: .*\n {2}\S/);
  t.notMatch(loose.stdout, /warning/);
  const there = await run("create", "p", "-n", "dev", "--block", "mirror");
  t.match(there, { code: 4, stderr: /To change it: kubectl mirrord policy edit p -n dev/ });
});

t.test("an edit that was sent and not confirmed says that it may be done", async (t) => {
  for (const [failure, says] of [
    [
      apiFailure(503, "ServiceUnavailable", "try later"),
      /Sent, and not confirmed \(it may be done\):\n {2}update mirrordpolicy/,
    ],
    [apiFailure(409, "Conflict", "the object has been modified"), /^(?![^]*not confirmed)/],
  ] as const) {
    const cluster = stored();
    cluster.patch = () => Promise.reject(failure);
    const run = await edit(inDev, [swap("deploy/web*", "deploy/cart"), (text) => text], cluster);
    t.not(run.code, 0);
    t.match(run.stderr, says);
  }
});
