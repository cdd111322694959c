import t from "tap";
import {
  expiryQuestions,
  expiryWeakness,
  hasUnknownGroups,
  openRoutes,
  routeQuestions,
  type Weakness,
} from "../../lib/access/defeat.ts";
import type { Lookup } from "../../lib/access/places.ts";
import type { RbacSubject } from "../../lib/access/subject.ts";
import type { Answer } from "../../lib/kubernetes/access.ts";
import { saysKept } from "../kept-text.ts";
import { bound, clusterRole } from "./rbac-objects.ts";

const rbacGroup = "rbac.authorization.k8s.io";
const questions = expiryQuestions(["dev", "qa"]);
/** Answers to the questions of both namespaces: no, but for those that match. */
const answering = (answer: Answer, matches: (question: (typeof questions)[number]) => boolean): Answer[] =>
  questions.map((question) => (matches(question) ? answer : "no"));
const no = answering("no", () => true);
const rule = (apiGroup: string, resource: string, verb: string) => ({
  apiGroups: [apiGroup],
  resources: [resource],
  verbs: [verb],
});
const role = (...words: Parameters<typeof rule>) => new Map<string, Lookup>([["x", clusterRole("x", rule(...words))]]);

const nobody: Weakness = { namespaces: [], unknown: [], groups: [], unreadable: [], unreadGuards: [] };
const everywhere = ["dev", "qa"];

const weaknesses: [
  what: string,
  answers: Answer[] | undefined,
  roles: Map<string, Lookup> | undefined,
  want: Partial<Weakness>,
][] = [
  ["no right at all", no, undefined, {}],
  ["guarded anchors", undefined, role("batch", "jobs", "patch"), {}],
  ["jobs of one namespace", answering("yes", (asked) => asked === questions.at(-1)), undefined, { namespaces: ["qa"] }],
  ["no answer", answering("unknown", ({ namespace }) => namespace === "dev"), undefined, { unknown: ["dev"] }],
  ["fewer answers than questions", [], undefined, { unknown: everywhere }],
  ["a role over jobs that it gets", no, role("batch", "jobs", "patch"), { namespaces: everywhere }],
  ["a role over all that is in jobs", no, role("batch", "*/status", "update"), { namespaces: everywhere }],
  ["a role over the status of jobs", no, role("batch", "jobs/status", "patch"), { namespaces: everywhere }],
  ["a role over bindings", no, role(rbacGroup, "rolebindings", "update"), { namespaces: everywhere }],
  ["a role that makes bindings", no, role(rbacGroup, "rolebindings", "create"), { namespaces: everywhere }],
  ["a role that only looks", no, role("batch", "jobs", "get"), {}],
  ["a role that only makes jobs", no, role("batch", "jobs", "create"), {}],
  ["a role that may not be read", no, new Map([["x", "forbidden" as const]]), {}],
];
for (const [what, answers, roles, want] of weaknesses) {
  t.test(`${what} ${want.namespaces === undefined ? "cannot be seen to undo" : "can undo"} an end`, async (t) => {
    t.same(expiryWeakness(everywhere, answers && { answers }, roles), { ...nobody, ...want });
  });
}

const edit = clusterRole("edit", rule("batch", "jobs", "patch"));
const groups: [what: string, objects: Parameters<typeof bound>[], want: Weakness["groups"]][] = [
  ["a group of one namespace", [["a", "edit", { group: "devs" }, "qa"]], [{ group: "devs", namespaces: ["qa"] }]],
  ["a group of the cluster", [["a", "edit", { group: "devs" }]], [{ group: "devs", namespaces: everywhere }]],
  [
    "two groups",
    [
      ["a", "edit", { group: "devs" }, "dev"],
      ["b", "edit", { group: "ops" }, "dev"],
    ],
    [
      { group: "devs", namespaces: ["dev"] },
      { group: "ops", namespaces: ["dev"] },
    ],
  ],
  ["a group of another namespace", [["a", "edit", { group: "devs" }, "prod"]], []],
  ["a group that every cluster binds", [["a", "edit", { group: "system:masters" }]], []],
  ["a user of another name", [["a", "edit", "ann", "dev"]], []],
];
for (const [what, bindings, want] of groups) {
  t.test(`${what}: ${want.length} ${want.length === 1 ? "group" : "groups"} could undo an end`, async (t) => {
    const rbac = { objects: [edit, ...bindings.map((each) => bound(...each))], unreadable: [] };
    t.same(expiryWeakness(everywhere, { answers: no, rbac }).groups, want);
  });
}

t.test("what may not be listed is named, and no group is made of the rest", async (t) => {
  const rbac = { objects: [edit, bound("a", "edit", { group: "devs" })], unreadable: ["rolebindings"] };
  t.match(expiryWeakness(everywhere, { answers: no, rbac }), { groups: { length: 0 }, unreadable: ["rolebindings"] });
});

t.test("where the subject may itself, no group is needed", async (t) => {
  const rbac = { objects: [edit, bound("a", "edit", { group: "devs" })], unreadable: [] };
  const answers = answering("yes", ({ namespace }) => namespace === "dev");
  t.match(expiryWeakness(everywhere, { answers, rbac }), {
    namespaces: ["dev"],
    groups: [{ group: "devs", namespaces: ["qa"] }],
  });
});

const subjects: [subject: RbacSubject, stated: string[] | undefined, want: boolean][] = [
  [{ kind: "User", name: "jim" }, undefined, true],
  [{ kind: "User", name: "jim" }, [], false],
  [{ kind: "User", name: "jim" }, ["devs"], false],
  [{ kind: "Group", name: "devs" }, undefined, true],
  [{ kind: "ServiceAccount", namespace: "ci", name: "runner" }, undefined, false],
];
for (const [subject, stated, want] of subjects) {
  t.test(`groups of ${subject.kind} with ${stated?.join() ?? "nothing"} stated`, async (t) => {
    t.equal(hasUnknownGroups([subject], stated), want);
  });
}

t.test("routes that are open, or may be, are told with their namespaces; others are not", async (t) => {
  const asked = routeQuestions(everywhere);
  const answers = asked.map(({ question: { resource, namespace, subresource } }): Answer => {
    if (resource === "pods") return namespace === "qa" ? "yes" : "no";
    if (resource === "users") return "unknown";
    return resource === "serviceaccounts" && subresource === "token" ? "yes" : "no";
  });
  t.match(openRoutes(everywhere, answers), [
    { text: /^create pods/, answer: "yes", namespaces: ["qa"] },
    { text: /^create service account tokens/, answer: "yes", namespaces: everywhere },
    { text: /^impersonate users/, answer: "unknown", namespaces: undefined },
  ]);
  t.equal(openRoutes(everywhere, answers).length, 3);
  t.same(
    openRoutes(
      everywhere,
      asked.map(() => "no"),
    ),
    [],
  );
  t.ok(
    routeQuestions([]).every(({ question }) => question.namespace === ""),
    "a grant everywhere is asked about everywhere",
  );
});

t.test("every way to undo the end of a grant is asked about, in each namespace", async (t) => {
  const words = expiryQuestions(["dev", "qa"]).map((question) => JSON.stringify(question));
  saysKept(t, import.meta.filename, "questions", () => words);
  t.same(expiryQuestions([]), []);
  saysKept(t, import.meta.filename, "routes", () => routeQuestions(["dev", "qa"]));
});
