// A preview environment, judged and run: what can-i preview says of each user is what a client gets that starts one.
import t from "tap";
import { connect } from "../../lib/commands/connect.ts";
import { previewSession } from "../../lib/preview/preview.ts";
import { installPreviewCrd, previewApi } from "../operator/preview-crd.ts";
import { until } from "../until.ts";
import { startExampleCluster } from "./example-cluster.ts";
import { grantProbe } from "./grants.ts";
import { tryPreview } from "./preview-client.ts";

const cluster = await startExampleCluster();
const { plane, operator } = cluster;
t.teardown(() => cluster.stop());
await installPreviewCrd(plane);
operator.control.offerPreviews();
const { api } = grantProbe(cluster);
const previews = `${previewApi}/previewsessions`;

const rule = (apiGroup: string, resource: string, ...verbs: string[]) => ({
  apiGroups: [apiGroup],
  resources: [resource],
  verbs,
});
const preview = (verb: string) => rule("preview.mirrord.metalbear.co", "previewsessions", verb);
const rights: Record<string, ReturnType<typeof rule>> = {
  operator: rule("operator.metalbear.co", "mirrordoperators", "get"),
  target: rule("operator.metalbear.co", "targets", "get"),
  deployment: rule("apps", "deployments", "get"),
  pods: rule("", "pods", "list"),
  list: preview("list"),
  create: preview("create"),
  watch: preview("watch"),
};
const endsAt: Record<string, string> = { deployment: "native", pods: "native" };

async function give(user: string, rules: readonly object[]): Promise<void> {
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  const name = `preview-${user}`;
  await api("POST", `${rbac}/clusterroles`, { metadata: { name }, rules });
  await api("POST", `${rbac}/clusterrolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }],
  });
}

async function judge(user: string) {
  const own = await connect(
    { kubeconfig: plane.kubeconfig, token: plane.token(user) },
    { env: {}, signal: new AbortController().signal, warn: () => undefined },
  );
  const question = { action: "preview", target: { kind: "deployment", name: "web" }, namespace: "dev" } as const;
  const { verdict, checks } = await previewSession(own, question, { explain: false, exposure: false, now: new Date() });
  own.close();
  return { ...verdict, refused: checks.filter(({ required, answer }) => required && answer === "no").length };
}

const wanted = { namespace: "dev", deployment: "web" };

for (const missing of [undefined, ...Object.keys(rights)]) {
  const user = `without-${missing ?? "nothing"}`;
  t.test(`a user ${user.replace("-", " ")}`, async (t) => {
    await give(
      user,
      Object.entries(rights).flatMap(([right, rules]) => (right === missing ? [] : [rules])),
    );
    // The authorizer follows a moment later: then only the one right is missing.
    const said = await until("the rights are known", async () => {
      const verdict = await judge(user);
      return verdict.refused === (missing === undefined ? 0 : 1) && verdict;
    });
    const outcome = await tryPreview(plane, plane.token(user), wanted);
    t.same(
      outcome,
      missing === undefined ? { works: true, at: "Ready" } : { works: false, at: endsAt[missing] ?? missing },
    );
    t.equal(said.answer, outcome.works ? "yes" : "no", said.reason);
  });
}

t.test("it is taken up, shown, and gone when it is deleted", async (t) => {
  await api("DELETE", `${previewApi}/namespaces/mirrord/previewsessions`);
  const user = "without-nothing";
  t.same(await tryPreview(plane, plane.token(user), wanted), { works: true, at: "Ready" });
  const shown = async () => (await cluster.kubectl("admin", "mirrord", "session", "list", "-A")).stdout;
  const row = await until("the operator shows it", async () => {
    return (await shown()).split("\n").find((line) => line.includes("deploy-web-")) ?? false;
  });
  t.match(row, /dev .*deployment\/web/);
  const { items } = (await api("GET", previews)) as { items: { status: object }[] };
  t.match(items, [{ status: { phase: "Ready", startedAt: String, expiresAt: String } }]);
  await api("DELETE", `${previewApi}/namespaces/mirrord/previewsessions`);
  await until("the operator shows it no more", async () => !(await shown()).includes("deploy-web-"));
});

t.test("of what is not there, it fails with the operator's words", async (t) => {
  const missing = await tryPreview(plane, plane.token("without-nothing"), { namespace: "dev", deployment: "nope" });
  t.same(missing, { works: false, at: "target" });
  t.equal((await cluster.kubectl("admin", "mirrord", "can-i", "preview", "deploy/nope", "-n", "dev")).code, 1);
});
