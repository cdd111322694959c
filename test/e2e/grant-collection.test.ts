import t from "tap";
import { startExampleCluster } from "./example-cluster.ts";
import { grantProbe } from "./grants.ts";

// Collections on a real API server: labels, bindings and what the server says of access.
const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());
const { grant, labelled, api, settled, may, remove } = grantProbe(cluster);
const collection = (...words: string[]) => grant("collection", ...words);
const labels = async (name: string) =>
  ((await api("GET", `/api/v1/namespaces/${name}`)) as { metadata: { labels: Record<string, string> } }).metadata
    .labels;

t.test(
  "MKE-4, MKE-17: a grant on prod reaches a namespace in prod/web, and one on prod/web none in prod",
  async (t) => {
    t.match(await collection("create", "prod/web"), { code: 0, stdout: "Made prod and prod/web.\n" });
    t.match(await collection("assign", "prod/web", "--ns", "dev"), { code: 0 });
    const listed = await cluster.kubectl(
      "admin",
      "get",
      "namespaces",
      "-l",
      "collection.kubectl-mirrord.io/prod",
      "-o",
      "name",
    );
    t.equal(listed.stdout, "namespace/dev\n");
    t.match(await grant("jim", "--collection", "prod", "--accept-label-risk"), {
      code: 0,
      stdout: /jim can now .* in dev/,
    });
    await settled("yes", "jim", "dev");
    t.notOk(await may("jim", "qa"));
    t.match(await collection("assign", "prod", "--ns", "qa"), { code: 0, stdout: /jim gets/ });
    await settled("yes", "jim", "qa");
    await grant("ann", "--collection", "prod/web", "--accept-label-risk");
    await settled("yes", "ann", "dev");
    t.notOk(await may("ann", "qa"), "what is above is not reached");
  },
);

t.test(
  "MKE-18: a move takes away what the old place gave, and gives what the new one does, in one command",
  async (t) => {
    await collection("create", "test");
    await grant("eve", "--collection", "test", "--accept-label-risk");
    const moved = await collection("move", "--ns", "dev", "test");
    t.equal(moved.code, 0, moved.stderr);
    t.match(moved.stdout, /eve gets[^]*(jim|ann)[^]* no longer/);
    await settled("yes", "eve", "dev");
    await settled("no", "jim", "dev");
    await settled("no", "ann", "dev");
    t.match((await collection("tree")).stdout, /prod\/\n {2}qa\n {2}web\/\ntest\/\n {2}dev\n/);
    t.match(await grant("sync", "--check"), { code: 0 }, "nothing is left to do");
  },
);

t.test("MKE-19: a namespace that kubectl labels with a path is completed and followed by sync", async (t) => {
  const label = (...words: string[]) => cluster.kubectl("admin", "label", "namespace", "dev", "--overwrite", ...words);
  t.equal((await label("kubectl-mirrord.io/collection=prod.web")).code, 0);
  t.match(await grant("sync", "--check"), { code: 1, stdout: /namespace\/dev configured/ });
  t.match(await grant("sync", "-y"), { code: 0 });
  t.match(await labels("dev"), {
    "collection.kubectl-mirrord.io/prod": "",
    "collection.kubectl-mirrord.io/prod.web": "",
  });
  t.notOk("collection.kubectl-mirrord.io/test" in (await labels("dev")));
  await settled("yes", "ann", "dev");
  await settled("no", "eve", "dev");
  t.match(await grant("sync", "--check"), { code: 0 });
});

t.test("MKE-21: what belongs to Kubernetes or to the operator is in no collection", async (t) => {
  for (const namespace of ["kube-system", "mirrord", "mirrord-access"])
    t.match(await collection("assign", "prod", "--ns", namespace), { code: 2, stderr: /can be in no collection/ });
  await cluster.kubectl("admin", "label", "namespace", "kube-system", "collection.kubectl-mirrord.io/prod=");
  t.match(await grant("sync", "-y"), { code: 0 });
  t.same(await labelled("rolebindings", "kube-system"), [], "a label there gives nobody anything");
  await cluster.kubectl("admin", "label", "namespace", "kube-system", "collection.kubectl-mirrord.io/prod-");
});

t.test("two administrators who change collections at once lose nothing", async (t) => {
  const paths = Array.from({ length: 6 }, (_, at) => `many/n${at}`);
  const made = await Promise.all(paths.map((path) => collection("create", path)));
  t.same(
    made.map(({ code, stderr }) => (code === 0 ? "" : stderr)).filter((text) => text !== ""),
    [],
  );
  const { stdout } = await collection("list", "-o", "name");
  t.same(
    stdout.split("\n").filter((line) => line.startsWith("collection/many/")),
    paths.map((path) => `collection/${path}`),
  );
});

t.test("deleting with --cascade leaves no label, no grant and no access", async (t) => {
  t.match(await collection("delete", "prod"), { code: 2, stderr: /--cascade/ });
  t.match(await collection("delete", "prod", "--cascade", "-y"), {
    code: 0,
    stdout: /In no collection now: dev, qa\./,
  });
  for (const user of ["jim", "ann"]) await settled("no", user, "dev");
  t.notMatch(Object.keys(await labels("dev")).join(), /collection/);
  t.match(
    (await labelled("clusterrolebindings")).map(({ metadata }) => metadata.name),
    [/eve/],
  );
  await remove();
});
