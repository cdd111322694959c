import t from "tap";
import { denies, policyFindings, type StoredPolicy } from "../../../lib/install/verify/policy-set.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";

const object = (kind: string, spec: object, more: object = {}): KubernetesObject => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind,
  metadata: { name: "p" },
  spec,
  ...more,
});

const spec = {
  failurePolicy: "Fail",
  matchConstraints: { resourceRules: [{ apiGroups: [""], operations: ["CREATE"], resources: ["pods"] }] },
  matchConditions: [],
  validations: [{ expression: "false" }],
};
const wanted = object("ValidatingAdmissionPolicy", spec);
const wantedBinding = object("ValidatingAdmissionPolicyBinding", { policyName: "p", validationActions: ["Deny"] });
const sound: StoredPolicy = {
  // As the API server fills it in.
  policy: object("ValidatingAdmissionPolicy", {
    ...spec,
    matchConstraints: {
      matchPolicy: "Equivalent",
      namespaceSelector: {},
      objectSelector: {},
      resourceRules: [{ ...spec.matchConstraints.resourceRules[0], scope: "*" }],
    },
    matchConditions: undefined,
  }),
  binding: wantedBinding,
};

const findings = (stored: StoredPolicy | undefined) =>
  policyFindings(
    { policies: [wanted], bindings: [wantedBinding] },
    new Map(stored === undefined ? [] : [["p", stored]]),
  ).map(({ rule, message }) => `${rule}: ${message}`);

const cases: { name: string; stored: StoredPolicy | undefined; want: string[] }[] = [
  { name: "as it is installed", stored: sound, want: [] },
  { name: "gone", stored: undefined, want: ["policy-changed: It is not there.", "policy-changed: It is not there."] },
  {
    name: "without its binding",
    stored: { ...sound, binding: undefined },
    want: ["policy-changed: It is not there."],
  },
  {
    name: "being deleted",
    stored: {
      ...sound,
      policy: { ...wanted, metadata: { name: "p", deletionTimestamp: "2026-01-01T00:00:00Z" } },
    },
    want: ["policy-changed: It is being deleted."],
  },
  {
    name: "that fails open",
    stored: { ...sound, policy: object("ValidatingAdmissionPolicy", { ...spec, failurePolicy: "Ignore" }) },
    want: ["policy-changed: Not as it is installed: spec.failurePolicy."],
  },
  {
    name: "with a condition that somebody added",
    stored: {
      ...sound,
      policy: object("ValidatingAdmissionPolicy", { ...spec, matchConditions: [{ name: "x", expression: "false" }] }),
    },
    want: ["policy-changed: Not as it is installed: spec.matchConditions."],
  },
  {
    name: "whose binding leaves namespaces out",
    stored: {
      ...sound,
      binding: object("ValidatingAdmissionPolicyBinding", {
        policyName: "p",
        validationActions: ["Deny"],
        matchResources: { namespaceSelector: { matchLabels: { a: "b" } } },
      }),
    },
    want: ["policy-changed: Not as it is installed: spec.matchResources."],
  },
  {
    name: "that the API server cannot evaluate",
    stored: {
      ...sound,
      policy: {
        ...wanted,
        status: { typeChecking: { expressionWarnings: [{ fieldRef: "x", warning: "undefined field 'y'\n | more" }] } },
      },
    },
    want: ["policy-unsound: The API server says: undefined field 'y'"],
  },
];

for (const { name, stored, want } of cases) {
  t.test(`a policy ${name}`, async (t) => t.same(findings(stored), want));
}

t.test("only a binding with Deny refuses", async (t) => {
  t.ok(denies(wantedBinding));
  t.notOk(denies(object("ValidatingAdmissionPolicyBinding", { validationActions: ["Audit", "Warn"] })));
  t.notOk(denies(undefined));
});
