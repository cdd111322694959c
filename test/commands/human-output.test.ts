// Whatever a value holds, what people read has the same lines: no value adds one, and none steers the terminal.
import t from "tap";
import { execute } from "../../lib/cli/execute.ts";
import { report } from "../../lib/cli/report.ts";
import { canI } from "../../lib/commands/can-i/index.ts";
import { UserError } from "../../lib/errors.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { fakeWorld } from "../cli/fake-world.ts";
import { clusterPolicy, policy } from "../mirrord/policy-fixtures.ts";
import { fakeCluster } from "../preview/fake-cluster.ts";
import * as preview from "../preview/objects.ts";
import { exampleMemory, runGrant } from "./grant-world.ts";
import { exampleFolder } from "./policy-world.ts";
import { entry, runSession, sessionCluster } from "./session-cluster.ts";

const hostile = "x\nforged: ok\r\nforged: yes\u001b[2J\u202e\tforged: no\u2028forged: unknown";
const steering = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

interface Shown {
  stdout: string;
  stderr: string;
}

type Case = (value: string, t: Parameters<typeof exampleFolder>[0]) => Promise<Shown>;

const handMade = (name: string, subject: string, namespace?: string): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: subject }],
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "mirrord-operator-user" },
});

/** Grants with a reason and a finding each, and bindings made by hand. */
async function grants(value: string): Promise<Cluster> {
  const cluster = exampleMemory(handMade(`by-hand-${value}`, `eve ${value}`, "dev"), handMade(`all-${value}`, "jim"));
  cluster.identity = async () => ({ name: `jim${value}`, groups: [`group ${value}`] });
  for (const words of [["jim"], ["ana", "--for", "8h"]]) {
    const { code, stderr } = await runGrant([...words, "--ns", "dev", "--reason", `INC-42 ${value}`], { cluster });
    if (code !== 0) throw new Error(stderr);
  }
  const stray = cluster.objects().find(({ kind, metadata }) => kind === "RoleBinding" && "labels" in metadata);
  if (stray === undefined) throw new Error("no grant was made");
  cluster.put({ ...stray, metadata: { ...stray.metadata, name: `stray-${value}` } });
  return cluster;
}

const onGrants =
  (...words: string[]): Case =>
  async (value) =>
    await runGrant(words, { cluster: await grants(value) });

const policies = (value: string) => [
  policy({ block: ["steal"], targetPath: `deployment/${value}` }, { name: "path", namespace: "dev" }),
  policy({ block: ["steal"], headerFilter: { regex: `^${value}` } }, { name: "header", namespace: "dev" }),
  policy(
    { block: ["mirror"], selector: { matchLabels: { app: value } }, env: { exclude: [value] } },
    { name: "soft", namespace: "dev" },
  ),
  clusterPolicy({ block: [], profileAllowlist: [value], fs: { local: [value] } }, "profiles"),
];

const onPolicies =
  (...words: string[]): Case =>
  async (value, t) => {
    const { file, run } = exampleFolder(t);
    file("cluster/policies.yaml", policies(value));
    const local = file("local.yaml", policies(value));
    const cases = file(
      "cases.yaml",
      `{apiVersion: kubectl-mirrord.io/v1alpha1, kind: PolicyTestCases, cases: [{target: deploy/web, action: steal, expected: yes, by: [${JSON.stringify(value)}]}]}`,
    );
    const given = words.map((word) => word.replace("LOCAL", local).replace("CASES", cases).replace("VALUE", value));
    return await run(...given);
  };

const sessions = (value: string): Cluster =>
  sessionCluster({
    sessions: [
      entry("A1", { user: `Jim ${value}/jim@laptop`, target: `deployment/${value}`, namespace: `dev${value}` }),
      entry("B2", { locked_ports: [{ port: 80, kind: `Steal${value}`, filter: value }] }),
    ],
    operator: {
      spec: { operator_version: `3.187.0 ${value}`, license: { name: value, organization: value } },
      status: {
        sessions: [],
        copy_targets: [[value, value, value]],
        connected_clusters: [{ name: value, error: value }],
      },
    },
    deletion: (name) => (name.startsWith("b") ? 403 : true),
  });

const onSessions =
  (...words: string[]): Case =>
  async (value) =>
    await runSession(sessions(value), words);

const previewed =
  (...words: string[]): Case =>
  async (value) => {
    const secret = { valueFrom: { secretKeyRef: { name: `key ${value}`, key: "k" } } };
    const containers = [{ name: "main", env: [{ name: "KEY", ...secret }] }];
    const web = preview.deployment("web", { spec: { template: { spec: preview.podSpec({ containers }) } } });
    const block = preview.policy(`no ${value}`, { block: ["steal"], selector: { matchLabels: { app: "web" } } });
    const others = preview.targets.filter(({ metadata }) => metadata.name !== "web");
    const objects = [preview.namespace(), preview.operator(), ...preview.operatorRoles, ...others, web, block];
    const world = fakeWorld({ cluster: fakeCluster({ objects }) });
    const given = words.map((word) => word.replace("VALUE", value));
    await execute(canI, given, world).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      world.note(report(error).lines);
    });
    return world;
  };

const cases: Record<string, Case> = {
  "grant describe": onGrants("describe", "jim"),
  "grant list": onGrants("list", "-o", "wide"),
  "grant matrix": onGrants("matrix"),
  "grant explain": onGrants("explain", "jim", "deploy/web", "-n", "dev"),
  "grant whoami": onGrants("whoami"),
  "grant revoke": onGrants("revoke", "jim"),
  "grant sync": onGrants("sync", "--check"),
  "grant again": onGrants("jim", "--ns", "dev", "-o", "wide"),
  "grant, refused": async (value) => await runGrant([`jim ${value}`, "--ns", "dev"], { cluster: exampleMemory() }),
  "policy list": onPolicies("list", "-A", "-o", "wide"),
  "policy describe": onPolicies("describe", "soft", "-n", "dev"),
  "policy lint": onPolicies("lint", "-o", "wide"),
  "policy test": onPolicies("test", "deploy/web", "-n", "dev", "-f", "LOCAL", "--env", "A", "-o", "wide"),
  "policy test --all": onPolicies("test", "--all", "-n", "dev", "--env", "VALUE"),
  "policy test --expect": onPolicies("test", "--expect", "CASES", "-n", "dev"),
  "policy apply": onPolicies("apply", "-f", "LOCAL", "--dry-run=client"),
  "policy get": onPolicies("get", "VALUE", "-n", "dev"),
  "session list": onSessions("list", "-A", "-o", "wide"),
  "session describe": onSessions("describe", "A1"),
  "session status": onSessions("status"),
  "session stats": onSessions("stats"),
  "session kill": onSessions("kill", "--all", "--yes"),
  "can-i, no": previewed("steal", "deploy/web", "-n", "dev", "--as", "jim VALUE", "--as-group", "VALUE"),
  "can-i --explain": previewed("steal", "deploy/web", "-n", "dev", "--as", "jim VALUE", "--explain"),
  "can-i --list": previewed("--list", "-n", "dev", "--as", "jim VALUE", "-o", "wide"),
  "can-i, refused": previewed("steal", "deploy/VALUE", "-n", "dev"),
};

for (const [name, show] of Object.entries(cases))
  t.test(`${name}: a value adds no line`, async (t) => {
    const { stdout, stderr } = await show(hostile, t);
    const all = stdout + stderr;
    t.match(all, "forged", "the value is shown");
    t.notMatch(all, /^\s*forged/m);
    t.notMatch(all, steering);
  });
