import t from "tap";
import type { AccessAttributes, Answer } from "../../lib/kubernetes/access.ts";
import { plainPlan } from "../../lib/mirrord/plan/session-plan.ts";
import type { Check } from "../../lib/preview/check.ts";
import type { Identity } from "../../lib/preview/identity.ts";
import {
  combineChecks,
  describeAttributes,
  unreadReason,
  withoutPolicies,
  type PolicyOutcome,
} from "../../lib/preview/verdict.ts";
import type { Obstacle } from "../../lib/preview/obstacles.ts";

const jim: Identity = { user: { name: "jim", groups: [] }, self: false, groupsKnown: true, impliedGroups: [] };
const plan = plainPlan("mirror", { kind: "deployment", name: "web" }, "dev");
const pods: AccessAttributes = { verb: "list", apiGroup: "", resource: "pods", namespace: "dev" };

const check = (answer: Answer, change: Partial<Check> = {}): Check => ({
  id: "pods",
  purpose: "list pods",
  checkedBy: "api-server",
  required: true,
  attributes: pods,
  reason: "",
  ...change,
  answer,
});
const optional = (answer: Answer) => check(answer, { required: false });
const obstacle = (answer: "no" | "unknown", reason = `an obstacle says ${answer}`): Obstacle => ({
  answer,
  reason,
  hint: "",
});
const policies = (answer: Answer): PolicyOutcome => ({
  ...withoutPolicies([], plan),
  answer,
  reason: answer === "yes" ? "" : `a policy says ${answer}`,
});

const may = 'list pods in namespace "dev"';
const cases: {
  name: string;
  checks: Check[];
  obstacles?: Obstacle[];
  policies?: PolicyOutcome | undefined;
  want: [answer: Answer, reason: string];
}[] = [
  { name: "nothing was asked", checks: [], want: ["unknown", "nothing was asked"] },
  { name: "nothing that is needed was asked", checks: [optional("no")], want: ["unknown", "nothing was asked"] },
  { name: "all is allowed", checks: [check("yes"), check("yes")], want: ["yes", ""] },
  { name: "what is not needed decides nothing", checks: [check("yes"), optional("no")], want: ["yes", ""] },
  { name: "one is refused", checks: [check("yes"), check("no")], want: ["no", `jim cannot ${may}`] },
  {
    name: "two are refused",
    checks: [check("no"), check("no", { attributes: { verb: "get", path: "/x" } })],
    want: ["no", `jim cannot ${may} (and 1 more step)`],
  },
  {
    name: "three are refused: the first of them is said",
    checks: [check("no", { attributes: { verb: "get", path: "/x" } }), check("no"), check("yes"), check("no")],
    want: ["no", "jim cannot get /x (and 2 more steps)"],
  },
  {
    name: "one is refused, and another not known before it",
    checks: [check("unknown"), check("no")],
    want: ["no", `jim cannot ${may}`],
  },
  {
    name: "one could not be asked",
    checks: [check("yes"), check("unknown")],
    want: ["unknown", `could not ask whether jim can ${may}`],
  },
  {
    name: "two could not be asked, and it is known why",
    checks: [check("unknown", { reason: "timed out" }), check("unknown")],
    want: ["unknown", "timed out (and 1 more step)"],
  },
  {
    name: "an obstacle stands before what is refused",
    checks: [check("no")],
    obstacles: [obstacle("unknown"), obstacle("no"), obstacle("no", "another")],
    want: ["no", "an obstacle says no"],
  },
  {
    name: "an obstacle that may be none does not hide a refusal",
    checks: [check("no")],
    obstacles: [obstacle("unknown")],
    want: ["no", `jim cannot ${may}`],
  },
  {
    name: "an obstacle that may be none",
    checks: [check("yes"), check("unknown")],
    obstacles: [obstacle("unknown")],
    want: ["unknown", "an obstacle says unknown"],
  },
  { name: "a policy refuses", checks: [check("yes")], policies: policies("no"), want: ["no", "a policy says no"] },
  {
    name: "a policy refuses what rights refuse first",
    checks: [check("no")],
    policies: policies("no"),
    want: ["no", `jim cannot ${may}`],
  },
  {
    name: "a policy refuses what may not be allowed either",
    checks: [check("unknown")],
    policies: policies("no"),
    want: ["no", "a policy says no"],
  },
  {
    name: "a policy may refuse",
    checks: [check("yes")],
    policies: policies("unknown"),
    want: ["unknown", "a policy says unknown"],
  },
  { name: "policies allow it", checks: [check("yes")], policies: policies("yes"), want: ["yes", ""] },
];
for (const { name, checks, obstacles = [], policies: outcome, want } of cases) {
  t.test(`one word for a session: ${name}`, async (t) => {
    const [answer, reason] = want;
    t.same(combineChecks(checks, obstacles, outcome, jim), { answer, reason });
  });
}

const words: [attributes: AccessAttributes, want: string][] = [
  [{ verb: "get", path: "/healthz" }, "get /healthz"],
  [pods, 'list pods in namespace "dev"'],
  [{ verb: "list", apiGroup: "", resource: "nodes" }, "list nodes in the whole cluster"],
  [{ verb: "list", apiGroup: "", resource: "pods", namespace: "" }, "list pods in the whole cluster"],
  [
    { verb: "get", apiGroup: "apps", resource: "deployments", subresource: "scale", namespace: "dev", name: "web" },
    'get deployments.apps/scale "web" in namespace "dev"',
  ],
  [
    { verb: "get", apiGroup: "", resource: "pods", subresource: "", namespace: "dev", name: "" },
    'get pods in namespace "dev"',
  ],
];
for (const [attributes, want] of words) {
  t.test(`in words: ${want}`, async (t) => t.equal(describeAttributes(attributes), want));
}

t.test("without policies a session is as it is, unless some may not be read", async (t) => {
  const nothing = {
    answer: "yes",
    blocks: [],
    changes: [],
    env: [],
    files: [],
    limits: {
      block: [],
      headerFilters: [],
      requireProfile: [],
      profileAllowlist: undefined,
      envExclude: [],
      files: [],
      outgoing: [],
    },
  };
  const known = {
    answer: "yes",
    reason: "",
    unreadable: [],
    verdict: {
      answer: "yes",
      policies: [],
      asGiven: nothing,
      inherited: nothing,
      readingsDiffer: false,
      problems: [],
      assumptions: [],
    },
    policies: [],
    plan,
    targetLabels: undefined,
  };
  t.same(withoutPolicies([], plan), known);
  const unreadable = ["mirrordpolicies", "mirrordclusterpolicies"];
  const reason = "you may not list mirrordpolicies and mirrordclusterpolicies, and a policy may refuse it";
  t.same(withoutPolicies(unreadable, plan), { ...known, answer: "unknown", reason, unreadable });
  t.equal(unreadReason(["mirrordpolicies"]), "you may not list mirrordpolicies, and a policy may refuse it");
});
