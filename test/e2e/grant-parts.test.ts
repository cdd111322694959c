import t from "tap";
import { until } from "../until.ts";
import { startExampleCluster } from "./example-cluster.ts";
import { grantProbe } from "./grants.ts";

// What a grant is made of, on a real API server: a subject, a role and a resource set, each of them on purpose.
const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());
const { grant, json, api, labelled, may, settled } = grantProbe(cluster);
const intents = async () =>
  (await labelled("clusterrolebindings")).map(
    ({ metadata }) => metadata.annotations?.["kubectl-mirrord.io/intent"] ?? "",
  );

t.test("MKE-5, MKE-22: without a resource set there is no grant, and a namespace is not a path", async (t) => {
  t.match(await grant("jim"), {
    code: 2,
    stderr: /a grant needs a subject, a role and namespaces; missing: namespaces/,
  });
  t.match(await grant("jim", "--role", "", "--ns", "dev"), { code: 2, stderr: /unknown role/ });
  t.match(await grant("jim", "--ns", "dev/web"), { code: 2, stderr: /Namespaces cannot be nested/ });
  t.same(await intents(), []);
});

t.test("MKE-11: a service account is the one of its namespace, and no namesake", async (t) => {
  for (const namespace of ["dev", "qa"])
    await api("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: "ci" } });
  t.match(await grant("sa:ci", "--ns", "dev"), { code: 2, stderr: /sa:NAMESPACE\/NAME/ });
  t.match(await grant("sa:dev/ci", "--ns", "dev"), { code: 0 });
  await settled("yes", "system:serviceaccount:dev:ci", "dev");
  t.notOk(await may("system:serviceaccount:qa:ci", "dev"));
});

t.test(
  "MKE-6, MKE-16, MKE-24: one subject on a collection and on a namespace, each grant with its three parts",
  async (t) => {
    await grant("collection", "create", "prod");
    await grant("collection", "assign", "prod", "--ns", "qa");
    t.match(await grant("ana", "--collection", "prod", "--role", "view", "--accept-label-risk"), { code: 0 });
    t.match(await grant("ana", "--ns", "dev"), { code: 0 });
    const { items } = await json<{ items: { subject: string; role: string; namespaces: string[]; id: string }[] }>(
      "list",
      "ana",
    );
    t.match(items, [
      { subject: "ana", role: "user", namespaces: ["dev"] },
      { subject: "ana", role: "view", namespaces: ["qa"] },
    ]);
    const stored = (await intents()).map((text) => JSON.parse(text) as Record<string, unknown>);
    for (const { version, subject, role = "user", ...more } of stored) {
      t.match([version, subject, role], [1, {}, String]);
      t.ok("namespaces" in more || "selectors" in more, "a resource set");
    }
    await settled("yes", "ana", "dev");
    t.notOk(await may("ana", "qa"));
  },
);

t.test("MIR-18: a preview says which Secrets a session would show that the user cannot read", async (t) => {
  const preview = () =>
    cluster.kubectl(
      "admin",
      "mirrord",
      "can-i",
      "deploy/web",
      "-n",
      "dev",
      "--as",
      "ana",
      "--as-group",
      "system:authenticated",
      "--explain",
    );
  // Each of its bindings reaches the authorizer in its own moment.
  const said = await until("can-i says yes", async () => {
    const answer = await preview();
    return answer.code === 0 && answer;
  });
  t.match(said, { code: 0, stdout: /^yes[^]*web-session/ });
});
