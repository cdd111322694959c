import t from "tap";
import { encodeIntent, grantId, type Intent } from "../../../lib/access/intent.ts";
import { annotations, GRANT_LABEL } from "../../../lib/access/names.ts";
import { explainSteps } from "../../../lib/commands/grant/explain-steps.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";

const jim = { name: "jim", groups: [] };
const web = { kind: "deployment", name: "web" } as const;
const rules = [{ apiGroups: ["operator.metalbear.co"], resources: ["targets"], verbs: ["get", "proxy"] }];
const role: KubernetesObject = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: "connect" },
  rules,
};

function binding(name: string, metadata: Partial<KubernetesObject["metadata"]> = {}): KubernetesObject {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name, namespace: "dev", ...metadata },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "connect" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "jim" }],
  };
}

const connection = (objects: readonly KubernetesObject[]) =>
  explainSteps(objects, jim, web, "dev").filter(({ request }) => request.includes("proxy"));

t.test("a step that nothing allows is a no, without a way", (t) => {
  const steps = explainSteps([], jim, web, "dev");
  t.ok(steps.length > 1);
  t.ok(steps.every(({ answer, binding: none }) => answer === "no" && none === undefined));
  t.end();
});

t.test("each binding that allows a step is a way of its own, and says by which rule", (t) => {
  t.match(connection([role, binding("by-hand"), binding("twice")]), [
    { answer: "yes", binding: "rolebinding/by-hand (dev)", role: "clusterrole/connect", subject: "user jim" },
    { answer: "yes", binding: "rolebinding/twice (dev)" },
  ]);
  t.end();
});

t.test("a binding of a grant names it, with the team and the collections of its intent", (t) => {
  const intent: Intent = {
    subject: { kind: "Team", name: "acme/web" },
    role: "user",
    set: { kind: "namespaces", namespaces: [], selectors: ["collection.kubectl-mirrord.io/prod"] },
    targets: [],
    reads: true,
  };
  const grant = grantId(intent);
  const labels = { [GRANT_LABEL]: grant };
  const main = binding("main", { labels, annotations: { [annotations.intent]: encodeIntent(intent) } });
  const [way] = connection([role, main]);
  t.match(way, { grant, through: "team:acme/web", collections: ["prod"] });
  const [other] = connection([role, binding("made", { labels: { [GRANT_LABEL]: "lost" } })]);
  t.equal(other?.grant, "lost", "also where the binding that carries the intent is gone");
  t.notOk(other?.through);
  t.end();
});
