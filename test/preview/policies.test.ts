import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { plainPlan, type SessionPlan } from "../../lib/mirrord/plan/session-plan.ts";
import { readsAsGiven, weighPolicies } from "../../lib/preview/policies.ts";
import { saysKept } from "../kept-text.ts";
import { deployment, policy } from "./objects.ts";

const versions: [version: string | undefined, asGiven: boolean][] = [
  [undefined, false],
  ["", false],
  ["latest", false],
  ["2.0.0", true],
  ["3.187.0", true],
  ["3.192.0", true],
  ["3.192.99", true],
  ["3.193.0", false],
  ["4.0.0", false],
];
for (const [version, asGiven] of versions) {
  t.test(`operator ${version} reads policies ${asGiven ? "as they are given" : "perhaps otherwise"}`, async (t) => {
    t.equal(readsAsGiven(version), asGiven);
  });
}

const plan: SessionPlan = plainPlan("steal", { kind: "deployment", name: "web" }, "dev");
/** The pod behind it is one that policies may be on. */
const throughPods: SessionPlan = {
  ...plan,
  related: [{ target: { kind: "pod", name: "web-0" }, labels: { app: "pods" } }],
};
const refusing = policy("p", { block: ["steal"] });
const onPods = policy("q", { selector: { matchLabels: { app: "pods" } }, block: ["steal"] });
const newer = policy("n", { splitQueues: { all: true } });

const cases: Record<string, { policies?: KubernetesObject[]; unreadable?: string[]; plan?: SessionPlan }> = {
  none: {},
  "none that may be read": { unreadable: ["mirrordpolicies"] },
  "one that refuses": { policies: [refusing] },
  "one that refuses, beside what may not be read": { policies: [refusing], unreadable: ["mirrordclusterpolicies"] },
  "one that refuses something else": { policies: [policy("p", { block: ["mirror"] })] },
  "one that says what nobody here knows": { policies: [newer] },
  "one that says what nobody here knows, beside what may not be read": {
    policies: [newer],
    unreadable: ["mirrordclusterpolicies"],
  },
  "one on other labels": { policies: [onPods] },
  "one on the labels of its pods": { policies: [onPods], plan: throughPods },
  "two, of which the second refuses": { policies: [policy("a", {}), refusing] },
};
for (const [name, { policies = [], unreadable = [], plan: chosen = plan }] of Object.entries(cases)) {
  t.test(`policies: ${name}`, async (t) => {
    const said = ["3.192.0", "3.193.0", undefined].map((version) => {
      const assumed = ["its pods are as they were"];
      const outcome = weighPolicies({ policies, unreadable }, chosen, deployment(), version, assumed);
      t.same([outcome.policies, outcome.plan, outcome.unreadable], [policies, chosen, unreadable]);
      t.same(outcome.targetLabels, { app: "web" });
      return `${version ?? "of no version"}: ${outcome.answer} (${outcome.reason}), assuming ${outcome.verdict.assumptions.join("; ")}`;
    });
    saysKept(t, import.meta.filename, name, () => said);
  });
}

t.test("the labels of a target that is not known are not known either; one without labels has none", async (t) => {
  const labels = (workload: KubernetesObject | undefined) =>
    weighPolicies({ policies: [], unreadable: [] }, plan, workload, undefined).targetLabels;
  t.equal(labels(undefined), undefined);
  t.same(labels({ apiVersion: "v1", kind: "Pod", metadata: { name: "x" } }), {});
});

t.test("what is assumed of other objects is not said of label targets, whose labels are those of pods", async (t) => {
  const labels = plainPlan("steal", { kind: "label", labels: { app: "web" } }, "dev");
  const outcome = (version: string | undefined, of: SessionPlan) =>
    weighPolicies({ policies: [], unreadable: [] }, of, undefined, version, ["x"]).verdict.assumptions;
  t.ok(outcome(undefined, labels).includes("x"));
  t.ok(outcome("3.187.0", labels).includes("x"));
  t.notOk(outcome("3.187.0", plan).includes("x"));
});
