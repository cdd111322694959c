import t from "tap";
import { until } from "../until.ts";
import { organizationDefinition } from "../../lib/access/organizations/definition.ts";
import { readOrganization } from "../../lib/access/organizations/organization.ts";
import { organizationObject } from "../access/organizations/organization-object.ts";
import { apiRequest } from "../control-plane/request.ts";
import { startControlPlane } from "../control-plane/start.ts";

// What the API server makes of the definition of organizations: its cost, its schema, its rules.
const plane = await startControlPlane({ controllerManager: false, auditLog: false });
t.teardown(() => plane.stop());

const request = (method: string, path: string, body?: unknown) =>
  apiRequest(plane, { token: plane.admin.token, method, path, body });
const organizations = "/apis/access.kubectl-mirrord.io/v1alpha1/organizations";
const strict = `${organizations}?fieldValidation=Strict`;

t.before(async () => {
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?fieldValidation=Strict";
  const made = await request("POST", definitions, organizationDefinition);
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  await until("organizations are served", async () => {
    const one = await request("POST", `${strict}&dryRun=All`, organizationObject("acme", { members: ["group:x"] }));
    return (await request("GET", organizations)).status === 200 && one.status === 422;
  });
});

const long = "a".repeat(64);
const belonging: [string, Record<string, unknown>, number][] = [
  ["nothing", {}, 201],
  ["users, service accounts and groups", { members: ["jim", "sa:ci/runner", "user:x"], groups: ["oidc:web"] }, 201],
  ["a service account in Kubernetes' own spelling", { members: ["system:serviceaccount:ci:runner"] }, 201],
  ["system:masters as a group", { groups: ["system:masters"] }, 422],
  ["a group with a prefix", { groups: ["group:web"] }, 422],
  ["a group as a member", { members: ["group:web"] }, 422],
  ["a team as a member", { members: ["team:a/b"] }, 422],
  ["an organization as a member", { members: ["org:a"] }, 422],
  ["a system user", { members: ["system:admin"] }, 422],
  ["a system user with a prefix", { members: ["user:system:admin"] }, 422],
  ["an empty member", { members: [""] }, 422],
  ["a line feed", { members: ["jim\n"] }, 422],
  ["an escape", { groups: ["web\u001b[2J"] }, 422],
  ["a name of 257 characters", { members: ["a".repeat(257)] }, 422],
  ["members as a text", { members: "jim" }, 422],
  ["a member that is a number", { members: [7] }, 422],
  ["a field that nobody knows", { users: ["jim"] }, 400],
];
for (const [what, lists, status] of belonging) {
  for (const [where, spec] of [
    ["an organization", lists],
    ["a team", { teams: [{ name: "web", ...lists }] }],
  ] as const) {
    t.test(`${where} with ${what}: ${status}`, async (t) => {
      const answer = await request("POST", `${strict}&dryRun=All`, { ...organizationObject("acme"), spec });
      t.equal(answer.status, status, JSON.stringify(answer.body));
      if (status === 201) t.same(readOrganization({ ...organizationObject("acme"), spec }).faults, []);
    });
  }
}

const names: [string, boolean][] = [
  ["acme", true],
  ["a", true],
  ["a".repeat(63), true],
  [long, false],
  ["a.b", false],
  ["Acme", false],
  ["a_b", false],
  ["-a", false],
  ["a-", false],
];
for (const [name, isName] of names) {
  t.test(
    `${name.slice(0, 8)} (${name.length}) is ${isName ? "a" : "no"} name of an organization and of a team`,
    async (t) => {
      const own = await request("POST", `${strict}&dryRun=All`, organizationObject(name));
      const team = await request("POST", `${strict}&dryRun=All`, organizationObject("acme", { teams: [{ name }] }));
      t.same([own.status < 300, team.status < 300], [isName, isName], JSON.stringify([own.body, team.body]));
    },
  );
}

t.test("a team is in an organization once", async (t) => {
  const teams = [{ name: "web" }, { name: "web" }];
  const answer = await request("POST", strict, organizationObject("acme", { teams }));
  t.equal(answer.status, 422);
  t.match(answer.body, { message: /Duplicate value/ });
});

t.test("the largest that is allowed is stored, and by its short name found", async (t) => {
  const members = [...Array(5000).keys()].map((at) => `oidc:person-${at}@example.com`);
  const answer = await request("POST", strict, organizationObject("large", { members }));
  t.equal(answer.status, 201);
  const teams = [...Array(201).keys()].map((at) => ({ name: `t${at}` }));
  t.equal((await request("POST", strict, organizationObject("many", { teams }))).status, 422);
  const one = members.concat("one-more");
  t.equal((await request("POST", strict, organizationObject("more", { members: one }))).status, 422);
  const discovery = await request("GET", "/apis/access.kubectl-mirrord.io/v1alpha1");
  t.match(discovery.body, { resources: [{ name: "organizations", namespaced: false, shortNames: ["mirrordorg"] }] });
});

t.test("whoever is taken out of an applied list is out, whoever wrote it before", async (t) => {
  const stored = async () =>
    readOrganization((await request("GET", `${organizations}/beta`)).body as Parameters<typeof readOrganization>[0]);
  const path = (manager: string) => `${organizations}/beta?fieldManager=${manager}&force=true`;
  const apply = async (manager: string, members: string[]) => {
    const headers = { "Content-Type": "application/apply-patch+yaml" };
    const body = organizationObject("beta", { members });
    const answer = await apiRequest(plane, {
      token: plane.admin.token,
      method: "PATCH",
      path: path(manager),
      body,
      headers,
    });
    t.ok(answer.status < 300, JSON.stringify(answer.body));
  };
  await apply("argocd-controller", ["jim", "ann"]);
  await apply("kubectl-mirrord", ["jim", "ann", "bob"]);
  await apply("argocd-controller", ["ann"]);
  t.same((await stored()).members, [{ kind: "User", name: "ann" }]);
});
