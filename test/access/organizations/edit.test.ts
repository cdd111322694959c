import t from "tap";
import {
  planOrganization,
  planOrganizationDeletion,
  planFields,
  storedTeam,
  withMembers,
  withoutTeam,
  withTeam,
} from "../../../lib/access/organizations/edit.ts";
import { parseMember } from "../../../lib/access/organizations/organization.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { saysKept } from "../../kept-text.ts";
import { shownPlan } from "../shown-plan.ts";
import { organizationObject } from "./organization-object.ts";

const acme: KubernetesObject = {
  ...organizationObject("acme"),
  metadata: { name: "acme", uid: "u", resourceVersion: "7" },
  spec: {
    members: ["boss", 7],
    future: { kept: true },
    teams: [{ name: "web", members: ["jim", "oidc:kim"], groups: ["oidc:web"], lead: "jim" }, { name: "db" }],
  },
};

const people = (...texts: string[]) => texts.map(parseMember);

t.test("members are added and taken out by whom they mean, and nothing else is touched", async (t) => {
  t.same(withMembers(acme, undefined, { added: people("ann", "user:boss") }), { members: ["boss", 7, "ann"] });
  t.same(withMembers(acme, undefined, { removed: people("boss") }), { members: [7] });
  t.same(withMembers(acme, undefined, { removed: people("nobody") }), {});
  t.same(
    withMembers(acme, "web", { removed: people("user:oidc:kim", "group:oidc:web"), added: people("sa:ci/runner") }),
    {
      teams: [{ name: "web", members: ["jim", "sa:ci/runner"], groups: [], lead: "jim" }, { name: "db" }],
    },
  );
});

t.test("a list holds no more than the definition allows, and says what would", async (t) => {
  const many = [...Array(1001).keys()].map((at) => parseMember(`person-${at}`));
  t.throws(() => withMembers(acme, "db", { added: many }), {
    message: "acme/db would have 1001 members, and 1000 are possible",
    hint: /group of your identity provider/,
  });
  const groups = [...Array(201).keys()].map((at) => parseMember(`group:g${at}`));
  t.throws(() => withMembers(acme, undefined, { added: groups }), { message: /201 groups, and 200 are possible/ });
  const teams = [...Array(200).keys()].map((at) => ({ name: `t${at}` }));
  t.throws(() => withTeam(organizationObject("acme", { teams }), "one-more", (team) => team), { message: /200 teams/ });
});

t.test("teams come, change and go", async (t) => {
  t.same(withTeam(acme, "ops", (team) => ({ ...team, description: "x" })).teams.at(-1), {
    name: "ops",
    description: "x",
  });
  t.same(withoutTeam(acme, "web"), { teams: [{ name: "db" }] });
  t.same(storedTeam(acme, "db"), { name: "db" });
  t.equal(storedTeam(organizationObject("beta"), "db"), undefined);
});

t.test("a change is for the version that was read, and none is none", async (t) => {
  t.match(planFields(acme, { description: "x" }), {
    action: "update",
    patch: { metadata: { resourceVersion: "7" }, spec: { description: "x" } },
    merged: { spec: { description: "x", future: { kept: true } } },
  });
  t.equal(planFields(acme, {}).action, "unchanged");
  t.equal(planFields(acme, { members: ["boss", 7] }).action, "unchanged");
  t.same(planFields(organizationObject("acme"), { description: "x" }).patch, {
    metadata: {},
    spec: { description: "x" },
  });
});

t.test("an organization is made once, and deleted as it was read", async (t) => {
  t.match(planOrganization("beta", { description: "x" }), {
    action: "create",
    object: { metadata: { name: "beta" }, spec: { description: "x" } },
  });
  t.match(planOrganizationDeletion(acme), { action: "delete", object: acme, current: acme, isExact: true });
});

const numbered = (count: number, text: (at: number) => string) =>
  people(...Array.from({ length: count }, (_, at) => text(at)));
const plans: Record<string, () => unknown> = {
  "a new organization": () => planOrganization("acme", { members: ["ann"] }),
  "another description": () => planFields(acme, { description: "x" }),
  "another description in a folder": () => planFields(organizationObject("acme"), { description: "x" }),
  "the same": () => planFields(acme, { members: ["boss", 7] }),
  "its deletion": () => planOrganizationDeletion(organizationObject("acme")),
  "too many members of a team": () => withMembers(acme, "db", { added: numbered(1001, (at) => `person-${at}`) }),
  "too many members of an organization": () =>
    withMembers({ ...acme, spec: { members: Array.from({ length: 5000 }, (_, at) => `p${at}`) } }, undefined, {
      added: people("one"),
    }),
  "too many groups": () => withMembers(acme, undefined, { added: numbered(201, (at) => `group:g${at}`) }),
  "too many groups of an organization without a name": () =>
    withMembers({ ...acme, metadata: {} }, undefined, { added: numbered(201, (at) => `group:g${at}`) }),
  "too many teams": () =>
    withTeam(
      organizationObject("acme", { teams: Array.from({ length: 200 }, (_, at) => ({ name: `t${at}` })) }),
      "one-more",
      (team) => team,
    ),
};
for (const [name, plan] of Object.entries(plans)) {
  t.test(`what is planned or said of ${name}`, async (t) =>
    saysKept(t, import.meta.filename, name, () => shownPlan(plan())),
  );
}

t.test("as many as are possible are taken, and whoever goes from too many may go", async (t) => {
  const full = Array.from({ length: 5000 }, (_, at) => `p${at}`);
  const organization = (members: string[]) => ({ ...acme, spec: { members } });
  const { members } = withMembers(organization(full.slice(1)), undefined, { added: people("one") });
  t.equal((members as string[]).length, 5000);
  const over = withMembers(organization([...full, "one", "two"]), undefined, { removed: people("one") });
  t.equal((over["members"] as string[]).length, 5001);
  const teams = Array.from({ length: 199 }, (_, at) => ({ name: `t${at}` }));
  t.equal(withTeam(organizationObject("acme", { teams }), "one-more", (team) => team).teams.length, 200);
});
