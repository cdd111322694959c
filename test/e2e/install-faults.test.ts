// What goes wrong around an installation on a real control plane: said, nothing lost, and the same again finishes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import t from "tap";
import { apiRequest } from "../control-plane/request.ts";
import { until } from "../until.ts";
import { root } from "./example-cluster.ts";
import { startEmptyCluster } from "./empty-cluster.ts";

const cluster = await startEmptyCluster();
t.teardown(() => cluster.stop());
const { token } = cluster.plane.admin;

const key = join(t.testdir({}), "key");
writeFileSync(key, "a-licence-key");
const words = ["install", "--license-key-file", key, "-y", "--timeout", "10m"];
const install = () => cluster.mirrord("admin", ...words);
const kubectl = async (...given: string[]) => await cluster.kubectl("admin", given);
const create = async (...objects: object[]) => {
  const made = await cluster.kubectl(
    "admin",
    ["create", "-f", "-"],
    JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }),
  );
  if (made.code !== 0) throw new Error(made.stderr);
};
const exists = async (path: string) => (await apiRequest(cluster.plane, { token, path })).status === 200;

t.test("a definition of which no version stays: refused, with the way out; that way goes", async (t) => {
  const name = "mirrordpolicies.policies.mirrord.metalbear.co";
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  await create({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name },
    spec: {
      group: "policies.mirrord.metalbear.co",
      scope: "Namespaced",
      names: {
        kind: "MirrordPolicy",
        plural: "mirrordpolicies",
        singular: "mirrordpolicy",
        listKind: "MirrordPolicyList",
      },
      versions: [{ name: "v1old", served: true, storage: true, schema }],
    },
  });
  await until("it says what it stores", async () => {
    const { stdout } = await kubectl("get", "crd", name, "-o", "jsonpath={.status.storedVersions}");
    return stdout.includes("v1old");
  });
  const { code, stderr } = await install();
  t.equal(code, 4);
  t.match(stderr, /may hold objects stored as v1old[^]*kubectl delete crd mirrordpolicies/);
  t.notOk(await exists("/api/v1/namespaces/mirrord"), "nothing was written");
  t.equal((await kubectl("delete", "crd", name)).code, 0);
});

t.test("a webhook that nobody answers: its words, and nothing is written", async (t) => {
  await create({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "nobody" },
    webhooks: [
      {
        name: "nobody.example.com",
        failurePolicy: "Fail",
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
        timeoutSeconds: 1,
        clientConfig: { service: { namespace: "default", name: "nobody" }, caBundle: "" },
        rules: [
          {
            apiGroups: ["scheduling.k8s.io"],
            apiVersions: ["*"],
            operations: ["CREATE"],
            resources: ["priorityclasses"],
          },
        ],
      },
    ],
  });
  const priorityClass = {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: "x" },
    value: 1,
  };
  await until("the webhook is asked", async () => {
    const tried = await cluster.kubectl(
      "admin",
      ["create", "--dry-run=server", "-f", "-"],
      JSON.stringify(priorityClass),
    );
    return tried.code !== 0;
  });
  const { code, stderr } = await install();
  t.equal(code, 4);
  t.match(stderr, /nobody\.example\.com[^]*Nothing was written/);
  t.notOk(await exists("/api/v1/namespaces/mirrord"));
  t.equal((await kubectl("delete", "validatingwebhookconfiguration", "nobody")).code, 0);
  await until("nobody asks it any more", async () => {
    const tried = await cluster.kubectl(
      "admin",
      ["create", "--dry-run=server", "-f", "-"],
      JSON.stringify(priorityClass),
    );
    return tried.code === 0;
  });
});

t.test(
  "a namespace that a dead APIService keeps from going: said, with where to look; afterwards it works",
  async (t) => {
    await create(
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "mirrord" } },
      {
        apiVersion: "apiregistration.k8s.io/v1",
        kind: "APIService",
        metadata: { name: "v1.dead.example.com" },
        spec: {
          group: "dead.example.com",
          version: "v1",
          groupPriorityMinimum: 100,
          versionPriority: 100,
          insecureSkipTLSVerify: true,
          service: { namespace: "default", name: "nobody" },
        },
      },
    );
    await until("it is known to be down", async () => {
      const { stdout } = await kubectl(
        "get",
        "apiservice",
        "v1.dead.example.com",
        "-o",
        "jsonpath={.status.conditions[*].status}",
      );
      return stdout.includes("False");
    });
    t.equal((await kubectl("delete", "namespace", "mirrord", "--wait=false")).code, 0);
    await until("the namespace says what keeps it", async () => {
      const { stdout } = await kubectl("get", "namespace", "mirrord", "-o", "jsonpath={.status.conditions[*].reason}");
      return stdout.includes("DiscoveryFailed");
    });
    const { code, stderr } = await install();
    t.equal(code, 4);
    t.match(stderr, /namespace mirrord is being deleted[^]*An APIService that does not answer keeps it/);
    t.equal((await kubectl("delete", "apiservice", "v1.dead.example.com")).code, 0);
    await until("the namespace is gone", async () => !(await exists("/api/v1/namespaces/mirrord")));
  },
);

t.test("stopped by Ctrl-C in the middle, it says how far it came; the same again finishes", async (t) => {
  const kubeconfig = cluster.plane.kubeconfig;
  const child = spawn(process.execPath, [join(root, "plugins/kubectl-mirrord.ts"), ...words], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said = text(child.stderr);
  const exited = once(child, "exit");
  await until("it has begun to write", async () => await exists("/api/v1/namespaces/mirrord"));
  child.kill("SIGINT");
  t.same(await exited, [130, null]);
  t.match(await said, /Done:\n[^]*Not done:\n[^]*Run the same command again|All objects are written/);
  const again = await install();
  t.match(again, { code: 0, stdout: /answers in namespace mirrord/ });
});
