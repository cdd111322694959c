import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { load } from "../../lib/cli/grammar/command.ts";
import type { Command, Verb } from "../../lib/cli/grammar/command.ts";
import { complete } from "../../lib/cli/completion/complete.ts";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { longName } from "../../lib/cli/grammar/flags.ts";
import { UserError } from "../../lib/errors.ts";
import { apiError } from "../../lib/kubernetes/api-error.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { actions } from "../../lib/mirrord/plan/session-plan.ts";
import { all } from "../../plugins/all.ts";
import { fakeWorld } from "../cli/fake-world.ts";
import { exampleMemory, runGrant } from "./grant-world.ts";
import { entry, sessionCluster, type Given } from "./session-cluster.ts";

// What TAB offers behind the real commands: sessions, grants, targets, and the entries of the kubeconfig.

// Loaded beforehand, so that a busy machine does not spend completion's one second on it.
await Promise.all([
  import("../../lib/commands/can-i/complete-targets.ts"),
  import("../../lib/commands/grant/complete-grants.ts"),
  import("../../lib/commands/policy/complete-policies.ts"),
  import("../../lib/commands/session/complete-sessions.ts"),
  import("../../lib/kube/config/kubeconfig-names.ts"),
]);

const root = dispatcher(all, "kubectl-mirrord", "kubectl-mirrord");

/** The lines before the directive, which is always that no files follow. */
async function offered(words: readonly string[], world: ReturnType<typeof fakeWorld>): Promise<string[]> {
  const lines = (await complete(root, words, all.completers, world)).trimEnd().split("\n");
  t.equal(lines.pop(), ":4");
  t.equal(world.stderr, "");
  return lines;
}

const workload = (kind: string, name: string, containers: string[] = []): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name, namespace: "dev" },
  spec: { template: { spec: { containers: containers.map((each) => ({ name: each })) } } },
});
const objects: Given["objects"] = {
  deployments: [workload("Deployment", "web", ["nginx", "metrics"]), workload("Deployment", "cart")],
  services: [workload("Service", "web")],
  pods: [workload("Pod", "web-1")],
  statefulsets: [workload("StatefulSet", "db")],
  mirrordpolicies: [workload("MirrordPolicy", "no-steal"), workload("MirrordPolicy", "need-filter")],
  mirrordclusterpolicies: [workload("MirrordClusterPolicy", "all")],
  clusterroles: [
    workload("ClusterRole", "edit"),
    workload("ClusterRole", "system:node"),
    workload("ClusterRole", "own"),
  ],
};
const sessions = [
  entry("A1", { user: "Jim/jim@h", duration_secs: 7200 }),
  entry("B2", { user: "Eve/eve@h", namespace: "qa", target: null }),
  entry("p1", { user: "preview-env" }),
];

const a1 = "A1\tjim on deployment/web in dev, 120m";
const b2 = "B2\teve on targetless in qa, 60s";
const cases: { words: string[]; want: string[] }[] = [
  { words: ["session", "describe", ""], want: [a1, b2] },
  { words: ["session", "kill", "B"], want: [b2] },
  { words: ["session", "kill", "A1", ""], want: [b2] },
  { words: ["session", "kill", "-n", "qa", ""], want: [b2] },
  { words: ["session", "kill", "--user", "jim", ""], want: [a1, b2] },
  { words: ["session", "describe", "A1", ""], want: [b2] },
  { words: ["can-i", "--manifests", "-", "steal", ""], want: [] },
  {
    words: ["session", "start", ""],
    want: ["deployment/cart", "deployment/web", "statefulset/db", "service/web"],
  },
  { words: ["session", "start", "--context", "c", "deployment/w"], want: ["deployment/web"] },
  { words: ["session", "start", "deploy/"], want: ["deploy/cart", "deploy/web"] },
  { words: ["session", "start", "s"], want: ["statefulset/db", "service/web"] },
  { words: ["session", "start", "svc"], want: ["svc/web"] },
  { words: ["session", "start", "p"], want: ["pod/web-1"] },
  { words: ["session", "start", "deploy/web/"], want: ["deploy/web/container/nginx", "deploy/web/container/metrics"] },
  { words: ["session", "start", "deploy/web/container/m"], want: ["deploy/web/container/metrics"] },
  { words: ["session", "start", "deploy/none/"], want: [] },
  { words: ["session", "start", "daemonset/"], want: [] },
  { words: ["session", "start", "label/app="], want: [] },
  { words: ["session", "list", "--target", "deploy/c"], want: ["deploy/cart"] },
  { words: ["policy", "test", "deploy/c"], want: ["deploy/cart"] },
  { words: ["policy", "test", "-n", "dev", "--action", "steal", "deploy/c"], want: ["deploy/cart"] },
  { words: ["grant", "jim", "--target=deploy/c"], want: ["deploy/cart"] },
  { words: ["can-i", "ste"], want: ["steal"] },
  { words: ["can-i", "st"], want: ["steal", "statefulset/db"] },
  { words: ["can-i", "--as", "jim", "steal", "deploy/c"], want: ["deploy/cart"] },
  { words: ["can-i", "steal", "st"], want: ["statefulset/db"] },
  { words: ["can-i", "kill-sessions", "st"], want: [] },
  { words: ["can-i", "deploy/web", "st"], want: ["statefulset/db"] },
  { words: ["can-i", "steal", "deploy/web", "de"], want: ["deployment/cart", "deployment/web"] },
  { words: ["can-i", "--list", ""], want: ["mirror", "steal", "copy", "copy-scale-down", "preview", "targetless"] },
  { words: ["can-i", "--list", "steal", "copy"], want: ["copy", "copy-scale-down"] },
  { words: ["policy", "get", ""], want: ["need-filter", "no-steal"] },
  { words: ["policy", "delete", "no-steal", "n"], want: ["need-filter"] },
  { words: ["policy", "describe", "--cluster-policy", ""], want: ["all"] },
  { words: ["policy", "create", "x", "--block", "steal"], want: ["steal", "steal-without-filter"] },
  { words: ["policy", "test", "--action", "c"], want: ["copy", "copy-scale-down"] },
  { words: ["can-i", "--list=false", "kill"], want: ["kill-sessions"] },
  { words: ["policy", "get", "--cluster-policy=false", "no"], want: ["no-steal"] },
  { words: ["grant", "jim", "--role", ""], want: ["user", "minimal", "view", "ci", "clusterrole/"] },
  { words: ["grant", "jim", "--role", "c"], want: ["ci", "clusterrole/"] },
  { words: ["grant", "jim", "--role", "cl"], want: ["clusterrole/edit", "clusterrole/own"] },
  { words: ["grant", "jim", "--role=clusterrole/e"], want: ["clusterrole/edit"] },
  { words: ["grant", "jim", "--role", "clusterrole/sys"], want: ["clusterrole/system:node"] },
  { words: ["grant", "list", "--role", ""], want: ["user", "minimal", "view"] },
];

for (const { words, want } of cases)
  t.test(`TAB behind ${words.join(" ")}`, async (t) => {
    const world = fakeWorld({ cluster: sessionCluster({ sessions, objects }) });
    t.same(await offered(words, world), want);
    for (const { as, user } of world.connectedWith) t.same([as, user], [undefined, undefined]);
  });

async function everyCommand(verb: Verb): Promise<Command[]> {
  const command = await load(verb);
  return [command, ...(await Promise.all(command.verbs.map(everyCommand))).flat()];
}

t.test("a flag that takes a file or a folder offers those, in every command", async (t) => {
  const ofTheTarget = new Set(["policy test --read", "policy test --write"]);
  let asked = 0;
  for (const { name, flags } of await everyCommand(root)) {
    for (const [option, { placeholder = "" }] of Object.entries(flags)) {
      const flag = `--${longName(option)}`;
      if (!["FILE", "PATH", "DIR"].includes(placeholder) || ofTheTarget.has(`${name} ${flag}`)) continue;
      asked += 1;
      const world = fakeWorld({ cluster: sessionCluster({ sessions, objects }) });
      for (const words of [[flag, ""], [`${flag}=`]])
        t.match(
          await complete(root, [...name.split(" "), ...words], all.completers, world),
          /^:(?:0|16)\n$/,
          `${name} ${words.join(" ")}`,
        );
    }
  }
  t.ok(asked > 20, `${asked} flags`);
  for (const words of [
    ["can-i", "-f", ""],
    ["session", "start", "-f", ""],
    ["policy", "apply", "-f", ""],
  ])
    t.equal(await complete(root, words, all.completers, fakeWorld()), ":0\n", words.join(" "));
});

t.test("behind -- stands a command line of its own, with files", async (t) => {
  const world = fakeWorld({ cluster: sessionCluster({ sessions, objects }) });
  for (const words of [
    ["--", ""],
    ["deploy/web", "--", "node", "ap"],
    ["--", "node", "--inspect"],
  ])
    t.equal(await complete(root, ["session", "start", ...words], all.completers, world), ":0\n", words.join(" "));
  t.equal(await complete(root, ["session", "kill", "--", "B"], all.completers, world), `${b2}\n:4\n`);
});

t.test("ids of the operator's status where the sessions API is missing, and none without an operator", async (t) => {
  const old = { sessions: 404, operator: { status: { sessions: [sessions[0] as object] } } };
  t.same(await offered(["session", "kill", ""], fakeWorld({ cluster: sessionCluster(old) })), [a1]);
  const none = { sessions: 503, operator: 503 };
  t.same(await offered(["session", "kill", ""], fakeWorld({ cluster: sessionCluster(none) })), []);
});

t.test("a word that could be run, steer the terminal or be a flag is never offered", async (t) => {
  const hostile = [
    "$(reboot)",
    "`id`",
    "a;b",
    "--all",
    "-A",
    "a b",
    "a\nb",
    "\u001b[2J",
    "a\u202eb",
    "a'b",
    'a"b',
    "a\\b",
  ];
  const named = [
    ...hostile.map((id) => entry(id)),
    entry("C3", { user: "Jim/x$(id)`id`\u001b[2J\n\u202e\\jim'\"!@h" }),
  ];
  const cluster = sessionCluster({
    sessions: named,
    objects: { deployments: hostile.map((name) => workload("Deployment", name)) },
  });
  const lines = await offered(["session", "kill", ""], fakeWorld({ cluster }));
  t.same(
    lines.map((line) => line.split("\t")[0]),
    ["C3"],
  );
  t.match(lines[0], /^C3\t[^\t]*jim/);
  t.notMatch(lines[0]?.slice(3), /[^\P{C}]|[$`\\'"!]/u);
  t.same(await offered(["can-i", "steal", "deployment/"], fakeWorld({ cluster })), [
    "deployment/--all",
    "deployment/-A",
  ]);
});

t.test("no more than a menu can hold, whatever there is", async (t) => {
  const many = Array.from({ length: 1000 }, (_, index) => entry((index + 4096).toString(16).toUpperCase()));
  const world = () => fakeWorld({ cluster: sessionCluster({ sessions: many }) });
  t.equal((await offered(["session", "kill", ""], world())).length, 500);
  t.equal((await offered(["session", "kill", "13E7"], world())).length, 1, "the end of the list can be reached");
});

const grants = (async () => {
  const cluster = exampleMemory();
  for (const words of [
    ["jim", "--ns", "dev"],
    ["jim", "--ns", "qa", "--role", "minimal"],
    ["group:oidc:web", "-A", "-y", "--role", "view"],
  ])
    t.equal((await runGrant(words, { cluster })).code, 0);
  return cluster;
})();

t.test("grants by subject and by id, for every verb that takes one", async (t) => {
  const cluster = await grants;
  for (const verb of ["describe", "revoke"]) {
    const lines = await offered(["grant", verb, ""], fakeWorld({ cluster }));
    t.same(lines.slice(0, 2), ["group:oidc:web\t1 grant", "jim\t2 grants"], verb);
    t.equal(lines.length, 5, "each subject once, and each grant");
    const shown = lines.slice(2).map((line) => line.replace(/^[a-z2-7]{20}\t/, ""));
    t.same(shown.toSorted(), ["group:oidc:web: view in all namespaces", "jim: minimal in qa", "jim: user in dev"]);
    const [id = ""] = lines[2]?.split("\t") ?? [];
    t.equal((await offered(["grant", verb, id.slice(0, 6)], fakeWorld({ cluster }))).length, 1);
  }
});

t.test("roles that administrators made are offered where a role is named", async (t) => {
  const cluster = exampleMemory();
  for (const words of [
    ["role", "create", "dba", "--allow", "get:secrets"],
    ["jim", "--ns", "dev", "--role", "dba"],
  ])
    t.equal((await runGrant(words, { cluster })).code, 0);
  const world = () => fakeWorld({ cluster });
  t.same(await offered(["grant", "jim", "--role", "d"], world()), ["dba"]);
  t.same(await offered(["grant", "jim", "--role", ""], world()), [
    "user",
    "minimal",
    "view",
    "ci",
    "clusterrole/",
    "dba",
  ]);
  for (const verb of ["describe", "edit", "delete"])
    t.same(await offered(["grant", "role", verb, ""], world()), ["dba"]);
  t.match(await offered(["grant", "revoke", ""], world()), ["jim\t1 grant", /\tjim: dba in dev$/]);
});

t.test("extend takes grants that end, and only those are offered", async (t) => {
  const cluster = exampleMemory();
  for (const words of [
    ["jim", "--ns", "dev"],
    ["ana", "--ns", "dev", "--for", "2h", "--accept-weak-expiry"],
  ])
    t.equal((await runGrant(words, { cluster })).code, 0);
  const lines = await offered(["grant", "extend", ""], fakeWorld({ cluster }));
  t.match(lines, ["ana\t1 grant", /^[a-z2-7]{20}\tana: user in dev$/]);
  t.equal(lines.length, 2, "no grant without an end, and nobody who has only such");
});

const failures: [name: string, fail: () => never][] = [
  [
    "forbidden",
    () => {
      throw apiError("GET", 403, "{}");
    },
  ],
  [
    "out of reach",
    () => {
      throw new UserError("undetermined", "cannot be reached");
    },
  ],
  [
    "broken",
    () => {
      throw new TypeError("a bug");
    },
  ],
];
const asking = [
  ["session", "kill", ""],
  ["grant", "revoke", ""],
  ["session", "start", ""],
  ["session", "start", "deploy/web/"],
  ["session", "list", "-n", ""],
  ["policy", "get", ""],
  ["grant", "jim", "--role", "cl"],
];
for (const [name, fail] of failures)
  t.test(`a cluster that is ${name} has no candidates, and nothing is said`, async (t) => {
    const failing = { namespace: "dev", get: fail, list: fail } as unknown as Cluster;
    for (const words of asking) t.same(await offered(words, fakeWorld({ cluster: failing })), [], words.join(" "));
    t.same(await offered(["can-i", ""], fakeWorld({ cluster: failing })), [...actions], "what needs no cluster stays");
    t.same(await offered(["session", "kill", ""], fakeWorld()), [], "no cluster at all");
  });

t.test("one that hangs is not waited for", async (t) => {
  const never = new Promise<never>(() => {});
  const hanging = {
    namespace: "dev",
    get: () => never,
    async *list() {
      yield await never;
    },
  } as unknown as Cluster;
  await Promise.all(asking.map(async (words) => t.same(await offered(words, fakeWorld({ cluster: hanging })), [])));
});

t.test("contexts, clusters and users of the kubeconfig that counts", async (t) => {
  const folder = t.testdir();
  const config = (name: string, extra = "") => `apiVersion: v1
kind: Config
current-context: ${name}
contexts: [{name: ${name}, context: {cluster: c-${name}, user: u-${name}}}${extra}]
clusters: [{name: c-${name}, cluster: {server: https://x}}]
users: [{name: u-${name}, user: {}}]
`;
  mkdirSync(join(folder, ".kube"));
  writeFileSync(join(folder, ".kube", "config"), config("home", ', {name: "$(reboot)", context: {}}'));
  writeFileSync(join(folder, "one"), config("arn:aws:eks:eu-1:12:cluster/one"));
  writeFileSync(join(folder, "two"), config("two@two"));
  writeFileSync(join(folder, "broken"), "{");
  const env = { HOME: folder };
  const list = { KUBECONFIG: `${join(folder, "one")}:${join(folder, "two")}` };
  for (const [words, environment, want] of [
    [["grant", "list", "--context", ""], env, ["home"]],
    [["grant", "list", "--cluster", ""], env, ["c-home"]],
    [["grant", "list", "--user="], env, ["u-home"]],
    [["grant", "list", "--context="], { ...env, ...list }, ["arn:aws:eks:eu-1:12:cluster/one", "two@two"]],
    [["grant", "list", "--kubeconfig", join(folder, "two"), "--context", "t"], { ...env, ...list }, ["two@two"]],
    [["session", "start", "--context", ""], env, ["home"]],
    [["grant", "list", "--kubeconfig", join(folder, "broken"), "--context", ""], env, []],
    [["grant", "list", "--kubeconfig", join(folder, "none"), "--context", ""], env, []],
    [["grant", "list", "--context", ""], { HOME: join(folder, "none") }, []],
    [["audit", "--context", ""], { ...env, ...list }, ["arn:aws:eks:eu-1:12:cluster/one", "two@two"]],
    [["audit", "--context", "two@two,"], { ...env, ...list }, ["two@two,arn:aws:eks:eu-1:12:cluster/one"]],
    [["audit", "who-can", "--context=two@two,a"], { ...env, ...list }, ["two@two,arn:aws:eks:eu-1:12:cluster/one"]],
    [["audit", "--context", "two@two,two"], { ...env, ...list }, []],
    [["audit", "--context", "none,t"], { ...env, ...list }, []],
    [["grant", "list", "--context", "two@two,"], { ...env, ...list }, []],
  ] as const)
    t.same(await offered(words, fakeWorld({ env: environment })), want, words.join(" "));
});
