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
