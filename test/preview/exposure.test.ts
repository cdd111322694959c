import t from "tap";
import type { Target } from "../../lib/mirrord/target.ts";
import { askExposure, exposedBy, exposureQuestion } from "../../lib/preview/exposure.ts";
import { deployment, NAMESPACE, object, pod, podSpec } from "./objects.ts";

const web: Target = { kind: "deployment", name: "web" };
const of = (spec: Record<string, unknown>, target = web) =>
  exposedBy([deployment("web", { spec: { template: { spec } } })], target);
const env = (name: string, valueFrom: object) => ({ name, valueFrom });

const cases: { name: string; spec: Record<string, unknown>; want: [kind: string, name: string, through: string][] }[] =
  [
    { name: "nothing", spec: podSpec(), want: [] },
    {
      name: "env from keys",
      spec: {
        containers: [
          {
            name: "c",
            env: [
              env("A", { secretKeyRef: { name: "s" } }),
              env("B", { configMapKeyRef: { name: "m" } }),
              env("C", { fieldRef: {} }),
              { name: "D", value: "x" },
            ],
          },
        ],
      },
      want: [
        ["Secret", "s", "env A of container c"],
        ["ConfigMap", "m", "env B of container c"],
      ],
    },
    {
      name: "envFrom",
      spec: {
        containers: [
          { name: "c", envFrom: [{ secretRef: { name: "s" } }, { configMapRef: { name: "m" }, prefix: "P_" }] },
        ],
      },
      want: [
        ["Secret", "s", "envFrom of container c"],
        ["ConfigMap", "m", "envFrom of container c"],
      ],
    },
    {
      name: "several: Secrets first, and each kind in the order of its names",
      spec: {
        containers: [
          {
            name: "c",
            env: [
              env("A", { configMapKeyRef: { name: "m2" } }),
              env("B", { secretKeyRef: { name: "s3" } }),
              env("C", { configMapKeyRef: { name: "m1" } }),
              env("D", { secretKeyRef: { name: "s1" } }),
              env("E", { secretKeyRef: { name: "s2" } }),
            ],
          },
        ],
      },
      want: [
        ["Secret", "s1", "env D of container c"],
        ["Secret", "s2", "env E of container c"],
        ["Secret", "s3", "env B of container c"],
        ["ConfigMap", "m1", "env C of container c"],
        ["ConfigMap", "m2", "env A of container c"],
      ],
    },
    {
      name: "mounted volumes, not others",
      spec: {
        volumes: [
          { name: "a", secret: { secretName: "s" } },
          { name: "b", configMap: { name: "m" } },
          { name: "idle", secret: { secretName: "never" } },
        ],
        containers: [{ name: "c", volumeMounts: [{ name: "a" }, { name: "b" }, { name: "unknown" }] }],
      },
      want: [
        ["Secret", "s", "volume a of container c"],
        ["ConfigMap", "m", "volume b of container c"],
      ],
    },
    {
      name: "projected volumes",
      spec: {
        volumes: [
          {
            name: "p",
            projected: {
              sources: [
                { secret: { name: "s" } },
                { configMap: { name: "m" } },
                { serviceAccountToken: {} },
                { downwardAPI: {} },
              ],
            },
          },
        ],
        containers: [{ name: "c", volumeMounts: [{ name: "p" }] }],
      },
      want: [
        ["Secret", "s", "volume p of container c"],
        ["ConfigMap", "m", "volume p of container c"],
      ],
    },
    {
      name: "a sidecar, not an init container",
      spec: {
        containers: [{ name: "c" }],
        initContainers: [
          { name: "side", restartPolicy: "Always", envFrom: [{ secretRef: { name: "s" } }] },
          { name: "init", envFrom: [{ secretRef: { name: "gone" } }] },
        ],
      },
      want: [["Secret", "s", "envFrom of container side"]],
    },
    {
      name: "malformed parts",
      spec: {
        containers: [null, 3, { name: "c", env: "x", envFrom: [null, { secretRef: 1 }], volumeMounts: {} }],
        volumes: "x",
      },
      want: [],
    },
  ];
for (const { name, spec, want } of cases) {
  t.test(
    `${name} shows ${want.length === 0 ? "nothing" : want.map(([kind, shown]) => `${kind} ${shown}`).join(", ")}`,
    async (t) => {
      t.same(
        of(spec).map(({ kind, name: shown, through }) => [kind, shown, through.join("; ")]),
        want,
      );
    },
  );
}

t.test("a Secret that is shown twice is listed once, with both ways", async (t) => {
  const spec = {
    containers: [
      { name: "a", envFrom: [{ secretRef: { name: "s" } }] },
      { name: "b", envFrom: [{ secretRef: { name: "s" } }] },
    ],
  };
  t.same(of(spec), [{ kind: "Secret", name: "s", through: ["envFrom of container a", "envFrom of container b"] }]);
  t.same(
    of(spec, { ...web, container: "b" }),
    [{ kind: "Secret", name: "s", through: ["envFrom of container b"] }],
    "of one container only its own",
  );
});

t.test("pods and cron jobs are read in their own place", async (t) => {
  const spec = { containers: [{ name: "c", envFrom: [{ secretRef: { name: "s" } }] }] };
  const shown = [{ kind: "Secret", name: "s", through: ["envFrom of container c"] }];
  t.same(exposedBy([pod("p", {}, { spec })], { kind: "pod", name: "p" }), shown);
  const cronJob = object(
    "batch/v1",
    "CronJob",
    "cj",
    { spec: { jobTemplate: { spec: { template: { spec } } } } },
    NAMESPACE,
  );
  t.same(exposedBy([cronJob], { kind: "cronjob", name: "cj" }), shown);
  t.same(
    exposedBy([pod("p", {}, { spec }), pod("q", {}, { spec })], { kind: "label", labels: {} }),
    shown,
    "of several pods, all",
  );
});

t.test("the question is whether the identity could get it by name", async (t) => {
  const [secret] = of(cases[1]?.spec ?? {});
  t.same(secret === undefined ? undefined : exposureQuestion(secret, "dev"), {
    verb: "get",
    apiGroup: "",
    resource: "secrets",
    namespace: "dev",
    name: "s",
  });
});

const showing = (name: string) => ({ containers: [{ name: "c", envFrom: [{ secretRef: { name } }] }] });
const template = deployment("web", { spec: { template: { spec: showing("of-template") } } });
const pods = [pod("web-0", {}, { spec: showing("of-pod") })];
const service = object("v1", "Service", "web", { spec: { template: { spec: showing("of-service") } } }, NAMESPACE);
const rollout: Target = { kind: "rollout", name: "ro" };
const reference = object("argoproj.io/v1alpha1", "Rollout", "ro", { spec: { workloadRef: {} } }, NAMESPACE);
const shown: [what: string, target: Target, facts: object, names: string[] | undefined][] = [
  ["a workload by its own template", web, { object: template, pods }, ["of-template"]],
  ["a workload that could not be read by its pods", web, { pods }, ["of-pod"]],
  ["a service by its pods", { kind: "service", name: "web" }, { object: service, pods }, ["of-pod"]],
  ["a label by its pods", { kind: "label", labels: { app: "web" } }, { pods }, ["of-pod"]],
  ["a service without pods by nothing", { kind: "service", name: "web" }, { object: service, pods: [] }, []],
  ["a service whose pods may not be read by nobody", { kind: "service", name: "web" }, { object: service }, undefined],
  ["a target that may not be read by nobody", web, { forbidden: true }, undefined],
  ["a rollout without a template by its pods", rollout, { object: reference, pods }, ["of-pod"]],
  ["a rollout whose pods may not be read either by nobody", rollout, { object: reference }, undefined],
];
for (const [what, target, facts, names] of shown) {
  t.test(`what a session shows is said of ${what}, and whether it could be read without one`, async (t) => {
    const asked: unknown[] = [];
    const asker = {
      ask: async (questions: readonly unknown[]) => {
        asked.push(...questions);
        return questions.map(() => ({ answer: "no", reason: "" }));
      },
    };
    const exposure = await askExposure(asker as never, { target, namespace: NAMESPACE }, facts as never);
    t.same(
      exposure?.map(({ name, directly }) => [name, directly]),
      names?.map((name) => [name, "no"]),
    );
    t.same(
      asked,
      (names ?? []).map((name) => ({ verb: "get", apiGroup: "", resource: "secrets", namespace: NAMESPACE, name })),
    );
  });
}

t.test("nobody knows whether it could be read where the server does not answer", async (t) => {
  const asker = { ask: async () => [] };
  const found = await askExposure(asker, { target: web, namespace: NAMESPACE }, { object: template } as never);
  t.same(
    found?.map(({ directly }) => directly),
    ["unknown"],
  );
});
