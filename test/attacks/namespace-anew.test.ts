import t from "tap";
import { startExampleCluster } from "../e2e/example-cluster.ts";
import { grantProbe } from "../e2e/grants.ts";
import { until } from "../until.ts";

// A namespace that was deleted and made anew under its name is somebody else's: the old grant is not for it.
const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());
const { grant, labelled, api, may, settled } = grantProbe(cluster);

/** The access model's policy stands, so that sync asks nothing by itself. */
const admission = "/apis/admissionregistration.k8s.io/v1";
const apiGroups = ["rbac.authorization.k8s.io"];
const metadata = { name: "kubectl-mirrord-grants" };
await api("POST", `${admission}/validatingadmissionpolicies`, {
  metadata,
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups, apiVersions: ["v1"], operations: ["CREATE"], resources: ["clusterrolebindings"] }],
    },
    validations: [{ expression: "true" }],
  },
});
await api("POST", `${admission}/validatingadmissionpolicybindings`, {
  metadata,
  spec: { validationActions: ["Deny"], policyName: metadata.name },
});

async function makeAnew(name: string): Promise<void> {
  await cluster.kubectl("admin", "delete", "namespace", name);
  const made = await cluster.kubectl("admin", "create", "namespace", name);
  t.equal(made.code, 0, made.stderr);
}

t.test("sync gives a namespace made anew nothing without --yes", async (t) => {
  await api("POST", "/api/v1/namespaces", { metadata: { name: "team" } });
  t.equal((await grant("jim", "--ns", "team", "--ns", "dev")).code, 0);
  await settled("yes", "jim", "team");
  t.equal((await grant("sync")).code, 0, "nothing is to be done");
  await makeAnew("team");

  t.match((await grant("list", "jim")).stdout, / namespace anew /);
  t.match((await grant("describe", "jim")).stdout, /namespace team was deleted and made anew/);
  const synced = await grant("sync");
  t.equal(synced.code, 4, synced.stderr);
  t.match(synced.stderr, /namespace team was deleted and made anew.*--yes/);
  t.same(await labelled("rolebindings", "team"), []);
  t.equal(await may("jim", "team"), false);
  t.equal(await may("jim", "dev"), true, "the other namespace keeps it");

  const narrowed = await grant("revoke", "jim", "--ns", "dev");
  t.equal(narrowed.code, 2, "nor does it get it as the rest of a grant");
  t.same(await labelled("rolebindings", "team"), []);

  const meant = await grant("sync", "-y");
  t.equal(meant.code, 0, meant.stderr);
  await settled("yes", "jim", "team");
  t.equal((await grant("sync")).code, 0, "it is recorded now");
  t.match((await grant("list", "jim")).stdout, / ok /);
});

t.test("nor does extend", async (t) => {
  await api("POST", "/api/v1/namespaces", { metadata: { name: "short" } });
  t.equal((await grant("ann", "--ns", "short", "--for", "1h")).code, 0);
  await makeAnew("short");
  const refused = await grant("extend", "ann", "--for", "2h");
  t.equal(refused.code, 2, refused.stdout);
  t.match(refused.stderr, /namespace short was deleted and made anew[\s\S]*--yes/);
  t.same(await labelled("rolebindings", "short"), []);
  const meant = await grant("extend", "ann", "--for", "2h", "--yes");
  t.equal(meant.code, 0, meant.stderr);
  await until("it holds", async () => (await labelled("rolebindings", "short")).length > 0);
});
