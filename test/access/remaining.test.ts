import t from "tap";
import { remainingAccess, type Remaining } from "../../lib/access/remaining.ts";
import { placeChain, type Answers } from "../../lib/access/standing-access.ts";
import { subjectIdentity, type RbacSubject } from "../../lib/access/subject.ts";
import { toAnswer } from "../../lib/kubernetes/answers.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { assumedFeatures } from "../../lib/mirrord/operator-info.ts";
import { authorizer } from "../../lib/rbac/authorizer.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";
import { bound, clusterRole } from "./rbac-objects.ts";
import { saysKept } from "../kept-text.ts";

const OPERATOR = "operator.metalbear.co";
const rule = (apiGroup: string, resource: string, verbs: string[], ...resourceNames: string[]): PolicyRule => ({
  apiGroups: [apiGroup],
  resources: [resource],
  verbs,
  ...(resourceNames.length === 0 ? {} : { resourceNames }),
});
const find = rule(OPERATOR, "mirrordoperators", ["get"]);
const credential = rule(OPERATOR, "mirrordclusteroperatorusercredentials", ["create"]);
const connect = (...names: string[]) => rule(OPERATOR, "targets", ["proxy"], ...names);
const listPods = rule("", "pods", ["list"]);
const getDeployments = (...names: string[]) => rule("apps", "deployments", ["get"], ...names);
const copy = rule(OPERATOR, "copytargets", ["list", "create", "proxy"]);

const jim: RbacSubject = { kind: "User", name: "jim" };

/** What remains in dev, with the cluster answering as its RBAC objects do unless it is said otherwise. */
function remaining(
  objects: KubernetesObject[],
  {
    subject = jim,
    targets = [],
    unreadable = [],
    answers,
    features = assumedFeatures,
  }: {
    subject?: RbacSubject;
    targets?: string[];
    unreadable?: string[];
    answers?: Answers;
    features?: ReadonlySet<string>;
  } = {},
): Remaining[] {
  const engine = authorizer(objects);
  const user = subjectIdentity(subject);
  const place = { namespace: "dev", lists: false, operator: { features, namespace: undefined } };
  const byRules: Answers = (each) => toAnswer(engine.authorize({ user, ...each }).allowed);
  const chain = placeChain(engine, user, place);
  const rbac = { objects, unreadable };
  return remainingAccess({
    subject,
    place,
    targets,
    rbac,
    engine,
    chain,
    answers: answers ?? byRules,
    reason: "timeout",
  });
}

const byHand = (...rules: PolicyRule[]) => [clusterRole("made", ...rules), bound("old", "made", "jim", "dev")];
const everywhere = (...rules: PolicyRule[]) => [clusterRole("wide", ...rules), bound("base", "wide", "jim")];

const cases: { name: string; objects: KubernetesObject[]; want: object; subject?: RbacSubject }[] = [
  { name: "nothing", objects: [], want: { state: "gone", through: [], groups: [] } },
  {
    name: "one deployment by a Role with names",
    objects: [...byHand(connect("deployment.web"), getDeployments("web"), listPods), ...everywhere(find)],
    want: {
      state: "remains",
      through: ["rolebinding/old"],
      sessions: [{ use: "connect", targets: ["deployment/web"] }],
      rights: [{ right: "connect", targets: ["deployment/web"], through: ["rolebinding/old"] }],
    },
  },
  {
    name: "a connection to anything, with the native read of one deployment",
    objects: [...byHand(connect(), getDeployments("web"), listPods), ...everywhere(find)],
    want: { sessions: [{ use: "connect", targets: ["label targets", "deployment/web"] }] },
  },
  {
    name: "pods alone",
    objects: [...byHand(connect(), rule("", "pods", ["get"])), ...everywhere(find)],
    want: { state: "remains", sessions: [{ use: "connect", targets: ["any pod"] }] },
  },
  {
    name: "jobs alone, which are copied",
    objects: [...byHand(copy, rule("batch", "jobs", ["get"], "migrate")), ...everywhere(find, credential)],
    want: {
      sessions: [{ use: "copy", targets: ["job/migrate"] }],
      rights: [
        { right: "copy", through: ["rolebinding/old"] },
        { right: "credential", through: ["clusterrolebinding/base"] },
      ],
    },
  },
  {
    name: "targetless alone",
    objects: [...byHand(connect("targetless"), rule("", "namespaces", ["get"])), ...everywhere(find)],
    want: { sessions: [{ use: "connect", targets: ["targetless"] }] },
  },
  {
    name: "the connection alone: no session, and still a right",
    objects: byHand(connect()),
    want: {
      state: "remains",
      through: ["rolebinding/old"],
      sessions: [],
      rights: [{ right: "connect", targets: ["any target"] }],
      missing: [{ resource: "mirrordoperators" }],
    },
  },
  {
    name: "the connection of a client before 3.51",
    objects: [...byHand(rule(OPERATOR, "targets", ["get"], "deploy.web"), getDeployments("web")), ...everywhere(find)],
    want: {
      state: "remains",
      sessions: [{ use: "connect", targets: ["deployment/web"] }],
      through: ["rolebinding/old"],
    },
  },
  {
    name: "get on everything is no connection as long as no operator can be found",
    objects: byHand(rule("*", "*", ["get"])),
    want: { state: "gone" },
  },
  {
    name: "the client certificate alone starts nothing, and is named",
    objects: everywhere(credential),
    want: { state: "gone", rights: [{ right: "credential", through: ["clusterrolebinding/base"] }] },
  },
  {
    name: "a name that no client connects to is no connection",
    objects: [...byHand(connect("web", "*", ""), getDeployments()), ...everywhere(find)],
    want: { state: "gone" },
  },
  {
    name: "somebody else's binding",
    objects: [clusterRole("made", connect()), bound("ana", "made", "ana")],
    want: { state: "gone" },
  },
  {
    name: "a group that jim may be in",
    objects: [clusterRole("made", connect()), bound("team", "made", { group: "web" }, "dev")],
    want: { state: "may-remain", groups: ["web (rolebinding/team)"] },
  },
  {
    name: "a group that adds what the own binding lacks",
    objects: [
      ...byHand(rule(OPERATOR, "targets", ["get"]), getDeployments(), listPods),
      clusterRole("wide", find),
      bound("team", "wide", { group: "web" }),
    ],
    want: { state: "may-remain", groups: ["web (clusterrolebinding/team)"] },
  },
  {
    name: "a group in another namespace",
    objects: [clusterRole("made", connect()), bound("team", "made", { group: "web" }, "qa")],
    want: { state: "gone" },
  },
  {
    name: "other groups, for a group",
    objects: [clusterRole("made", connect()), bound("team", "made", { group: "x" })],
    want: { state: "gone", subject: "group:web" },
    subject: { kind: "Group", name: "web" },
  },
];
for (const { name, objects, want, subject = jim } of cases)
  t.test(`what remains: ${name}`, async (t) => {
    t.match(remaining(objects, { subject }), [{ namespace: "dev", ...want }]);
    saysKept(t, import.meta.filename, name, () => remaining(objects, { subject }));
  });

t.test("the cluster's word counts, not the RBAC objects", async (t) => {
  const objects = [...byHand(connect("deployment.web"), getDeployments("web"), listPods), ...everywhere(find)];
  t.match(remaining(objects, { answers: () => "no" }), [{ state: "gone" }]);
  t.match(remaining([], { answers: () => "yes" }), [{ state: "remains", through: { length: 0 } }]);
  t.match(remaining([], { answers: () => "unknown" }), [{ state: "unknown", reason: "timeout" }]);
});

t.test("what may not be listed is no proof that nothing is left", async (t) => {
  t.match(remaining([], { unreadable: ["clusterroles"] }), [
    { state: "unknown", reason: /you may not list clusterroles/ },
  ]);
});

t.test("of a limited grant each target is said to be gone", async (t) => {
  t.match(remaining([], { targets: ["deployment/cart", "deployment/web"] }), [
    { state: "gone", target: "deployment/cart" },
    { state: "gone", target: "deployment/web" },
  ]);
});

t.test("a primary of several clusters does not look at the target", async (t) => {
  const objects = [...byHand(connect()), ...everywhere(find)];
  const features = new Set([...assumedFeatures, "MultiClusterPrimary"]);
  t.match(remaining(objects, { features })[0]?.sessions?.[0]?.targets.length, 7);
  t.match(remaining(objects)[0]?.sessions, { length: 0 });
});

// `web.container.app` could be a workload that is called so: it is said once, as the container.
const coveredNames: [names: string[], targets: string[]][] = [
  [["deployment.web"], ["deployment/web"]],
  [["deployment.web.container.app"], ["deployment/web/container/app"]],
  [["deployment.web", "deployment.web.container.app"], ["deployment/web"]],
  [
    ["deployment.other", "deployment.web.container.app"],
    ["deployment/other", "deployment/web/container/app"],
  ],
  [
    ["deployment.web", "statefulset.web.container.app"],
    ["deployment/web", "statefulset/web/container/app"],
  ],
];
for (const [names, targets] of coveredNames) {
  t.test(`a connection to ${names.join(" and ")} is one to ${targets.join(" and ")}`, async (t) => {
    const nativeReads = ["deployments", "statefulsets"].map((type) => rule("apps", type, ["get"]));
    const [there] = remaining([...byHand(connect(...names), ...nativeReads, listPods), ...everywhere(find)]);
    t.same(
      there?.sessions?.map((sessions) => sessions.targets.toSorted()),
      [targets],
    );
    t.same(
      there?.rights?.map((rights) => rights.targets?.toSorted()),
      [targets],
    );
  });
}
