import t from "tap";
import { administratorQuestions } from "../../lib/install/secure-defaults/obstacles.ts";
import { listIn, objectIn } from "../../lib/json.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { until } from "../until.ts";
import { startExampleCluster } from "./example-cluster.ts";
import { grantProbe } from "./grants.ts";

// What `install --sync` installs, on a real API server: its account can do all that grant sync writes, and nothing more.
const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());
const { grant, labelled, api, may, settled } = grantProbe(cluster);
const install = (...words: string[]) => cluster.kubectl("admin", "mirrord", "install", ...words);
const asSync = "--as=system:serviceaccount:mirrord-access:mirrord-access";
const sync = (...words: string[]) => grant("sync", ...words, asSync);
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const get = async (path: string) => (await api("GET", path)) as KubernetesObject;

const image = "registry.example/kubectl-mirrord:1";

t.test("without an image that is known it is refused, and says where one comes from", async (t) => {
  const { code, stderr } = await install("--sync", "-y");
  t.equal(code, 2);
  t.match(stderr, /no image is known that holds kubectl-mirrord[^]*Dockerfile[^]*--sync-image IMAGE/);
});

t.test("what waits in its namespace, or for its role, is refused before anything is written", async (t) => {
  const metadata = { name: "waits" };
  const template = { spec: { restartPolicy: "Never", containers: [{ name: "x", image: "x" }] } };
  await api("POST", "/api/v1/namespaces", { metadata: { name: "mirrord-access" } });
  const waiting: [path: string, object: object, says: RegExp][] = [
    [
      `${rbac}/clusterrolebindings`,
      {
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "mirrord-access-sync" },
        subjects: [{ kind: "User", name: "mallory" }],
      },
      /clusterrolebinding waits binds mirrord-access-sync to mallory/,
    ],
    [
      "/apis/batch/v1/namespaces/mirrord-access/cronjobs",
      { metadata, spec: { schedule: "0 0 1 1 *", suspend: true, jobTemplate: { spec: { template } } } },
      /cronjob waits in namespace mirrord-access can run as the account of grant sync/,
    ],
  ];
  for (const [path, object, says] of waiting) {
    await api("POST", path, object);
    const refused = await install("--sync", "--sync-image", image, "-y");
    t.equal(refused.code, 2, refused.stdout);
    t.match(refused.stderr, says);
    await api("DELETE", `${path}/waits`);
  }
  const { items: accounts } = (await get("/api/v1/namespaces/mirrord-access/serviceaccounts")) as unknown as {
    items: KubernetesObject[];
  };
  t.notOk(
    accounts.some((each) => each.metadata.name === "mirrord-access"),
    "nothing was written",
  );
  await api("DELETE", "/api/v1/namespaces/mirrord-access");
  await until("the namespace is gone", async () => {
    const { items } = (await get("/api/v1/namespaces")) as unknown as { items: KubernetesObject[] };
    return !items.some((each) => each.metadata.name === "mirrord-access");
  });
});

t.test("it is installed once, and the same again writes nothing", async (t) => {
  const looked = await install("--sync", "--sync-image", image, "--dry-run=server");
  t.equal(looked.code, 0, looked.stderr);
  t.match(looked.stdout, /cronjob.batch\/mirrord-access in namespace mirrord-access created \(server dry run\)/);
  const first = await install("--sync", "--sync-image", image, "-y");
  t.equal(first.code, 0, first.stderr);
  t.match(first.stderr, /nothing keeps others from writing grants/);
  const job = await get("/apis/batch/v1/namespaces/mirrord-access/cronjobs/mirrord-access");
  const again = await install("--sync", "-y");
  t.equal(again.code, 0, again.stderr);
  t.match(again.stdout, /Nothing was changed/, "the image that runs is known");
  // Its controller writes when it ran, every five minutes.
  t.equal(
    (await get("/apis/batch/v1/namespaces/mirrord-access/cronjobs/mirrord-access")).metadata["generation"],
    job.metadata["generation"],
  );
});

t.test("its pod is taken where Pod Security is restricted", async (t) => {
  const label = { metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } } };
  await api("PATCH", "/api/v1/namespaces/mirrord-access", label, "application/merge-patch+json");
  const words = ["create", "job", "by-hand", "--from=cronjob/mirrord-access", "-n", "mirrord-access"];
  const made = await cluster.kubectl("admin", ...words);
  t.equal(made.code, 0, made.stderr);
  await until("the Job has a pod", async () => {
    const { status } = await get("/apis/batch/v1/namespaces/mirrord-access/jobs/by-hand");
    return Number(objectIn(status)["active"] ?? 0) + Number(objectIn(status)["failed"] ?? 0) > 0;
  });
  await api("DELETE", "/apis/batch/v1/namespaces/mirrord-access/jobs/by-hand?propagationPolicy=Background");
});

/** As the access model guards them, for as long as this test needs it. */
async function guardGrants(): Promise<void> {
  const name = "kubectl-mirrord-grants";
  const path = "/apis/admissionregistration.k8s.io/v1";
  const expression = administratorQuestions
    .map((question) => ("resource" in question ? question : undefined))
    .flatMap((question) => question ?? [])
    .map(
      ({ apiGroup, resource, verb }) =>
        `authorizer.group('${apiGroup}').resource('${resource}').check('${verb}').allowed()`,
    )
    .join(" || ");
  await api("POST", `${path}/validatingadmissionpolicies`, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ["rbac.authorization.k8s.io"],
            apiVersions: ["*"],
            operations: ["CREATE", "UPDATE"],
            resources: ["rolebindings", "clusterrolebindings"],
          },
        ],
      },
      validations: [{ expression, message: "only an administrator can manage grants" }],
    },
  });
  await api("POST", `${path}/validatingadmissionpolicybindings`, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name },
    spec: { policyName: name, validationActions: ["Deny"] },
  });
}

t.test("as its account, everything that was broken is mended, and what is over ends", async (t) => {
  await guardGrants();
  t.match(await grant("collection", "create", "prod/web"), { code: 0 });
  t.match(await grant("collection", "assign", "prod/web", "--ns", "dev"), { code: 0 });
  const plain = { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get", "list"] };
  await api("POST", `${rbac}/clusterroles`, { metadata: { name: "dba" }, rules: [plain] });
  const grants: string[][] = [
    ["ann", "--ns", "dev", "--target", "deploy/web", "--allow-copy"],
    ["eve", "--collection", "prod", "--accept-label-risk"],
    ["kim", "--ns", "qa", "--role", "minimal"],
    ["lea", "--ns", "qa", "--role", "view"],
    ["max", "--ns", "dev", "--for", "1h"],
    ["moe", "-A", "--role", "minimal", "-y"],
    ["dan", "--ns", "dev", "--role", "clusterrole/dba"],
    ["pia", "--privileged", "hostPID", "--ns", "dev"],
    ["uwe", "--ns", "qa", "--for", "1h"],
    ["zoe", "--ns", "qa"],
  ];
  for (const words of grants) {
    const made = await grant(...words);
    t.equal(made.code, 0, `${words.join(" ")}: ${made.stderr}`);
  }
  await settled("yes", "ann", "dev");
  // Its list of roles to bind is that of today.
  const again = await install("--sync", "-y");
  t.equal(again.code, 0, again.stderr);
  t.notMatch(again.stderr, /nothing keeps others/);
  await until("the authorizer knows that it may bind dba", async () => {
    const asked = await cluster.kubectl("admin", "auth", "can-i", "bind", "clusterroles/dba", asSync);
    return asked.stdout.startsWith("yes");
  });

  const before = { rolebindings: await names("rolebindings"), roles: await names("roles") };
  await breakEverything();
  const synced = await sync();
  t.equal(synced.code, 0, synced.stderr + synced.stdout);
  t.match(synced.stdout, /clusterrole.rbac.authorization.k8s.io\/mirrord:role:reads created/);
  const withoutUwe = before.rolebindings.filter((name) => !name.includes(":uwe-"));
  t.ok(withoutUwe.length < before.rolebindings.length);
  t.same(await names("roles"), before.roles);
  t.same(await names("rolebindings"), withoutUwe, "what is over is not made again");
  t.equal(await find("clusterrolebindings", ":uwe-"), undefined, "and is gone");
  const { labels } = (await get("/api/v1/namespaces/dev")).metadata;
  t.match(labels, { "collection.kubectl-mirrord.io/prod": "" });
  const subjects = listIn((await find("rolebindings", ":zoe-"))?.["subjects"]);
  t.same(
    subjects.map((each) => objectIn(each)["name"]),
    ["zoe"],
    "who was added is taken out",
  );
  await settled("yes", "ann", "dev");
  t.notOk(await may("ann", "dev", "deployment.other"));

  const idle = await sync("--check");
  t.equal(idle.code, 0, idle.stdout + idle.stderr);
});

/** The labelled objects of a kind, sorted. */
async function names(plural: string): Promise<string[]> {
  return (await labelled(plural)).map(({ metadata }) => metadata.name ?? "").toSorted();
}

async function find(plural: string, part: string): Promise<KubernetesObject | undefined> {
  return (await labelled(plural)).find(({ metadata }) => metadata.name?.includes(part));
}

async function breakEverything(): Promise<void> {
  const uwe = await find("clusterrolebindings", ":uwe-");
  const over = { metadata: { annotations: { "kubectl-mirrord.io/expires-at": "2026-01-01T00:00:00Z" } } };
  await api("PATCH", `${rbac}/clusterrolebindings/${uwe?.metadata.name}`, over, "application/merge-patch+json");
  const remove = async (plural: string, isMeant: (name: string) => boolean) => {
    for (const { metadata } of await labelled(plural)) {
      if (!isMeant(metadata.name ?? "")) continue;
      const base = plural === "jobs" ? "/apis/batch/v1" : rbac;
      await api(
        "DELETE",
        `${base}/namespaces/${metadata.namespace}/${plural}/${metadata.name}?propagationPolicy=Background`,
      );
    }
  };
  await remove("rolebindings", (name) => !/:(uwe|zoe)-/.test(name));
  await remove("roles", () => true);
  await remove("jobs", (name) => name.includes("max"));
  const stranger = { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "stranger" };
  const zoe = await find("rolebindings", ":zoe-");
  const subjects = [...listIn(zoe?.["subjects"]), stranger];
  const path = `${rbac}/namespaces/qa/rolebindings/${zoe?.metadata.name}`;
  await api("PATCH", path, { subjects }, "application/merge-patch+json");
  for (const role of ["reads", "minimal", "view", "none", "privileged-hostPID"]) {
    await api("DELETE", `${rbac}/clusterroles/mirrord:role:${role}`);
  }
  const helper = { metadata: { labels: { "collection.kubectl-mirrord.io/prod": null } } };
  await api("PATCH", "/api/v1/namespaces/dev", helper, "application/merge-patch+json");
}

t.test("and it may nothing more", async (t) => {
  const refused: string[][] = [
    ["create", "clusterrolebinding", "x", "--clusterrole=cluster-admin", "--user=mal"],
    ["create", "rolebinding", "x", "-n", "dev", "--clusterrole=cluster-admin", "--user=mal"],
    ["create", "rolebinding", "x", "-n", "dev", "--clusterrole=edit", "--user=mal"],
    ["create", "clusterrole", "x", "--verb=get", "--resource=pods"],
    ["create", "role", "x", "-n", "dev", "--verb=get", "--resource=secrets"],
    ["create", "namespace", "x"],
    ["delete", "namespace", "dev"],
    ["create", "token", "default", "-n", "dev"],
    ["create", "configmap", "x", "-n", "dev"],
    ["get", "secrets", "-n", "dev"],
    ["delete", "clusterrole", "mirrord:role:reads"],
    ["annotate", "clusterrole", "mirrord-access-sync", "x=y"],
    ["scale", "deployment", "web", "-n", "dev", "--replicas=0"],
    ["delete", "pod", "--all", "-n", "dev"],
  ];
  for (const words of refused) {
    const tried = await cluster
      .kubectl("admin", ...words, "--dry-run=server", asSync)
      .then(async (result) =>
        /unknown flag/.test(result.stderr) ? await cluster.kubectl("admin", ...words, asSync) : result,
      );
    t.not(tried.code, 0, words.join(" "));
    t.match(tried.stderr, /forbidden|attempting to grant/i, words.join(" "));
  }
  const questions = ["escalate clusterroles", "impersonate users", "update clusterroles", "proxy nodes", "'*' '*'"];
  for (const question of questions) {
    const asked = await cluster.shell("admin", `kubectl auth can-i ${question} ${asSync}`);
    t.match(asked.stdout, /^no/, question);
  }
});

t.test("status and list know it, and uninstall takes it out when it is told to", async (t) => {
  const status = await install("status", "-o", "json");
  t.match(JSON.parse(status.stdout), { sync: { runs: true, text: /runs as sa:mirrord-access\/mirrord-access/ } });
  const listed = await grant("list");
  t.notMatch(listed.stdout, /mirrord-access-sync/, "its rights are no grant that nobody made");
  const shown = await install("uninstall", "--dry-run");
  t.match(shown.stdout, /what runs grant sync \(--sync deletes it\)/);
  const gone = await install("uninstall", "--sync", "--dry-run");
  t.match(gone.stdout, /CronJob/);
  t.notMatch(gone.stdout, /--sync deletes it/);
});
