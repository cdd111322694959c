import t from "tap";
import { annotations, GRANT_LABEL } from "../../lib/access/names.ts";
import { encodeIntent } from "../../lib/access/intent.ts";
import { explainDecision } from "../../lib/preview/explain.ts";
import { intentWith } from "../access/grant.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  role,
  roleBinding,
  roleRef,
  rule,
  serviceAccount,
  user,
} from "../rbac/objects.ts";
import { saysKept } from "../kept-text.ts";

const now = new Date("2026-01-02T04:00:00Z");
const identity = { user: { name: "jim", groups: [] }, source: "asked" } as never;
const getPods = { verb: "get", apiGroup: "", resource: "pods", namespace: "dev" };

const objects = [
  role("dev", "reader", [rule("", "pods", "get")]),
  roleBinding("dev", "readers", roleRef("reader"), [user("jim")]),
  clusterRole("view", [rule("", "pods", "get", "web")]),
  clusterRoleBinding("viewers", "view", [user("jim")]),
];

function explain(
  check: { answer?: "yes" | "no" | "unknown"; reason?: string; attributes?: object },
  rbac: object | "hidden" = { objects, unreadable: [] },
  who: object = identity,
) {
  const given = { answer: "yes", reason: "", attributes: getPods, ...check };
  const preview = { rbac: rbac === "hidden" ? undefined : rbac, identity: who };
  return explainDecision(preview as never, now)(given as never);
}

t.test("a yes names every way, with rule and subject", async (t) => {
  const { text, by } = explain({ attributes: { ...getPods, name: "web" } });
  t.equal(text, "clusterrolebinding/viewers gives clusterrole/view (get pods named web) to user jim");
  t.same(
    by?.map(({ binding }) => binding.name),
    ["viewers", "readers"],
  );
  t.equal(explain({}).text, "rolebinding/readers (dev) gives role/reader (dev) (get pods) to user jim");
});

t.test("a no names the nearest rule and what it misses", async (t) => {
  const nearest: [attributes: object, text: string][] = [
    [{ verb: "list" }, "nearest: rolebinding/readers (dev) with role/reader (dev) (get pods) has another verb"],
    [
      { apiGroup: "apps" },
      "nearest: rolebinding/readers (dev) with role/reader (dev) (get pods) has another API group",
    ],
  ];
  const elsewhere = { objects: objects.slice(0, 2), unreadable: [] };
  t.equal(
    explain({ answer: "no", attributes: { ...getPods, namespace: "qa" } }, elsewhere).text,
    "nearest: rolebinding/readers (dev) with role/reader (dev) (get pods) holds elsewhere",
  );
  for (const [more, text] of nearest)
    t.equal(explain({ answer: "no", attributes: { ...getPods, ...more } }).text, text);
  t.same(explain({ answer: "no", attributes: { verb: "delete", apiGroup: "x", resource: "y" } }).by, undefined);
  t.equal(explain({ answer: "no" }, { objects: [], unreadable: [] }).text, "nothing grants it");
  const dangling = [roleBinding("dev", "lost", clusterRoleRef("gone"), [user("jim")])];
  t.equal(
    explain({ answer: "no" }, { objects: dangling, unreadable: [] }).text,
    "rolebinding/lost (dev) names clusterrole/gone, which does not exist",
  );
});

const said = 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to ServiceAccount "runner/ci"';
const byWords: { name: string; given: Parameters<typeof explain>; text: string }[] = [
  { name: "nobody may read RBAC", given: [{ reason: said }, "hidden"], text: "" },
  { name: "some of it is hidden", given: [{ reason: said }, { objects, unreadable: ["roles"] }], text: "" },
  {
    name: "who was asked about has no name",
    given: [{ reason: said }, "hidden", { user: { name: "" }, nameless: true }],
    text: "",
  },
  { name: "RBAC has another answer", given: [{ reason: said, attributes: { ...getPods, namespace: "qa" } }], text: "" },
  { name: "nobody knows", given: [{ answer: "unknown", reason: "no answer in time" }], text: "no answer in time" },
  { name: "a webhook says why", given: [{ answer: "no", reason: "not on Fridays" }], text: "not on Fridays" },
  {
    name: "a webhook says nothing",
    given: [{ answer: "no", reason: "" }],
    text: "decided by something other than RBAC",
  },
  { name: "nothing is said and RBAC is hidden", given: [{ answer: "no", reason: "" }, "hidden"], text: "" },
  { name: "nothing is said about an unknown", given: [{ answer: "unknown", reason: "" }], text: "" },
];
const inWords = "clusterrolebinding/b gives clusterrole/r to service account ci/runner";
for (const { name, given, text } of byWords)
  t.test(`the API server's own words, where ${name}`, async (t) => {
    const decision = explain(...given);
    const isKnown = given[0].reason === said;
    t.equal(decision.text, isKnown ? inWords : text);
    t.equal(decision.by?.length, isKnown ? 1 : undefined);
  });

const intent = encodeIntent(
  intentWith({ subject: { kind: "ServiceAccount", namespace: "ci", name: "runner" } as never }),
);
const granted = (expiresAt?: string, notes: object = { [annotations.intent]: intent }) => [
  clusterRole("view", [rule("", "pods", "get")]),
  {
    ...clusterRoleBinding("g", "view", [serviceAccount("runner", "ci")]),
    metadata: {
      name: "g",
      labels: { [GRANT_LABEL]: "abc" },
      annotations: { ...notes, ...(expiresAt === undefined ? {} : { [annotations.expiresAt]: expiresAt }) },
    },
  },
];
const runner = { user: { name: "system:serviceaccount:ci:runner", groups: [] } };
const through = "clusterrolebinding/g gives clusterrole/view (get pods) to service account ci/runner, by grant abc";
const grants: { name: string; objects: object[]; text: string }[] = [
  { name: "of a subject", objects: granted(), text: `${through} for sa:ci/runner` },
  { name: "that nobody can read", objects: granted(undefined, {}), text: through },
  {
    name: "that has ended",
    objects: granted("2026-01-02T04:00:00Z"),
    text: `${through} for sa:ci/runner, EXPIRED, still bound`,
  },
  { name: "that ends later", objects: granted("2026-01-02T04:00:01Z"), text: `${through} for sa:ci/runner` },
];
for (const { name, objects: rbac, text } of grants)
  t.test(`the access came through a grant ${name}`, async (t) => {
    t.equal(explain({}, { objects: rbac, unreadable: [] }, runner).text, text);
    saysKept(t, import.meta.filename, name, () => explain({}, { objects: rbac, unreadable: [] }, runner));
  });
