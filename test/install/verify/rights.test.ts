import t from "tap";
import { escalations, refusedRights, rightQuestions, tooManyRights } from "../../../lib/install/verify/rights.ts";

t.test("each right is a question, with its subresource and its name", async (t) => {
  const rules = [
    { apiGroups: ["", "apps"], resources: ["pods", "pods/log"], verbs: ["get"] },
    { apiGroups: [""], resources: ["namespaces"], verbs: ["get"], resourceNames: ["default"] },
  ];
  t.same(rightQuestions(rules, "dev"), [
    { verb: "get", apiGroup: "", resource: "pods", namespace: "dev" },
    { verb: "get", apiGroup: "", resource: "pods", namespace: "dev", subresource: "log" },
    { verb: "get", apiGroup: "apps", resource: "pods", namespace: "dev" },
    { verb: "get", apiGroup: "apps", resource: "pods", namespace: "dev", subresource: "log" },
    { verb: "get", apiGroup: "", resource: "namespaces", namespace: "dev", name: "default" },
  ]);
});

const check = {
  role: { kind: "ClusterRole", name: "r" },
  user: { name: "jim", groups: [] },
  questions: [
    ...rightQuestions([{ apiGroups: [""], resources: ["a", "b", "c/d", "e"], verbs: ["get"] }], ""),
    { verb: "get", path: "/healthz" },
    ...rightQuestions([{ apiGroups: [""], resources: ["f"], verbs: ["get"], resourceNames: ["x"] }], ""),
  ],
};

t.test("what the API server refuses is named, three of it; what it does not answer is no refusal", async (t) => {
  t.same(refusedRights(check, ["yes", "unknown", "yes", "yes", "yes", "yes"]), []);
  const few = refusedRights(check, ["yes", "yes", "no", "yes", "no", "no"]);
  t.match(few, [{ rule: "right-refused", severity: "error", message: "jim may not get c/d, get /healthz, get f x." }]);
  const many = refusedRights(check, ["no", "no", "no", "no", "no", "no"]);
  t.match(many, [{ message: "jim may not get a, get b, get c/d and 3 more." }]);
});

t.test("what could make the operator an administrator is a finding; silence is none", async (t) => {
  const account = { kind: "ServiceAccount", name: "mirrord-operator", namespace: "mirrord" };
  const answers = escalations.map(() => "no" as const);
  t.same(tooManyRights(account, answers), []);
  t.same(
    tooManyRights(
      account,
      escalations.map(() => "unknown" as const),
    ),
    [],
  );
  const [finding] = tooManyRights(account, ["yes", ...answers.slice(1, -1), "yes"]);
  t.match(finding, { rule: "right-too-many", subject: account, message: "It may impersonate users, * *." });
});
