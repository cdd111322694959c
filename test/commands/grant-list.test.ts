import t from "tap";
import type { Cluster } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { MemoryCluster } from "../kube/memory-cluster.ts";
import { exampleFolder, exampleMemory, runGrant } from "./grant-world.ts";

async function granted(...grants: string[]): Promise<MemoryCluster> {
  const cluster = exampleMemory();
  for (const line of grants) {
    const run = await runGrant(line.split(" "), { cluster });
    if (run.code !== 0) throw new Error(run.stderr);
  }
  return cluster;
}

const subjects = async (cluster: Cluster, line = ""): Promise<string[]> => {
  const words = line === "" ? [] : line.split(" ");
  const run = await runGrant(["list", ...words, "-o", "jsonpath={.items[*].subject}"], { cluster });
  if (run.error !== undefined) throw run.error;
  return run.stdout.split(" ").filter((word) => word !== "");
};

t.test("grants are listed by subject, then role and place; --sort-by is kubectl's", async (t) => {
  const cluster = await granted(
    "zoe --ns dev --for 8h",
    "ana --ns qa",
    "group:web --ns dev --for 2h",
    "ana --ns dev --role view",
  );
  t.same(await subjects(cluster), ["ana", "ana", "group:web", "zoe"]);
  const { stdout } = await runGrant(["list", "ana", "-o", "jsonpath={.items[*].role}"], { cluster });
  t.equal(stdout, "user view");
  t.same(await subjects(cluster, "--sort-by expiresAt"), ["ana", "ana", "group:web", "zoe"]);
  t.same(await subjects(cluster, "--sort-by {.namespaces[0]}"), ["ana", "group:web", "zoe", "ana"]);
  t.same(await subjects(cluster, "--sort-by .role"), ["ana", "group:web", "zoe", "ana"]);
  t.same(await subjects(await granted("jim --ns dev"), "--sort-by expiresAt"), ["jim"], "nothing ends");
  t.same(await subjects(exampleMemory(), "--sort-by nonsense"), [], "nothing to sort");
  const refused: [string, RegExp][] = [
    ["nonsense", /^couldn't find any field with path "\{\.nonsense\}" in the list of objects$/],
    ["{.a[}", /^--sort-by: unterminated array$/],
    ["findings", /^--sort-by: cannot sort by "\{\.findings\}": invalid type for comparison$/],
  ];
  for (const [path, message] of refused)
    await t.rejects(subjects(cluster, `--sort-by ${path}`), { kind: "usage", message }, path);
});

t.test("-l chooses by the labels of the binding that carries the grant", async (t) => {
  const cluster = await granted("ana --ns qa", "jim --ns dev");
  const binding = cluster
    .objects()
    .find(({ kind, metadata }) => kind === "ClusterRoleBinding" && metadata.name?.includes("jim"));
  cluster.put(withLabels(binding!, { team: "web" }), {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "by-hand", namespace: "qa", labels: { team: "web" } },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "mirrord-operator-user" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "eve" }],
  });
  t.same(await subjects(cluster, "-l team=web"), ["eve", "jim"]);
  t.same(await subjects(cluster, "-l team!=web"), ["ana"]);
  t.same(await subjects(cluster, "-l team=web jim"), ["jim"]);
  t.same(await subjects(cluster, "-l nobody"), []);
  await t.rejects(subjects(cluster, "-l a=b=c"), { kind: "usage", message: /unable to parse label selector/ });
});

t.test("files are filtered and sorted alike", async (t) => {
  const folder = exampleFolder(t);
  for (const line of ["zoe --ns dev", "ana --ns dev --role view"])
    await runGrant([...line.split(" "), "--manifests", folder]);
  const listed = async (...words: string[]) =>
    (await runGrant(["list", "-f", folder, ...words, "-o", "custom-columns=S:.subject", "--no-headers"])).stdout;
  t.equal(await listed(), "ana\nzoe\n");
  t.equal(await listed("--sort-by", "role"), "zoe\nana\n");
  t.equal(await listed("-l", "app.kubernetes.io/managed-by!=kubectl-mirrord"), "");
  t.equal(await listed("zoe"), "zoe\n");
});

const withLabels = (object: KubernetesObject, labels: Record<string, string>): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } },
});

/** What `list -w` prints while the steps are done, each after what came before has been shown; then Ctrl-C. */
async function watched(
  cluster: MemoryCluster,
  words: readonly string[],
  steps: readonly (() => Promise<unknown>)[],
  { terminal = false, reader = true } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const abort = new AbortController();
  const bells = new Set<() => void>();
  const rung: Cluster = {
    ...cluster,
    async *watch() {
      while (!abort.signal.aborted) {
        const bell = Promise.withResolvers<void>();
        bells.add(bell.resolve);
        abort.signal.addEventListener("abort", () => bell.resolve());
        await bell.promise;
        yield { type: "MODIFIED", object: { apiVersion: "v1", kind: "X", metadata: {} } };
      }
    },
  };
  const left = [...steps];
  return await runGrant(["list", "-w", ...words], {
    cluster: rung,
    change: {
      signal: abort.signal,
      isTerminal: { stdin: false, stdout: terminal, stderr: terminal },
      printed: async () => {
        const next = left.shift();
        if (next === undefined) abort.abort();
        await next?.();
        setImmediate(() => {
          for (const ring of bells) ring();
        });
        return reader;
      },
    },
  });
}

t.test("-w shows grants as they come and go", async (t) => {
  const cluster = await granted("ana --ns qa");
  const add = async () => await runGrant(["jim", "--ns", "dev"], { cluster });
  const take = async () => await runGrant(["revoke", "ana"], { cluster });
  const lines = await watched(cluster, ["-o", "json"], [add, take]);
  t.equal(lines.code, 0, lines.stderr);
  const events = lines.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; grant: { subject: string } });
  t.same(
    events.map(({ type, grant }) => `${type} ${grant.subject}`),
    ["ADDED ana", "ADDED jim", "DELETED ana"],
  );
  const piped = await watched(cluster, [], [take]);
  t.equal(piped.stdout.split("\n").filter((line) => line.startsWith("ID ")).length, 1, "the same table once");
  const redrawn = await watched(cluster, ["nobody"], [], { terminal: true });
  t.equal(redrawn.stdout, "\u001b[H\u001b[2J\u001b[3JNo grants found.\n");
  t.equal((await watched(cluster, [], [add], { reader: false })).code, 0, "ends when nobody reads");
  const types = await watched(cluster, ["-o", 'jsonpath={.type} {.grant.subject}{"\\n"}'], []);
  t.equal(types.stdout, "ADDED jim\n");
});

t.test("what cannot be watched is refused", async (t) => {
  const cluster = await granted("ana --ns qa");
  for (const [words, message] of [
    [["-o", "yaml"], "-o yaml is not for watching"],
    [["-f", "x"], "--filename is not for watching"],
    [["--manifests", "x"], "--manifests is not for watching"],
  ] as const) {
    const { code, error } = await runGrant(["list", "-w", ...words], { cluster });
    t.equal(code, 2);
    t.equal(error?.message, message);
  }
});
