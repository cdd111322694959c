import t from "tap";
import { outlineGrant } from "../../lib/access/outline.ts";
import { remainingAccess, remainingText, type Remaining } from "../../lib/access/remaining.ts";
import type { NamespaceAccess } from "../../lib/access/session-access.ts";
import type { Answer } from "../../lib/kubernetes/access.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { bound, clusterRole } from "./rbac-objects.ts";
import { intentWith } from "./grant.ts";

const connect = clusterRole("connect", {
  apiGroups: ["operator.metalbear.co"],
  resources: ["targets"],
  verbs: ["proxy"],
});
const jim = outlineGrant(intentWith());
const web = outlineGrant(intentWith({ subject: { kind: "Group", name: "web" } }));
const access = (answer: Answer, reason = "why"): NamespaceAccess[] => [
  {
    namespace: "dev",
    target: undefined,
    answer,
    missing: answer === "yes" ? [] : [{ attributes: { verb: "get", path: "/" }, answer, reason }],
  },
];
const byGroup = bound("team", "connect", { group: "web" }, "dev");

const cases: [
  what: string,
  left: ReturnType<typeof access>,
  objects: KubernetesObject[],
  want: Partial<Remaining>,
  text: RegExp,
  grant?: typeof jim,
][] = [
  ["nothing", access("no"), [connect], { state: "gone", through: [], groups: [] }, /jim can no longer use mirrord\.$/],
  [
    "another binding",
    access("yes"),
    [connect, bound("old", "connect", "jim", "dev"), bound("ana", "connect", "ana")],
    { state: "remains", through: ["rolebinding/old"] },
    /jim can still use mirrord, through rolebinding\/old\.$/,
  ],
  ["a way that nobody sees", access("yes"), [], { state: "remains", through: [] }, /jim can still use mirrord\.$/],
  [
    "a group that jim may be in",
    access("no"),
    [connect, byGroup],
    { state: "may-remain", groups: ["web (rolebinding/team)"] },
    /may remain through group web \(rolebinding\/team\)\.$/,
  ],
  [
    "a group in another namespace",
    access("no"),
    [connect, bound("t", "connect", { group: "web" }, "qa")],
    { state: "gone" },
    /no longer/,
  ],
  [
    "other groups, for a group",
    access("no"),
    [connect, bound("t", "connect", { group: "x" })],
    { state: "gone" },
    /group:web can no longer/,
    web,
  ],
  [
    "no answer",
    access("unknown", "timeout"),
    [],
    { state: "unknown", reason: "timeout" },
    /could not be asked.*: timeout\.$/,
  ],
];
for (const [what, left, objects, want, text, grant = jim] of cases) {
  t.test(`after a revocation: ${what}`, async (t) => {
    const [found] = remainingAccess(grant, left, { objects, unreadable: [] });
    t.match(found, { subject: grant.subjectText, namespace: "dev", ...want });
    if (found !== undefined) t.match(remainingText(found), text);
  });
}

t.test("what may not be listed is no proof that nothing is left", async (t) => {
  const [found] = remainingAccess(jim, access("no"), { objects: [], unreadable: ["rolebindings"] });
  t.match(found, { state: "may-remain", groups: [], reason: /you may not list rolebindings/ });
  t.match(found && remainingText(found), /access of jim may remain: you may not list/);
});

t.test("a limited grant is asked about its target", async (t) => {
  const grant = outlineGrant(intentWith({ targets: ["deployment/web"] }));
  const [target] = grant.targets;
  const connecting = (name: string) =>
    clusterRole(name, {
      apiGroups: ["operator.metalbear.co"],
      resources: ["targets"],
      verbs: ["proxy"],
      resourceNames: [`deployment.${name}`],
    });
  const left = (role: string) => {
    const rbac = {
      objects: [connecting(role), bound("t", role, { group: "team" }, "dev")],
      unreadable: [],
    };
    return remainingAccess(
      grant,
      access("no").map((each) => ({ ...each, target })),
      rbac,
    );
  };
  t.match(left("web"), [{ state: "may-remain", groups: ["team (rolebinding/t)"] }]);
  const [found] = left("other");
  t.match(found, { state: "gone", target: "deployment/web" });
  t.match(found && remainingText(found), /In namespace dev jim can no longer connect to deployment\/web\./);
});
