import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { connect } from "../../lib/kube/connect.ts";
import type { ConnectContext } from "../../lib/kube/cluster.ts";
import type { CustomKinds } from "../../lib/kube/manifests/manifests-cluster.ts";
import { nativeResources, resourceType } from "../../lib/kubernetes/resources.ts";
import { startRecordingServer } from "./recording-server.ts";

const namespace = (name: string) => `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"${name}"}}`;
const things = resourceType("example.com/v1", "Namespaced", "things", "Thing");
const custom: CustomKinds = { types: [things], inForce: (objects) => objects };
const never = () => Promise.reject(new Error("only a folder needs to be told of other kinds"));

function context(): ConnectContext & { warnings: string[] } {
  const warnings: string[] = [];
  return { env: {}, signal: new AbortController().signal, warn: (text) => void warnings.push(text), warnings };
}

t.test("a folder is a cluster, without what is left out of it", async (t) => {
  const folder = t.testdir({
    "a.yaml": namespace("dev"),
    "b.yaml": namespace("qa"),
    "thing.yaml": '{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"x","namespace":"dev"}}',
  });
  const given = context();
  const cluster = await connect({ manifests: [folder], exclude: ["b.yaml"] }, given, async () => custom);
  t.equal(cluster.offline, true);
  t.equal(cluster.namespace, "default");
  t.ok(await cluster.get(nativeResources.namespaces, "dev"));
  t.equal(await cluster.get(nativeResources.namespaces, "qa"), undefined);
  t.ok(await cluster.get(things, "x", "dev"), "a kind that only the caller knows");
  t.same(given.warnings, []);
});

t.test("a folder takes the namespace that was named, and is read as who was named", async (t) => {
  const folder = t.testdir({ "a.yaml": namespace("dev") });
  const as = async (flags: { as?: string; asGroup?: string[]; namespace?: string }) =>
    connect({ manifests: [folder], ...flags }, context(), async () => custom);
  t.equal((await as({ namespace: "dev" })).namespace, "dev");
  t.match(await (await as({ as: "jim", asGroup: ["devs"] })).identity(), { name: "jim", groups: /devs/ });
  t.equal((await (await as({ as: "jim" })).identity()).name, "jim");
  const question = { verb: "list", apiGroup: "", resource: "secrets" };
  t.match(await (await as({})).review([question]), [{ answer: "yes" }], "else as an administrator");
  t.match(await (await as({ as: "jim" })).review([question]), [{ answer: "no" }]);
});

t.test(
  "without a folder it is the cluster of the kubeconfig, and what it does is traced where that is wanted",
  async (t) => {
    const server = await startRecordingServer();
    const kubeconfig = join(t.testdir({}), "config");
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": "here",
        clusters: [{ name: "c", cluster: { server: `http://${server.plain}` } }],
        users: [{ name: "u", user: {} }],
        contexts: [{ name: "here", context: { cluster: "c", user: "u", namespace: "ours" } }],
      }),
    );
    const lines: string[] = [];
    const trace = (text: string) => void lines.push(text);
    const cluster = await connect({ kubeconfig }, { ...context(), trace }, never);
    t.teardown(() => {
      cluster.close();
      server.close();
    });
    t.equal(cluster.offline, false);
    t.equal(cluster.namespace, "ours");
    t.match(cluster.place, /here/);
    t.ok(await cluster.get(nativeResources.namespaces, "probe"));
    t.match(lines, [/GET .*\/namespaces\/probe/]);
    const silent = await connect({ kubeconfig, namespace: "mine" }, context(), never);
    t.teardown(() => silent.close());
    t.equal(silent.namespace, "mine");
  },
);
