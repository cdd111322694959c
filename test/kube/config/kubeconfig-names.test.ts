import { join } from "node:path";
import t from "tap";
import { kubeconfigContexts, kubeconfigNames } from "../../../lib/kube/config/kubeconfig-names.ts";

const config = {
  apiVersion: "v1",
  kind: "Config",
  "current-context": "qa",
  clusters: [{ name: "c", cluster: { server: "https://c" } }],
  users: [
    { name: "z", user: {} },
    { name: "a", user: {} },
  ],
  contexts: [
    { name: "qa", context: { cluster: "c", user: "a", namespace: "qa" } },
    { name: "dev", context: { cluster: "c", user: "z" } },
  ],
};

t.test("names, sorted, of the files that kubectl would take", async (t) => {
  const folder = t.testdir({ config: JSON.stringify(config) });
  const env = { KUBECONFIG: join(folder, "config") };
  t.same(kubeconfigNames("contexts", {}, env), ["dev", "qa"]);
  t.same(kubeconfigNames("users", { kubeconfig: env.KUBECONFIG }, {}), ["a", "z"]);
});

t.test("contexts by name, with whom they connect as, and which is current", async (t) => {
  const folder = t.testdir({ config: JSON.stringify(config), none: "{}", broken: "{" });
  const { current, contexts } = kubeconfigContexts({ kubeconfig: join(folder, "config") }, {});
  t.equal(current, "qa");
  t.match(
    [...contexts],
    [
      ["qa", { cluster: "c", user: "a" }],
      ["dev", { cluster: "c", user: "z" }],
    ],
  );
  t.match(kubeconfigContexts({ kubeconfig: join(folder, "none") }, {}), { current: "", contexts: new Map() });
  t.throws(() => kubeconfigContexts({ kubeconfig: join(folder, "broken") }, {}), {
    message: /error loading config file/,
  });
});
