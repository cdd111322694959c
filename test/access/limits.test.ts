import t from "tap";
import type { Intent } from "../../lib/access/intent.ts";
import { grantLimits, limitsToday, voidLimits, type TargetSeen } from "../../lib/access/limits.ts";
import { namesakes } from "../../lib/mirrord/target.ts";
import { containerNames } from "../../lib/mirrord/workload.ts";
import { outlineGrant } from "../../lib/access/outline.ts";
import type { Lookup } from "../../lib/access/places.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { parseTarget, type WorkloadTarget } from "../../lib/mirrord/target.ts";
import { bound, clusterRole } from "./rbac-objects.ts";
import { intentWith } from "./grant.ts";
import { saysKept } from "../kept-text.ts";

const deployment = (name: string, containers: string[], replicas = 1): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "dev" },
  spec: { replicas, template: { spec: { containers: containers.map((each) => ({ name: each })) } } },
  status: { availableReplicas: replicas },
});
const referring: KubernetesObject = {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Rollout",
  metadata: { name: "web", namespace: "dev" },
  spec: { workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" } },
};
const limited = (path: string, change: Partial<Intent> = {}) =>
  outlineGrant(intentWith({ targets: [path], ...change }));

function limits(
  path: string,
  workload: Lookup,
  more: Partial<TargetSeen> & { selected?: boolean; force?: boolean } = {},
) {
  const { selected = false, force = false, ...seen } = more;
  const target = parseTarget(path) as WorkloadTarget;
  const options = { selected: selected ? ["dev"] : [], force };
  return grantLimits(limited(path), [{ namespace: "dev", target, workload, namesakes: [], ...seen }], options);
}

t.test("a limit has the containers of today", async (t) => {
  const { limits: found, warnings } = limits("deployment/web", deployment("web", ["nginx", "metrics"]));
  t.same([...found], [["dev", [{ target: { kind: "deployment", name: "web" }, containers: ["nginx", "metrics"] }]]]);
  t.same(warnings, []);
});

t.test(
  "a missing target is left out where a selector chose the namespace, and granted by name with force",
  async (t) => {
    t.same([...limits("deployment/web", "absent", { selected: true }).limits], []);
    const forced = limits("deployment/web", "absent", { force: true });
    t.same([...forced.limits], [["dev", [{ target: { kind: "deployment", name: "web" }, containers: [] }]]]);
    t.match(forced.warnings, [/deployment\/web does not exist in namespace dev/]);
  },
);

const refused: [what: string, path: string, workload: Lookup, says: RegExp][] = [
  ["a missing target", "deployment/web", "absent", /deployment "web" was not found in namespace dev/],
  [
    "one that may not be read",
    "deployment/web",
    "forbidden",
    /you may not read deployment\/web.*containers are not known/,
  ],
  ["a container that is not there", "deployment/web/container/x", deployment("web", ["a", "b"]), /no container "x"/],
  [
    "a rollout whose template is another's, unread",
    "rollout/web",
    referring,
    /refers to deployments "web", which could not/,
  ],
];
for (const [what, path, workload, says] of refused) {
  t.test(`${what} is refused`, async (t) => {
    t.throws(() => limits(path, workload), says);
    saysKept(t, import.meta.filename, what, () => limits(path, workload));
  });
}

t.test("without available replicas clients need a copy, and only then that is said", async (t) => {
  t.match(limits("deployment/web", deployment("web", ["a"], 0)).warnings, [/has no available replicas.*--allow-copy/]);
  const copies = limited("deployment/web", { allowCopy: true });
  const target = parseTarget("deployment/web") as WorkloadTarget;
  const seen = [{ namespace: "dev", target, workload: deployment("web", ["a"], 0), namesakes: [] }];
  t.same(grantLimits(copies, seen, { selected: [], force: false }).warnings, []);
});

t.test("names with dots: each workload whose connection is spelled alike is named, and no other", async (t) => {
  const short = deployment("web", ["nginx", "a"]);
  const long = deployment("web.container.nginx", ["x"]);
  const asTarget = (path: string) => parseTarget(path) as WorkloadTarget;
  t.same(namesakes(asTarget("deployment/web"), containerNames(short)), ["web.container.nginx", "web.container.a"]);
  t.same(namesakes(asTarget("deployment/web/container/a"), containerNames(short)), ["web.container.a"]);
  t.same(namesakes(asTarget("deployment/web.container.nginx"), containerNames(long)), [
    "web.container.nginx.container.x",
    "web",
  ]);
  const alike = /deployment\/web\.container\.nginx in namespace dev is spelled like container nginx of deployment\/web/;
  t.match(limits("deployment/web", short, { namesakes: [long] }).warnings, [alike]);
  t.match(limits("deployment/web.container.nginx", long, { namesakes: [short] }).warnings, [alike]);
  const other = deployment("web", ["other"]);
  t.same(limits("deployment/web.container.nginx", long, { namesakes: [other] }).warnings, []);
});

const connect = clusterRole("connect", {
  apiGroups: ["operator.metalbear.co"],
  resources: ["targets"],
  verbs: ["proxy"],
});
const copy = clusterRole("copy", {
  apiGroups: ["operator.metalbear.co"],
  resources: ["copytargets"],
  verbs: ["proxy"],
});
const grant = limited("deployment/web");
const voiding: [what: string, objects: KubernetesObject[], says: (string | RegExp)[]][] = [
  ["nothing else", [connect, copy], []],
  ["its own binding", [connect, bound(grant.name, "connect", "jim", "dev")], []],
  ["a binding of its own", [connect, bound("old", "connect", "jim", "dev")], [/limit is void: rolebinding old lets/]],
  ["a copy", [copy, bound("copies", "copy", "jim")], [/limit is void: clusterrolebinding copies lets/]],
  ["somebody else's binding", [connect, bound("old", "connect", "ana", "dev")], []],
  ["a binding elsewhere", [connect, bound("old", "connect", "jim", "qa")], []],
  ["a group", [connect, bound("team", "connect", { group: "web" }, "dev")], [/void if the subject is in group web$/]],
];
for (const [what, objects, says] of voiding) {
  t.test(`beside ${what} a limit is ${says.length === 0 ? "kept" : "void"}`, async (t) => {
    const found = voidLimits(grant, { objects, unreadable: [] }, ["dev"]);
    t.equal(found.length, says.length, found.join("\n"));
    t.match(found, says);
    saysKept(t, import.meta.filename, `beside ${what}`, () => found);
  });
}

t.test("a copy is no side door where copies are allowed", async (t) => {
  const copies = limited("deployment/web", { allowCopy: true });
  t.same(voidLimits(copies, { objects: [copy, bound("copies", "copy", "jim")], unreadable: [] }, ["dev"]), []);
});

t.test("what may not be listed is no proof that a limit holds", async (t) => {
  t.match(voidLimits(grant, { objects: [], unreadable: ["rolebindings"] }, ["dev"]), [/you may not list rolebindings/]);
  t.same(voidLimits(outlineGrant(intentWith()), { objects: [], unreadable: ["rolebindings"] }, ["dev"]), []);
});

t.test(
  "today: a place that a selector chose waits for its targets, and what is not known is not compared",
  async (t) => {
    const found = new Map<string, Lookup>([
      ["dev", deployment("web", ["a"])],
      ["qa", "absent"],
      ["prod", "absent"],
    ]);
    const seen = { find: (_target: WorkloadTarget, namespace: string) => found.get(namespace) ?? "absent" };
    const stored = limited("deployment/web", { set: { kind: "namespaces", namespaces: ["qa"], selectors: ["a=b"] } });
    const today = limitsToday(stored, ["dev", "prod", "qa"], seen);
    t.same(
      [...(today ?? [])].map(([namespace, [first]]) => [namespace, first?.containers]),
      [
        ["dev", ["a"]],
        ["qa", []],
      ],
    );
    t.equal(limitsToday(stored, undefined, seen), undefined);
    t.equal(limitsToday(outlineGrant(intentWith()), ["dev"], seen), undefined);
    for (const unknown of ["forbidden", referring] as const) {
      t.equal(limitsToday(stored, ["dev", "qa"], { find: () => unknown }), undefined);
    }
  },
);
