import t from "tap";
import { UserError } from "../../lib/errors.ts";
import { apiError } from "../../lib/kubernetes/api-error.ts";
import { operatorFailure, readOperator } from "../../lib/reading/operator.ts";
import { fakeCluster, type FakeOptions } from "../preview/fake-cluster.ts";
import { deployment, object, operator, podSpec } from "../preview/objects.ts";

const unavailable = "the server is currently unable to handle the request";
const group = "operator.metalbear.co";
const notReadable = "you may not read the operator's version and features: those of a current operator are assumed";

const live: [what: string, options: FakeOptions, state: object, reads: string[]][] = [
  [
    "that can be read",
    { objects: [operator()] },
    { state: "installed", info: { version: "3.187.0" }, assumption: undefined },
    ["get mirrordoperators"],
  ],
  [
    "whose group nobody serves",
    { notServed: [group] },
    { state: "missing" },
    ["get mirrordoperators", `discover ${group}`],
  ],
  [
    "that is registered and serves nothing",
    {},
    { state: "unreachable", why: "the operator is registered but does not serve mirrordoperators/operator" },
    ["get mirrordoperators", `discover ${group}`],
  ],
  [
    "that may not be read",
    { objects: [operator()], forbidden: ["mirrordoperators"] },
    { state: "installed", info: { version: undefined }, assumption: notReadable },
    ["get mirrordoperators", `discover ${group}`],
  ],
  [
    "that may not be read and is not there",
    { forbidden: ["mirrordoperators"], notServed: [group] },
    { state: "missing" },
    ["get mirrordoperators", `discover ${group}`],
  ],
  [
    "that does not answer",
    { failing: { mirrordoperators: 503 } },
    { state: "unreachable", why: new RegExp(unavailable, "u") },
    ["get mirrordoperators"],
  ],
  [
    "that may not be read, where discovery does not answer",
    { forbidden: ["mirrordoperators"], failing: { [group]: 503 } },
    { state: "unreachable", why: new RegExp(unavailable, "u") },
    ["get mirrordoperators", `discover ${group}`],
  ],
  [
    "that may not be read, where discovery is forbidden as well",
    { forbidden: ["mirrordoperators"], failing: { [group]: 403 } },
    { state: "installed", assumption: notReadable },
    ["get mirrordoperators", `discover ${group}`],
  ],
];
for (const [what, options, state, reads] of live) {
  t.test(`an operator ${what}`, async (t) => {
    const cluster = fakeCluster(options);
    t.match(await readOperator(cluster), state);
    t.same(cluster.reads, reads);
  });
}

const withImage = (image: string) =>
  deployment("mirrord-operator", { spec: { template: { spec: podSpec({ containers: [{ name: "o", image }] }) } } });
const registration = object("apiregistration.k8s.io/v1", "APIService", `v1.${group}`);
const shown = "manifests do not show the operator's features: those of a current operator are assumed";

t.test("in a folder of manifests a Deployment or a registration is enough", async (t) => {
  const read = (objects: FakeOptions["objects"] = []) => readOperator(fakeCluster({ objects, offline: true }));
  t.same(await read(), { state: "missing" });
  t.same(await read([deployment("other")]), { state: "missing" });
  t.match(await read([registration]), { state: "installed", info: { version: undefined }, assumption: shown });
});

const images: [image: string, version: string | undefined, knowsLabels: boolean][] = [
  ["ghcr.io/metalbear-co/operator:3.192.0", "3.192.0", true],
  ["registry.example.com:5000/mirror/operator:3.191.9", "3.191.9", false],
  ["registry.example.com:5000/mirror/operator:3.191.9@sha256:0123", "3.191.9", false],
  ["registry.example.com:5000/mirror/operator", undefined, true],
  ["operator@sha256:0123", undefined, true],
  ["operator:latest", "latest", true],
];
for (const [image, version, knowsLabels] of images) {
  t.test(`the Deployment of ${image} in a folder is an operator of version ${version ?? "nobody knows"}`, async (t) => {
    const found = await readOperator(fakeCluster({ objects: [withImage(image)], offline: true }));
    t.match(found, { state: "installed", info: { version }, assumption: shown });
    t.equal(found.state === "installed" && found.info.features.has("LabelTargeting"), knowsLabels);
  });
}

t.test("what cannot be asked is no operator that is missing, and a fault of ours is none of its", async (t) => {
  const failing = (error: Error) => ({
    ...fakeCluster(),
    get: async () => {
      throw error;
    },
  });
  t.match(await readOperator(failing(new UserError("undetermined", "no answer in time"))), {
    state: "unreachable",
    why: "no answer in time",
  });
  await t.rejects(readOperator(failing(new UserError("usage", "wrong"))), { message: "wrong" });
  await t.rejects(readOperator(failing(new TypeError("ours"))), { message: "ours" });
});

const refusals: { detail: string; says: RegExp; grant: string }[] = [
  {
    detail: `sessions.${group} is forbidden: User "eve" cannot list resource "sessions" in API group "${group}" in the namespace "dev"`,
    says: /^Error from server \(Forbidden\): sessions/,
    grant: "eve --role view --ns dev",
  },
  {
    detail: `mirrordoperators.${group} "operator" is forbidden: User "system:serviceaccount:ci:bot" cannot get resource "mirrordoperators" in API group "${group}" at the cluster scope: RBAC: role not found`,
    says: /^Error from server \(Forbidden\): mirrordoperators/,
    grant: "sa:ci/bot --role view --ns NAMESPACE",
  },
  {
    detail: "the licence has no seat left",
    says: /^mirrord operator rejected the request: Error from server \(Forbidden\): the licence/,
    grant: "YOU --role view --ns NAMESPACE",
  },
];
for (const { detail, says, grant } of refusals)
  t.test(`who refused "${detail.slice(0, 30)}…", and whom to let in`, async (t) => {
    const body = JSON.stringify({ kind: "Status", reason: "Forbidden", message: detail, code: 403 });
    const hint = `An administrator can let you see sessions: kubectl mirrord grant ${grant}`;
    t.match(operatorFailure(apiError("GET", 403, body)), { message: says, hint, exitCode: 3 });
  });
