import t from "tap";
import {
  connectName,
  connectionSpellings,
  formatTarget,
  labelSelector,
  legacyName,
  parseTarget,
  policyPath,
  workloadKinds,
  workloadType,
  type Target,
} from "../../lib/mirrord/target.ts";

/** Every spelling of each kind of target. */
const names: { target: string; connect: string; legacy: string; policy: string }[] = [
  { target: "targetless", connect: "targetless", legacy: "targetless", policy: "targetless" },
  { target: "deployment/x", connect: "deployment.x", legacy: "deploy.x", policy: "deploy/x" },
  {
    target: "deployment/x/container/app",
    connect: "deployment.x.container.app",
    legacy: "deploy.x.container.app",
    policy: "deploy/x/container/app",
  },
  ...["pod", "rollout", "statefulset", "replicaset", "service", "job", "cronjob"].flatMap((kind) =>
    ["x", "x/container/app"].map((name) => {
      const target = `${kind}/${name}`;
      const inUrl = target.replaceAll("/", ".");
      return { target, connect: inUrl, legacy: inUrl, policy: target };
    }),
  ),
];
for (const { target, connect, legacy, policy } of names) {
  t.test(`${target} has the names that clients and policies use`, async (t) => {
    const parsed = parseTarget(target);
    t.same(
      [connectName(parsed), legacyName(parsed), policyPath(parsed), formatTarget(parsed)],
      [connect, legacy, policy, target],
    );
  });
}

for (const target of ["label/app=web", "label/app=web,tier=fe/container/c"]) {
  t.test(`${target} is only "label" in a URL`, async (t) => {
    t.same([connectName(parseTarget(target)), legacyName(parseTarget(target))], ["label", "label"]);
    t.equal(formatTarget(parseTarget(target)), target);
  });
}

const parsed: { text: string; want: Target }[] = [
  { text: "deploy/web", want: { kind: "deployment", name: "web" } },
  { text: "deploy/web/container/app", want: { kind: "deployment", name: "web", container: "app" } },
  { text: "pod/container/container/container", want: { kind: "pod", name: "container", container: "container" } },
  { text: "pod/web.v1", want: { kind: "pod", name: "web.v1" } },
  { text: "label/app=web", want: { kind: "label", labels: { app: "web" } } },
  {
    text: "label/app=web,tier=fe/container/c",
    want: { kind: "label", labels: { app: "web", tier: "fe" }, container: "c" },
  },
  {
    text: "label/example.com/path=a/container/b/container/c",
    want: { kind: "label", labels: { "example.com/path": "a/container/b" }, container: "c" },
  },
  { text: "label/empty=", want: { kind: "label", labels: { empty: "" } } },
];
for (const { text, want } of parsed) {
  t.test(`${text} is understood`, async (t) => t.same(parseTarget(text), want));
}

t.test("the words of kubectl are understood too", async (t) => {
  for (const word of ["po", "svc", "sts", "rs", "cj", "deployments", "Deployment"]) {
    t.doesNotThrow(() => parseTarget(`${word}/x`), word);
  }
});

const refused = [
  "",
  "web",
  "deploy",
  "deploy/",
  "deploy/web/",
  "deploy/web/container",
  "deploy/web/container/",
  "deploy/web/containers/app",
  "deploy/web/container/app/more",
  "deploy/Web",
  "deploy/-web",
  "deploy/we b",
  `deploy/${"x".repeat(254)}`,
  "daemonset/web",
  "targetless/x",
  "label",
  "label/",
  "label/app",
  "label/=web",
  "label/app=web,",
  "label/app!=web",
  "label/!app=web",
  "label/app==web",
  "label/app=in (a)",
  "/web",
];
for (const text of refused) {
  t.test(`${JSON.stringify(text).slice(0, 40)} is refused`, async (t) => {
    t.throws(() => parseTarget(text), { name: "UserError", kind: "usage" });
  });
}

const types: Record<string, string> = {
  deployment: "apps/v1 deployments",
  pod: "/v1 pods",
  statefulset: "apps/v1 statefulsets",
  rollout: "argoproj.io/v1alpha1 rollouts",
  job: "batch/v1 jobs",
  cronjob: "batch/v1 cronjobs",
  service: "/v1 services",
  replicaset: "apps/v1 replicasets",
};
t.test("every kind is read where the API has it", async (t) => {
  const found = workloadKinds.map((kind) => {
    const { group, version, resource, namespaced } = workloadType(kind);
    t.ok(namespaced);
    return [kind, `${group}/${version} ${resource}`];
  });
  t.same(Object.fromEntries(found), types);
});

t.test("the labels of a target make a selector", async (t) => {
  t.equal(labelSelector({ kind: "label", labels: { app: "web", tier: "fe" } }), "app=web,tier=fe");
});

t.test("a role that limits connections lists every spelling", async (t) => {
  t.same(connectionSpellings({ kind: "deployment", name: "x" }, ["a", "b"]), [
    "deploy.x",
    "deploy.x.container.a",
    "deploy.x.container.b",
    "deployment.x",
    "deployment.x.container.a",
    "deployment.x.container.b",
  ]);
  t.same(connectionSpellings({ kind: "deployment", name: "x", container: "a" }, ["a", "b"]), [
    "deploy.x.container.a",
    "deployment.x.container.a",
  ]);
  t.same(connectionSpellings({ kind: "pod", name: "x" }, ["a"]), ["pod.x", "pod.x.container.a"]);
});

t.test("a kind that is nearly one is named; any other is not guessed at", async (t) => {
  const unknown = { name: "UserError", kind: "usage" };
  t.throws(() => parseTarget("deploi/web/container/main"), {
    ...unknown,
    hint: /^Did you mean deployment\/web\/container\/main\? /,
  });
  t.throws(() => parseTarget("foo/web"), { ...unknown, hint: /^A target is / });
});
