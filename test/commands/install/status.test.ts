import t from "tap";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { apiError } from "../../../lib/kubernetes/api-error.ts";
import { apiFailure, memoryCluster } from "../../kube/memory-cluster.ts";
import { installedCluster, operatorAnswer } from "../../install/installed-cluster.ts";
import { runInstall, schemaErrors } from "./install-world.ts";

interface Document {
  findings: { rule: string; message: string; subject: { name: string } }[];
  needs: { plugin: string; needs: string; state: string }[];
  definitions: { state: string }[];
  [field: string]: unknown;
}

const json = (text: string) => JSON.parse(text) as Document;

interface Schema {
  openAPIV3Schema: Record<string, unknown>;
}

type Change = (object: KubernetesObject) => KubernetesObject | undefined;

/** Changes the objects of one kind, or the one with this name. */
const only =
  (kind: string, change: Change, name?: string): Change =>
  (object) =>
    object.kind === kind && (name ?? object.metadata.name) === object.metadata.name ? change(object) : object;

const withStatus =
  (status: object): Change =>
  (object) => ({ ...object, status });

t.test("of a sound installation there is nothing to say, and what grant and policy need is there", async (t) => {
  const cluster = installedCluster();
  const { code, stdout, stderr } = await runInstall(cluster, ["status", "-o", "json"]);
  t.match({ code, stderr }, { code: 0, stderr: "" });
  t.equal(schemaErrors("install-status.json", stdout), "No errors");
  const document = json(stdout);
  t.same(document.findings, []);
  t.match(document, {
    kind: "InstallationStatus",
    namespace: "mirrord",
    version: { chart: "3.187.0", installed: "3.187.0", answers: "3.187.0" },
    license: { expiresAt: "2027-11-22", daysLeft: 366 },
    replicas: { wanted: 1, ready: 1 },
    apiService: { state: "available" },
    sessions: 0,
  });
  t.equal(document["owner"], undefined);
  t.same(
    document.needs.map(({ needs, state }) => `${needs} ${state}`),
    [
      "clusterrole mirrord-operator-user there",
      "clusterrole mirrord-operator-user-basic there",
      "policy kubectl-mirrord-grants missing",
      "policy kubectl-mirrord-anchors missing",
      "policy kubectl-mirrord-namespaces missing",
      "definition organizations.access.kubectl-mirrord.io missing",
      "cronjob mirrord-access/mirrord-access missing",
      "definition mirrordpolicies.policies.mirrord.metalbear.co there",
      "definition mirrordclusterpolicies.policies.mirrord.metalbear.co there",
    ],
  );
  t.same(cluster.writes, [], "nothing is written");
  t.notMatch(stdout, "secret-key");
  const table = await runInstall(cluster, ["status"]);
  t.match(table, { code: 0, stderr: "" });
  t.match(
    table.stdout,
    /^Namespace: +mirrord\nInstalled by: .*\nVersion: +3\.187\.0\nLicence: +Acme, until 2027-11-22/,
  );
});

t.test("a finding is shown with its severity, and an error is the exit code", async (t) => {
  const isDown = only("APIService", withStatus({ conditions: [{ type: "Available", status: "False" }] }));
  const ran = await runInstall(installedCluster(isDown), ["status", "-o", "json"]);
  t.equal(ran.code, 1);
  t.equal(schemaErrors("install-status.json", ran.stdout), "No errors");
  const table = await runInstall(installedCluster(isDown), ["status"]);
  t.match(table.stdout, /\nerror +api-service-down/);
});

t.test("a definition with other limits is told from one with other fields", async (t) => {
  const name = "mirrordpolicies.policies.mirrord.metalbear.co";
  const limited = only(
    "CustomResourceDefinition",
    (object) => {
      const changed = structuredClone(object) as KubernetesObject & { spec: { versions: { schema: Schema }[] } };
      changed.spec.versions[0]!.schema.openAPIV3Schema["maxProperties"] = 9;
      return changed;
    },
    name,
  );
  const { stdout } = await runInstall(installedCluster(limited), ["status"]);
  t.match(stdout, /\nDefinitions: .*1 with other limits/);
});

t.test("where there is nothing, that is all there is to say", async (t) => {
  const { code, stdout } = await runInstall(memoryCluster(), ["status", "-o", "json"]);
  t.equal(code, 1);
  t.same(
    json(stdout).findings.map(({ rule }) => rule),
    ["not-installed"],
  );
  t.equal(schemaErrors("install-status.json", stdout), "No errors");
});

t.test("what may not be read is named, and is not called missing", async (t) => {
  const cluster = installedCluster();
  const { get, list } = cluster;
  const refused = new Set(["ClusterRole", "CustomResourceDefinition", "APIService", "Deployment"]);
  const forbid = (kind: string) => {
    if (refused.has(kind)) throw apiFailure(403, "Forbidden", `${kind} is forbidden`);
  };
  cluster.get = async (type, ...place) => {
    forbid(type.kind);
    return await get(type, ...place);
  };
  cluster.list = async function* (type, options) {
    forbid(type.kind);
    yield* list(type, options);
  };
  const { code, stdout } = await runInstall(cluster, ["status", "-o", "json"]);
  const document = json(stdout);
  t.equal(code, 3);
  t.match(document["apiService"], { state: "unreadable" });
  t.same(document.findings, []);
  t.match(document["unreadable"], ["apiservices", "clusterroles", "customresourcedefinitions", "deployments"]);
});

t.test("of what may not be read nothing is said, not even that it is none", async (t) => {
  const cluster = installedCluster();
  const { list } = cluster;
  const refused = apiFailure(403, "Forbidden", "forbidden");
  cluster.get = () => Promise.reject(refused);
  cluster.list = async function* (type, options) {
    if (type.kind !== "") throw refused;
    yield* list(type, options);
  };
  const { code, stdout } = await runInstall(cluster, ["status"]);
  t.equal(code, 3);
  const values = Object.fromEntries(stdout.split("\n").map((line) => line.split(/: +/)));
  for (const what of ["Installed by", "Version", "Licence", "Replicas", "Definitions", "Grant sync", "Sessions"])
    t.equal(values[what], "unknown", what);
  const printed = await runInstall(cluster, ["status", "-o", "json"]);
  t.equal(schemaErrors("install-status.json", printed.stdout), "No errors");
  const document = json(printed.stdout);
  for (const field of ["owner", "license", "replicas", "definitions", "sessions"]) t.notOk(field in document, field);
  t.same(document["version"], { chart: "3.187.0" });
  t.strictSame(Object.keys(document["sync"] ?? {}), ["why"]);
});

t.test("where there is no operator, what it would say is none", async (t) => {
  const { stdout } = await runInstall(memoryCluster(), ["status"]);
  t.match(stdout, /^Installed by: +nobody\nVersion: +<none>\nLicence: +<none>\nReplicas: +<none>\n/m);
  t.match(stdout, /^Sessions: +<none>$/m);
});

t.test("Helm's installation is Helm's", async (t) => {
  const annotations = { "meta.helm.sh/release-name": "m", "meta.helm.sh/release-namespace": "default" };
  const cluster = installedCluster((object) => ({ ...object, metadata: { ...object.metadata, annotations } }));
  const { stdout } = await runInstall(cluster, ["status", "-o", "json"]);
  t.match(json(stdout)["owner"], { kind: "Helm release", name: "m", namespace: "default" });
  t.match((await runInstall(cluster, ["status"])).stdout, /Installed by: +Helm release m in namespace default/);
});

t.test("an older operator is told from what this program installs", async (t) => {
  const cluster = installedCluster(
    only("MirrordOperator", () => operatorAnswer({ operator_version: "3.180.0" })),
    {
      operator: { imageTag: "3.179.0" },
    },
  );
  const { stdout } = await runInstall(cluster, ["status"]);
  t.match(stdout, /Version: +3\.179\.0, and 3\.180\.0 answers \(this program installs 3\.187\.0\)/);
});

for (const [output, want] of [
  ["json", /^\{"apiVersion".*"ready":1.*\n\{.*"ready":0.*\n$/],
  ["yaml", /^---\napiVersion[^]*ready: 1[^]*\n---\n[^]*ready: 0/],
  ["table", /Replicas: +1 of 1 ready[^]*Replicas: +0 of 1 ready/],
] as const) {
  t.test(`-w -o ${output} shows what changed, and goes on after a failure`, async (t) => {
    const cluster = installedCluster();
    const { get } = cluster;
    const stop = new AbortController();
    let looks = 0;
    cluster.get = async (type, ...place) => {
      if (type.kind === "Deployment") {
        looks += 1;
        if (looks === 2) throw apiError("GET", 500, "");
        if (looks === 3)
          cluster.put(
            ...cluster
              .objects()
              .map(only("Deployment", withStatus({ updatedReplicas: 1 })))
              .flatMap((one) => one ?? []),
          );
        if (looks === 4) stop.abort();
      }
      return await get(type, ...place);
    };
    const ran = await runInstall(cluster, ["status", "-w", "--interval", "100ms", "-o", output], () => ({
      signal: stop.signal,
    }));
    t.equal(ran.code, 0);
    t.match(ran.stdout, want);
  });
}
