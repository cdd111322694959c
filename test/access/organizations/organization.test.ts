import t from "tap";
import { UserError } from "../../../lib/errors.ts";
import { parseMember, readOrganization } from "../../../lib/access/organizations/organization.ts";
import { escapeCell } from "../../../lib/text/escape.ts";
import { organizationObject } from "./organization-object.ts";
import { saysKept } from "../../kept-text.ts";

t.test("a member is a user, a service account or a group, and nobody of Kubernetes itself", async (t) => {
  t.same(parseMember("jim"), { kind: "User", name: "jim" });
  t.same(parseMember("sa:ci/runner"), { kind: "ServiceAccount", namespace: "ci", name: "runner" });
  t.same(parseMember("group:oidc:web"), { kind: "Group", name: "oidc:web" });
  for (const text of ["group:system:masters", "user:system:admin", "system:admin"]) {
    t.match(
      said(() => parseMember(text)),
      /of Kubernetes itself/,
    );
  }
});

t.test("an organization is read with its members and teams in order and without repeats", async (t) => {
  const read = readOrganization(
    organizationObject("acme", {
      description: "All of it",
      members: ["oidc:kim", "zoe", "ann", "user:ann", "system:serviceaccount:ci:runner", "sa:ci/runner"],
      groups: ["oidc:b", "oidc:a", "oidc:a"],
      teams: [
        { name: "web", members: ["jim"] },
        { name: "db", groups: ["oidc:db"], description: "Data" },
      ],
    }),
  );
  t.same(read, {
    name: "acme",
    description: "All of it",
    members: [
      { kind: "User", name: "ann" },
      { kind: "User", name: "oidc:kim" },
      { kind: "ServiceAccount", namespace: "ci", name: "runner" },
      { kind: "User", name: "zoe" },
    ],
    groups: ["oidc:a", "oidc:b"],
    teams: [
      { name: "db", description: "Data", members: [], groups: ["oidc:db"] },
      { name: "web", description: "", members: [{ kind: "User", name: "jim" }], groups: [] },
    ],
    faults: [],
  });
  t.same(readOrganization(organizationObject("acme")).teams, [], "an object without a spec is an empty one");
});

const hostile: { name: string; spec: unknown; fault: RegExp }[] = [
  { name: "a spec that is a list", spec: [1], fault: /^$/ },
  { name: "teams that are a map", spec: { teams: { web: {} } }, fault: /its teams are no list/ },
  { name: "members that are a text", spec: { members: "jim" }, fault: /the members of acme are no list/ },
  { name: "a member that is a number", spec: { members: [7] }, fault: /acme has "" among its members/ },
  { name: "a member that is a group", spec: { members: ["group:x"] }, fault: /goes under groups/ },
  { name: "a member that is a team", spec: { members: ["team:acme/web"] }, fault: /among its members/ },
  {
    name: "a service account with a prefix of its own",
    spec: { members: ["svc:ci/runner"] },
    fault: /Did you|not how/,
  },
  {
    name: "a service account without its prefix",
    spec: { members: ["ci/runner"] },
    fault: /looks like a service account/,
  },
  { name: "a system user", spec: { members: ["system:admin"] }, fault: /of Kubernetes itself/ },
  { name: "system:masters", spec: { groups: ["system:masters"] }, fault: /of Kubernetes itself/ },
  { name: "a group with its prefix", spec: { groups: ["group:x"] }, fault: /by its name alone/ },
  { name: "a control character", spec: { members: ["jim\u001b[2J"] }, fault: /jim\\u001b.*control character/ },
  { name: "a character that nobody sees", spec: { groups: ["web\u200b"] }, fault: /nobody sees/ },
  { name: "a team without a name", spec: { teams: [{ members: ["jim"] }] }, fault: /"" cannot be the name of a team/ },
  { name: "a team with a slash", spec: { teams: [{ name: "a/b" }] }, fault: /"a\/b" cannot be the name of a team/ },
  { name: "a team that is no object", spec: { teams: ["web"] }, fault: /cannot be the name of a team/ },
];
for (const { name, spec, fault } of hostile) {
  t.test(`${name} gives nobody anything, and is said`, async (t) => {
    const read = readOrganization({ ...organizationObject("acme"), spec });
    t.same([...read.members, ...read.groups, ...read.teams.flatMap((team) => team.members)], []);
    t.match(read.faults.join("\n"), fault);
    saysKept(t, import.meta.filename, name, () => read.faults);
    for (const text of read.faults) t.equal(escapeCell(text), text, "what it says is safe to print");
  });
}

t.test("of a team that is there twice, nobody knows which is meant", async (t) => {
  const teams = [
    { name: "web", members: ["jim"] },
    { name: "web", members: ["ann"] },
  ];
  const read = readOrganization(organizationObject("acme", { teams }));
  t.same(read.teams, [{ name: "web", description: "", members: [], groups: [] }]);
  t.same(read.faults, ["team acme/web is there 2 times"]);
});

t.test("an object with a name that no organization can have is nobody's", async (t) => {
  const read = readOrganization(organizationObject("a.b", { members: ["jim"], teams: [{ name: "web" }] }));
  t.match(read, {
    members: { length: 0 },
    teams: { length: 0 },
    faults: [/"a\.b" cannot be the name of an organization/],
  });
});

/** Message and hint of the error that it throws. */
function said(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof UserError && error.kind === "usage") return [...error.lines, ...error.hints].join("\n");
    throw error;
  }
  return "";
}
