import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { summaryValue } from "../../../../lib/commands/audit/job/summary-value.ts";
import type { FindingsReport } from "../../../../lib/commands/audit/report-findings.ts";
import { listIn, objectIn } from "../../../../lib/json.ts";
import type { Cluster } from "../../../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../../../lib/kubernetes/object.ts";
import { parseDocuments } from "../../../../lib/yaml.ts";
import { fakeCluster } from "../../../preview/fake-cluster.ts";
import { object } from "../../../preview/objects.ts";
import { readExposition } from "../../../view/exposition.ts";
import { runAudit, runAuditOn } from "../run.ts";
import { kubeconfig, runOnSeveral } from "../clusters/several.ts";

const root = join(import.meta.dirname, "..", "..", "..", "..");
const job = ["--job", "--image", "registry.example/mirrord:1", "--claim", "reports"];
const manifests = async (...more: string[]): Promise<KubernetesObject[]> => {
  const { code, stdout, stderr } = await runAudit({}, ...job, ...more);
  if (code !== 0) throw new Error(stderr);
  return parseDocuments(stdout, { source: "stdout" }) as KubernetesObject[];
};
const podOf = (objects: readonly KubernetesObject[]) => {
  const cronJob = objects.find(({ kind }) => kind === "CronJob");
  const template = objectIn(objectIn(objectIn(objectIn(cronJob?.["spec"])["jobTemplate"])["spec"])["template"]);
  return objectIn(template["spec"]);
};

t.test(
  "the manifests are a namespace of its own, an account with its rights, the ConfigMap, and the CronJob",
  async (t) => {
    const objects = await manifests();
    t.same(
      objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""} ${metadata.name}`),
      [
        "Namespace  mirrord-audit",
        "ServiceAccount mirrord-audit mirrord-audit",
        "ClusterRole  mirrord-audit",
        "ClusterRoleBinding  mirrord-audit",
        "Role mirrord-audit mirrord-audit",
        "RoleBinding mirrord-audit mirrord-audit",
        "ConfigMap mirrord-audit mirrord-audit",
        "CronJob mirrord-audit mirrord-audit",
      ],
    );
    const pod = podOf(objects);
    t.match(pod, {
      serviceAccountName: "mirrord-audit",
      securityContext: { runAsNonRoot: true },
      containers: [
        {
          image: "registry.example/mirrord:1",
          args: ["audit", "--report-to", "/report", "--summary-to", "mirrord-audit/mirrord-audit", "--without-secrets"],
          securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
        },
      ],
      volumes: [{ persistentVolumeClaim: { claimName: "reports" } }],
    });
  },
);

t.test("its rights are to read, but for the one ConfigMap; Secrets and wildcards are not among them", async (t) => {
  const objects = await manifests();
  const rules = objects.flatMap((each) => listIn(each["rules"]).map(objectIn));
  const writing = rules.filter(({ verbs }) => listIn(verbs).some((verb) => verb !== "get" && verb !== "list"));
  t.same(writing, [
    { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "patch"], resourceNames: ["mirrord-audit"] },
  ]);
  t.notMatch(JSON.stringify(rules), /secrets|"\*"/);
});

t.test("in a namespace that is there, at a time of one's own, as JSON", async (t) => {
  const { stdout } = await runAudit({}, ...job, "-n", "tools", "--schedule", "0 3 * * *", "-o", "json");
  const list: { kind: string; items: KubernetesObject[] } = JSON.parse(stdout);
  t.equal(list.kind, "List");
  t.notOk(list.items.some(({ kind }) => kind === "Namespace"));
  t.ok(list.items.every(({ metadata: { namespace = "tools" } }) => namespace === "tools"));
  t.match(list.items.at(-1), { spec: { schedule: "0 3 * * *" } });
});

t.test("exceptions and rules go with it, once they are known to be right", async (t) => {
  const text =
    "kind: AuditConfiguration\nexceptions:\n- {rule: wildcard, owner: sec, reason: INC, expires: 2999-01-01}\n";
  const folder = t.testdir({
    "audit.yaml": text,
    "slip.yaml": "kind: AuditConfig",
    "big.yaml": `${text}#${"x".repeat(2 ** 20)}`,
  });
  const objects = await manifests("--config", join(folder, "audit.yaml"));
  t.match(
    objects.find(({ metadata }) => metadata.name === "mirrord-audit-config"),
    { kind: "ConfigMap", data: { "audit.yaml": text } },
  );
  const pod = podOf(objects);
  t.match(JSON.stringify(pod["containers"]), /"--config","\/config\/audit.yaml"/);
  t.match(pod["volumes"], [{ name: "report" }, { configMap: { name: "mirrord-audit-config" } }]);
  const refused = async (file: string) => await runAudit({}, ...job, "--config", join(folder, file));
  t.match(await refused("slip.yaml"), { code: 2, stdout: "", stderr: /not an AuditConfiguration/ });
  t.match(await refused("big.yaml"), { code: 2, stdout: "", stderr: /does not fit into a ConfigMap/ });
  t.match(await refused("none.yaml"), { code: 2, stdout: "", stderr: /no such file or directory/ });
});

const wrong: { words: string[]; says: RegExp }[] = [
  { words: ["--job", "--claim", "c"], says: /--job needs the image to run/ },
  { words: ["--job", "--image", "i"], says: /--job needs the claim/ },
  { words: ["--image", "i"], says: /--image is for --job/ },
  { words: ["--schedule", "i"], says: /--schedule is for --job/ },
  { words: [...job, "--report-to", "x"], says: /exclude each other/ },
  { words: ["--summary-to", "x"], says: /"x" is not NAMESPACE\/NAME/ },
  { words: ["--summary-to", "a/b/c"], says: /is not NAMESPACE\/NAME/ },
  { words: ["--summary-to", "A/b"], says: /is not NAMESPACE\/NAME/ },
  {
    words: ["--summary-to", "a/b", "--manifests", "x"],
    says: /the one cluster that is looked at, and there is --manifests/,
  },
];
for (const { words, says } of wrong)
  t.test(`audit ${words.join(" ")} is refused`, async (t) => {
    const { code, stdout, stderr } = await runAudit({}, ...words);
    t.same({ code, stdout }, { code: 2, stdout: "" });
    t.match(stderr, says);
  });

t.test("the report and its metrics are written whole, beside what is printed", async (t) => {
  const folder = join(t.testdir({}), "new", "report");
  for (const round of ["first", "again"]) {
    const { code, stdout } = await runAudit({ objects: [] }, "--report-to", folder);
    t.equal(code, 0);
    t.match(stdout, /^Subjects that may start sessions/, round);
    t.match(JSON.parse(readFileSync(join(folder, "audit.json"), "utf8")), { kind: "Audit", items: { length: 0 } });
    const { samples } = readExposition(readFileSync(join(folder, "audit.prom"), "utf8"));
    t.ok(samples.some(({ name }) => name === "mirrord_audit_findings"));
    t.same(readdirSync(folder), ["audit.json", "audit.prom"], "no draft is left");
    t.equal(statSync(join(folder, "audit.json")).mode & 0o777, 0o640);
  }
});

t.test("a report of more than a MiB is written whole", async (t) => {
  const folder = t.testdir({});
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" };
  const objects = Array.from({ length: 2000 }, (_, at) =>
    object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", `b${at}-${"x".repeat(200)}`, {
      roleRef,
      subjects: [{ apiGroup: roleRef.apiGroup, kind: "User", name: `user-${at}` }],
    }),
  );
  const { code, stderr } = await runAudit({ objects }, "--report-to", folder);
  t.equal(code, 0, stderr);
  const text = readFileSync(join(folder, "audit.json"), "utf8");
  t.ok(text.length > 1.5 * 2 ** 20, `${text.length}`);
  const report: { items: unknown[] } = JSON.parse(text);
  t.ok(report.items.length >= objects.length);
});

t.test("a report that cannot be written is exit code 4, and leaves nothing", async (t) => {
  const folder = t.testdir({ file: "x" });
  const { code, stderr } = await runAudit({ objects: [] }, "--report-to", join(folder, "file"));
  t.equal(code, 4);
  t.match(stderr, /the report was not written: .*file/);
  writeFileSync(join(folder, "audit.json.draft"), "left by a run that was killed");
  t.equal((await runAudit({ objects: [] }, "--report-to", folder)).code, 0);
  t.notOk(existsSync(join(folder, "audit.json.draft")));
});

/** A cluster with a ConfigMap, and what is written into it. */
function withSummary(labels: Record<string, string>) {
  const written: KubernetesObject[] = [];
  const objects = [object("v1", "ConfigMap", "summary", { metadata: { labels } }, "audit")];
  const cluster: Cluster = {
    ...fakeCluster({ objects }),
    apply: async (_type, given) => {
      written.push(given);
      return given;
    },
  };
  return { cluster, written };
}

t.test("the summary is written into the ConfigMap that is for it, and into no other", async (t) => {
  const { cluster, written } = withSummary({ "kubectl-mirrord.io/audit": "summary" });
  t.equal((await runAuditOn(cluster, "--summary-to", "audit/summary")).code, 0);
  t.match(written, [{ kind: "ConfigMap", metadata: { name: "summary", namespace: "audit" } }]);
  const matches = new Ajv2020({ strict: true }).compile(
    JSON.parse(readFileSync(join(root, "docs", "schema", "audit-summary.json"), "utf8")),
  );
  const summary: unknown = JSON.parse(String(objectIn(written[0]?.["data"])["summary"]));
  t.ok(matches(summary), JSON.stringify(matches.errors));

  const other = withSummary({ app: "x" });
  t.match(await runAuditOn(other.cluster, "--summary-to", "audit/summary"), { code: 2, stderr: /left as it is/ });
  t.match(await runAuditOn(other.cluster, "--summary-to", "audit/none"), {
    code: 2,
    stderr: /there is no configmap none/,
  });
  t.same(other.written, []);
  const file = kubeconfig(t, ["a", "b"]);
  const several = await runOnSeveral({}, "--context", "a,b", "--kubeconfig", file, "--summary-to", "audit/summary");
  t.match(several, { code: 2, stderr: /the one cluster that is looked at/ });
});

t.test("a summary fits into a ConfigMap, whatever was found", async (t) => {
  const finding = (rule: string) => ({
    rule,
    severity: "error" as const,
    subject: { kind: "Role", name: "x".repeat(250) },
    message: "y".repeat(5000),
    fix: "",
    who: [],
    evidence: [],
  });
  const report: FindingsReport = {
    kind: "Audit",
    findings: Array.from({ length: 20_000 }, (_, at) => finding(`${at % 5000}-${"z".repeat(200)}`)),
    rules: {},
    skipped: Array.from({ length: 1000 }, () => "s".repeat(10_000)),
    leftOut: [],
    excepted: 0,
    clusters: [],
    now: new Date(0),
  };
  const text = JSON.stringify(summaryValue(report));
  t.ok(text.length < 2 ** 18, `${text.length}`);
  t.match(JSON.parse(text), { summary: { high: 20_000 }, complete: false, time: "1970-01-01T00:00:00.000Z" });
});
