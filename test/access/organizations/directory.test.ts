import t from "tap";
import {
  directory,
  directoryFaults,
  membersToday,
  onlyTakes,
  sharedSubjects,
} from "../../../lib/access/organizations/directory.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { formatSubject, parseSubject, parseRbacSubject } from "../../../lib/access/subject.ts";
import { organizationObject } from "./organization-object.ts";

const company = directory([
  organizationObject("beta", { teams: [{ name: "ops", members: ["jim", "zoe"], groups: ["oidc:ops"] }] }),
  organizationObject("acme", {
    members: ["boss"],
    teams: [
      { name: "web", members: ["jim", "sa:ci/runner"], groups: ["oidc:web"] },
      { name: "db", members: ["ann", "jim"], groups: ["oidc:db"] },
      { name: "empty" },
    ],
  }),
]);

const members = (text: string, known = company, bound: string[] = []) => {
  const found = membersToday(parseSubject(text), known, bound.map(parseRbacSubject));
  return found.state === "known" ? found.subjects.map(formatSubject) : found.state;
};

const cases: [subject: string, want: string[] | "absent"][] = [
  ["jim", ["jim"]],
  ["group:oidc:web", ["group:oidc:web"]],
  ["team:acme/web", ["group:oidc:web", "jim", "sa:ci/runner"]],
  ["team:acme/empty", []],
  ["org:acme", ["group:oidc:db", "group:oidc:web", "ann", "boss", "jim", "sa:ci/runner"]],
  ["team:acme/ops", "absent"],
  ["team:gamma/web", "absent"],
  ["org:gamma", "absent"],
];
for (const [subject, want] of cases) {
  t.test(`bindings of ${subject} name ${String(want)}: groups first, and each once`, async (t) => {
    t.same(members(subject), want);
  });
}

t.test("nobody can say who belongs to a team whose organization may not be read", async (t) => {
  t.same(membersToday({ kind: "Team", name: "acme/web" }, undefined), { state: "unknown" });
  t.match(membersToday({ kind: "User", name: "jim" }, undefined), { state: "known" });
});

t.test("a group that two organizations claim stays where it is bound, is added nowhere, and is told", async (t) => {
  const known = directory([
    organizationObject("acme", { teams: [{ name: "web", groups: ["oidc:x"], members: ["jim"] }] }),
    organizationObject("beta", { groups: ["oidc:x"], teams: [{ name: "ops", groups: ["oidc:x", "oidc:y"] }] }),
  ]);
  t.same(directoryFaults(known), [
    "group:oidc:x is claimed by acme/web, beta and beta/ops: a group can be in one organization only; it gets nothing new until it is taken out of one",
  ]);
  t.same(members("team:acme/web", known), ["jim"]);
  t.same(members("team:acme/web", known, ["group:oidc:x"]), ["group:oidc:x", "jim"]);
  t.same(members("org:beta", known), ["group:oidc:y"]);
});

t.test("two teams of one organization may have the same group", async (t) => {
  const teams = ["web", "db"].map((name) => ({ name, groups: ["oidc:x"] }));
  const known = directory([organizationObject("acme", { teams })]);
  t.same(directoryFaults(known), []);
  t.same(members("org:acme", known), ["group:oidc:x"]);
});

t.test("what an organization says that counts for nothing is told with its name", async (t) => {
  t.same(directoryFaults(directory([organizationObject("acme", { groups: ["system:masters"] })])), [
    'organization acme: acme has "system:masters" among its groups: "system:masters" is a group of Kubernetes itself, and cannot be in a team',
  ]);
});

t.test("somebody belongs to teams by name and by group, and to their organizations", async (t) => {
  const of = (...texts: string[]) => sharedSubjects(company, texts.map(parseRbacSubject)).map(formatSubject);
  t.same(of("jim"), ["team:acme/db", "team:acme/web", "org:acme", "team:beta/ops", "org:beta"]);
  t.same(of("bob", "group:oidc:ops"), ["team:beta/ops", "org:beta"]);
  t.same(of("boss"), ["org:acme"]);
  t.same(of("eve"), []);
});

const acme = (web: { members?: string[]; groups?: string[] }, more: object = {}) =>
  organizationObject("acme", { teams: [{ name: "web", ...web }], ...more });
const changes: [what: string, before: KubernetesObject[], after: KubernetesObject[], takes: boolean][] = [
  ["nothing", [acme({ members: ["jim"] })], [acme({ members: ["jim"] })], true],
  ["a member less", [acme({ members: ["jim", "ann"] })], [acme({ members: ["ann"] })], true],
  ["a group less", [acme({ groups: ["oidc:web"] })], [acme({})], true],
  ["a team less", [acme({ members: ["jim"] })], [organizationObject("acme")], true],
  ["an organization less", [acme({ members: ["jim"] })], [], true],
  ["a member more", [acme({ members: ["jim"] })], [acme({ members: ["jim", "ann"] })], false],
  ["one who goes and one who comes", [acme({ members: ["jim"] })], [acme({ members: ["ann"] })], false],
  ["a group more", [acme({})], [acme({ groups: ["oidc:web"] })], false],
  ["a member of the organization itself", [acme({})], [acme({}, { members: ["jim"] })], false],
  ["a group of that name in place of a user", [acme({ members: ["jim"] })], [acme({ groups: ["jim"] })], false],
  [
    "a group that was in dispute, and is not any more",
    [acme({ groups: ["oidc:x"] }), organizationObject("beta", { groups: ["oidc:x"] })],
    [acme({ groups: ["oidc:x"] }), organizationObject("beta", {})],
    false,
  ],
];
for (const [what, before, after, takes] of changes) {
  t.test(`${what} ${takes ? "only takes" : "gives"} something`, async (t) => {
    t.equal(onlyTakes(directory(before), directory(after)), takes);
  });
}
