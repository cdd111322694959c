import t from "tap";
import { isShared } from "../../lib/access/subject.ts";
import { accessChains, type ChainLink } from "../../lib/audit/chain.ts";
import { auditFinding } from "../../lib/audit/finding.ts";
import { pathFindings } from "../../lib/audit/path-findings.ts";
import { intentWith } from "../access/grant.ts";
import { storedGrant, storedParts } from "../access/stored-grant.ts";
import {
  clusterRoleBinding,
  clusterRoleRef,
  group,
  roleBinding,
  roleRef,
  serviceAccount,
  user,
} from "../rbac/objects.ts";
import { auditFacts } from "./facts.ts";

const plain = roleBinding("dev", "web", clusterRoleRef("edit"), [user("jim"), serviceAccount("ci")]);
const own = roleBinding("dev", "own", roleRef("reader"), [group("web")]);
const wide = clusterRoleBinding("wide", "view", []);
const odd = { ...clusterRoleBinding("odd", "view", []), subjects: [{ kind: "Planet", name: "x" }], roleRef: "x" };

/** A grant to a team, which one of its objects shows. */
function grantTo(subject: ReturnType<typeof intentWith>["subject"], targets: string[] = []) {
  const limits = new Map([["dev", []]]);
  const members = isShared(subject) ? [{ kind: "User" as const, name: "ana" }] : undefined;
  const parts = storedParts(intentWith({ subject, targets }), limits, members).objects;
  return { grant: storedGrant(parts), objects: parts.map(({ object }) => object) };
}
const team = grantTo({ kind: "Team", name: "acme/web" });
const limited = grantTo({ kind: "User", name: "jim" }, ["deployment/web"]);

const facts = auditFacts([plain, own, wide, odd, ...team.objects, ...limited.objects], {
  grants: [team, limited].map(({ grant }) => ({ grant, context: { now: 0, live: false, policies: false } })),
});
const chain = accessChains(facts);
const words = (links: readonly ChainLink[]): string[] =>
  links.map(({ kind, names, by }) => `${by === undefined ? "" : `(${by}) `}${kind}: ${names.join(", ")}`);

const ref = (object: { kind: string; metadata: { name?: string; namespace?: string } }) => ({
  kind: object.kind,
  name: object.metadata.name ?? "",
  ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
});
const binding = (of: { objects: (typeof plain)[] }) => of.objects.find(({ kind }) => kind === "RoleBinding") ?? plain;

const cases: { name: string; subject: ReturnType<typeof ref>; want: (string | RegExp)[] }[] = [
  {
    name: "subjects and role are those of the binding, where the finding names none",
    subject: ref(plain),
    want: [
      "subject: jim, sa:dev/ci",
      "binding: RoleBinding dev/web",
      "role: ClusterRole edit",
      "target: namespace dev",
    ],
  },
  {
    name: "a role of the namespace is named with it",
    subject: ref(own),
    want: ["subject: group:web", "binding: RoleBinding dev/own", "role: Role dev/reader", "target: namespace dev"],
  },
  {
    name: "a binding that names nobody leads everywhere all the same",
    subject: ref(wide),
    want: ["binding: ClusterRoleBinding wide", "role: ClusterRole view", "target: every namespace"],
  },
  {
    name: "what cannot be read of a binding is left out",
    subject: ref(odd),
    want: ["binding: ClusterRoleBinding odd", "target: every namespace"],
  },
  {
    name: "a binding that is not there any more has only its name",
    subject: { kind: "RoleBinding", name: "gone", namespace: "dev" },
    want: ["binding: RoleBinding dev/gone", "target: namespace dev"],
  },
  { name: "a role alone", subject: { kind: "ClusterRole", name: "x" }, want: ["role: ClusterRole x"] },
  { name: "an object that gives nobody anything", subject: { kind: "Deployment", name: "x" }, want: [] },
  {
    name: "the team that a grant was made for stands between",
    subject: ref(binding(team)),
    want: ["subject: ana", "team: team:acme/web", /^binding: RoleBinding dev\//, /^role: /, "target: namespace dev"],
  },
  {
    name: "a grant that is limited leads to its targets",
    subject: ref(binding(limited)),
    want: ["subject: jim", /^binding: /, /^role: /, "target: deployment/web in namespace dev"],
  },
];
for (const { name, subject, want } of cases) {
  t.test(name, async (t) => {
    const found = words(chain(auditFinding("unmanaged", { subject, message: "" })));
    t.match(found, want);
    t.equal(found.length, want.length);
  });
}

t.test("whom and what a finding names goes before what its binding says", async (t) => {
  const finding = auditFinding("unmanaged", {
    subject: ref(plain),
    who: [{ kind: "User", name: "ana" }],
    evidence: [{ kind: "ClusterRole", name: "admin" }],
    message: "",
  });
  t.match(words(chain(finding)), ["subject: ana", "binding: RoleBinding dev/web", "role: ClusterRole admin"]);
});

t.test("a path is drawn step by step, to what it leads to", async (t) => {
  const through = {
    binding: { kind: "RoleBinding" as const, name: "web", namespace: "dev" },
    role: { kind: "ClusterRole" as const, name: "edit" },
    namespace: "dev",
    names: undefined,
  };
  const step = { edge: "pod-entry" as const, namespace: "dev", through };
  const start = { kind: "User" as const, name: "jim" };
  const drawn = pathFindings([
    { start, goal: "administrator", steps: [{ ...step, becomes: "sa:dev/ci" }] },
    { start, goal: "operator", steps: [{ edge: "api-service", becomes: "", through }] },
    { start, goal: "sessions", place: "qa", steps: [{ ...step, becomes: "" }] },
  ]).map((finding) => words(chain(finding)));
  const way = ["subject: jim", "binding: RoleBinding dev/web", "role: ClusterRole edit"];
  t.same(drawn, [
    [...way, "(entering a pod in dev) subject: sa:dev/ci", "target: who may do everything in the cluster"],
    [...way, "(serving its API) target: mirrord's operator"],
    [...way, "(entering a pod in dev) target: who may start sessions in qa"],
  ]);
});
