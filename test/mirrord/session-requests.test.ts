import t from "tap";
import type { AccessAttributes } from "../../lib/kubernetes/access.ts";
import { plainPlan, type SessionPlan } from "../../lib/mirrord/plan/session-plan.ts";
import type { SessionRequest } from "../../lib/mirrord/plan/session-request.ts";
import { sessionRequests } from "../../lib/mirrord/session-requests.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";
import { clientSessions } from "./client-sessions.ts";
import { requestTable } from "./request-table.ts";

const base = plainPlan("mirror", parseTarget("deployment/web"), "dev");

for (const { id, attributes, plan } of requestTable) {
  const text = attributesText(attributes);
  t.test(`${id}: some plan asks ${text}`, async (t) => {
    const requests = sessionRequests({ ...base, ...plan });
    t.ok(
      requests.some((request) => request.id === id && attributesText(request.attributes) === text),
      requests.map((request) => `${request.id}: ${attributesText(request.attributes)}`).join("; "),
    );
  });
}

/** The plans behind the sessions that the vendor's client was watched at. */
const clientPlans: Record<string, SessionPlan> = {
  deployment: base,
  "deploy-short": planFor("deploy/web"),
  "deployment-no-replicas": planFor("deployment/web", { copy: true, rolloutProbe: true }),
  pod: planFor("pod/web-7887448d46-g5jkj"),
  statefulset: planFor("statefulset/db"),
  job: planFor("job/j1"),
  targetless: plainPlan("targetless", parseTarget("targetless"), "dev"),
  "no-target": plainPlan("targetless", parseTarget("targetless"), "default"),
  label: planFor("label/app=web"),
  "copy-target": planFor("deployment/web", { copy: true }),
  "copy-target-pod": planFor("pod/web-7887448d46-g5jkj", { copy: true }),
  "profile-namespaced": planFor("deployment/web", { profile: { name: "prof", namespace: "dev" } }),
  "profile-missing": planFor("deployment/web", { profile: { name: "nope" } }),
  steal: plainPlan("steal", parseTarget("deployment/web"), "dev"),
  "steal-filter": plainPlan("steal", parseTarget("deployment/web"), "dev"),
  "string-target": plainPlan("mirror", parseTarget("deployment/web"), "default"),
  "deployment-missing": planFor("deployment/nope"),
};

function planFor(target: string, more: Partial<SessionPlan> = {}): SessionPlan {
  return { ...plainPlan("mirror", parseTarget(target), "dev"), ...more };
}

const credential = "create operator.metalbear.co/mirrordclusteroperatorusercredentials -";

for (const { name, requests, requires, stopped } of clientSessions) {
  const plan = clientPlans[name];
  if (plan === undefined) throw new Error(`no plan for the session ${name}`);
  const planned = sessionRequests(plan).filter(({ checkedBy }) => checkedBy === "api-server");

  t.test(`${name}: the client's own requests are planned, in its order`, async (t) => {
    const texts = planned.map(({ attributes }) => attributesText(attributes)).filter((text) => text !== credential);
    t.same(stopped ? texts.slice(0, requests.length) : texts.filter((text) => requests.includes(text)), requests);
  });
  if (stopped) continue;

  t.test(`${name}: required is what the client cannot do without, in its order`, async (t) => {
    const required = planned.filter((request) => request.required).map(({ attributes }) => attributesText(attributes));
    const [operator = "", ...others] = withoutOptional(requests);
    const [profile, ...afterProfile] = others;
    const derived = operator.includes("profiles")
      ? [operator, profile, credential, ...afterProfile]
      : [operator, credential, ...others];
    t.same(required, requires ?? derived);
  });
}

// A refused look for a Rollout of the same name is tolerated.
function withoutOptional(requests: string[]): string[] {
  return requests.filter((request) => !request.startsWith("get argoproj.io/rollouts"));
}

function attributesText(attributes: AccessAttributes): string {
  if ("path" in attributes) return `${attributes.verb} ${attributes.path}`;
  const { verb, apiGroup, resource, subresource, namespace, name } = attributes;
  const type = [apiGroup === "" ? "*" : apiGroup, resource, ...(subresource === undefined ? [] : [subresource])].join(
    "/",
  );
  return [verb, type, namespace ?? "-", ...(name === undefined ? [] : [name])].join(" ");
}

const native: { target: string; want: string }[] = [
  { target: "deployment/x/container/app", want: "get apps/deployments dev x" },
  { target: "pod/x", want: "get */pods dev x" },
  { target: "rollout/x", want: "get argoproj.io/rollouts dev x" },
  { target: "statefulset/x", want: "get apps/statefulsets dev x" },
  { target: "replicaset/x", want: "get apps/replicasets dev x" },
  { target: "service/x", want: "get */services dev x" },
  { target: "job/x", want: "get batch/jobs dev x" },
  { target: "cronjob/x", want: "get batch/cronjobs dev x" },
  { target: "label/app=web", want: "list */pods dev" },
  { target: "targetless", want: "get */namespaces dev dev" },
];
for (const { target, want } of native) {
  t.test(`for ${target} the operator asks ${want}`, async (t) => {
    const checks = sessionRequests(planFor(target)).filter(({ checkedBy }) => checkedBy === "operator");
    t.same(
      checks.map(({ attributes }) => attributesText(attributes)),
      [want],
    );
  });
}

const has = (plan: SessionPlan, id: string): SessionRequest | undefined =>
  sessionRequests(plan).find((one) => one.id === id);

t.test("a primary of several clusters reads nothing of the target and is asked nothing", async (t) => {
  const plan = planFor("deployment/web", { multiClusterPrimary: true });
  t.same(
    sessionRequests(plan).map(({ id }) => id),
    ["operator-get", "credential-new", "connect-proxy", "version"],
  );
});

t.test("a rollout that refers to a workload makes the client read that too", async (t) => {
  const plan = planFor("rollout/web", { workloadRef: { group: "apps", resource: "deployments", name: "web" } });
  t.same(has(plan, "native-get-workload-ref")?.attributes, {
    verb: "get",
    apiGroup: "apps",
    resource: "deployments",
    namespace: "dev",
    name: "web",
  });
});

t.test("an old client connects by the legacy name and reads nothing itself", async (t) => {
  const requests = sessionRequests(planFor("deployment/web", { legacyClient: true }));
  t.match(requests.find(({ id }) => id === "connect-proxy")?.attributes, { name: "deploy.web" });
  t.notOk(requests.some(({ id }) => id.startsWith("native-get") || id === "native-list-pods"));
});

t.test("a CI key stands in for the client certificate", async (t) => {
  t.notOk(has(planFor("deployment/web", { ciKey: true }), "credential-new"));
});

t.test("a preview is made where the operator keeps previews", async (t) => {
  const plan = { ...planFor("deployment/web"), action: "preview", previewNamespace: "mirrord" } as const;
  t.match(has(plan, "preview-create")?.attributes, { namespace: "mirrord" });
  t.match(has(plan, "target-get-preview")?.attributes, { namespace: "dev", name: "deploy.web" });
});

const previewTarget = ["get operator.metalbear.co/mirrordoperators - operator"];
const previewSteps = ["list", "create", "watch"].map(
  (verb) => `${verb} preview.mirrord.metalbear.co/previewsessions dev`,
);
const previews: { name: string; target: string; plan?: Partial<SessionPlan>; reads: string[] }[] = [
  {
    name: "a container that the operator does not name is looked for by the client itself",
    target: "deployment/web",
    reads: ["get operator.metalbear.co/targets dev deploy.web", "get apps/deployments dev web", "list */pods dev"],
  },
  {
    name: "a job is looked at with its pods, because nothing is copied",
    target: "job/j1",
    plan: { copy: true },
    reads: ["get operator.metalbear.co/targets dev job.j1", "get batch/jobs dev j1", "list */pods dev"],
  },
  {
    name: "a container that is written is not looked for",
    target: "deployment/web/container/main",
    reads: ["get operator.metalbear.co/targets dev deploy.web.container.main"],
  },
  {
    name: "a container that the operator names is not looked for",
    target: "deployment/web",
    plan: { operatorNamesContainer: true },
    reads: ["get operator.metalbear.co/targets dev deploy.web"],
  },
  {
    name: "the primary of several clusters finds the container itself",
    target: "deployment/web",
    plan: { multiClusterPrimary: true },
    reads: ["get operator.metalbear.co/targets dev deploy.web"],
  },
];
for (const { name, target, plan, reads } of previews) {
  t.test(`a preview: ${name}`, async (t) => {
    const requests = sessionRequests(planFor(target, { action: "preview", ...plan }));
    const required = requests.filter((request) => request.required).map(({ attributes }) => attributesText(attributes));
    const more = plan?.multiClusterPrimary === true ? ["get operator.metalbear.co/previews dev"] : [];
    t.same(required, [...previewTarget, ...reads, ...previewSteps, ...more]);
  });
}

t.test("a preview makes no client certificate, and goes on when it may not delete what took too long", async (t) => {
  const requests = sessionRequests(planFor("deployment/web", { action: "preview" }));
  t.notOk(requests.some(({ id }) => id.startsWith("credential-")));
  t.match(
    requests.find(({ id }) => id === "preview-delete"),
    { required: false, attributes: { verb: "delete", resource: "previewsessions" } },
  );
});

t.test("sessions are stopped at cluster scope", async (t) => {
  for (const { attributes } of sessionRequests(planFor("targetless", { action: "kill-sessions" }))) {
    t.notHas(attributes, { namespace: "dev" });
  }
});
