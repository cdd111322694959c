// Ways to become somebody else by a name, a token or a certificate, each walked on a real API server, each step by whoever it is
// about; without any one of its rights there is no path, and the same walk is refused. The control plane is one of its own,
// so that nobody else there is an administrator.
import t from "tap";
import { accessFindings } from "../../lib/audit/access-findings.ts";
import { rights } from "../../lib/audit/edges/rights.ts";
import { heldRights } from "../../lib/audit/rights.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { rule } from "../rbac/objects.ts";
import { administrators, boss, bosses } from "./administrators.ts";
import { approves, certificateWalk, certificateWalks, requests } from "./certificate-walks.ts";
import { asGroup, asUser, constrainedWalks, makesTokens } from "./constrained-walks.ts";
import { nodeTests, nodeWalkFlags, nodeWalks } from "./node-walks.ts";
import { ACCOUNT, pathWorld, walkAll, type Walk, type Walker } from "./path-world.ts";
import { secretWalks } from "./secret-walks.ts";
import { tokenWalk } from "./token-walk.ts";

const plane = await startControlPlane({ auditLog: false, apiServerFlags: nodeWalkFlags });
const world = await pathWorld(plane);
t.teardown(async () => {
  world.close();
  await plane.stop();
});

const AUTHENTICATION = "authentication.k8s.io";

/** Reads what only an administrator reads, in the name of somebody else. */
const nodesAs =
  (headers: (walker: Walker) => Record<string, string>): Walk["walk"] =>
  async (walker) =>
    (await walker.send("GET", "/api/v1/nodes", undefined, headers(walker))).status;
const asAccount = nodesAs(({ namespace }) => ({ "Impersonate-User": `system:serviceaccount:${namespace}:${ACCOUNT}` }));

const walks: Walk[] = [
  {
    name: "an account is impersonated",
    edge: "impersonation-of-accounts",
    rules: [rule("", "serviceaccounts", "impersonate")],
    walk: asAccount,
  },
  {
    name: "the account that the rule names is impersonated",
    edge: "impersonation-of-accounts",
    rules: [rule("", "serviceaccounts", "impersonate", ACCOUNT)],
    walk: asAccount,
  },
  {
    name: "a token of the account is made",
    edge: "token-creation",
    rules: [rule("", "serviceaccounts/token", "create")],
    walk: (walker) => tokenWalk(world, walker),
  },
  {
    name: "the user whom the rule names is impersonated",
    edge: "impersonation",
    rules: [rule("", "users", "impersonate", boss)],
    wide: true,
    more: administrators,
    goal: `${boss} administrator`,
    walk: nodesAs(() => ({ "Impersonate-User": boss })),
  },
  {
    name: "any user is impersonated, and so a controller that makes tokens",
    edge: "impersonation",
    rules: [rule("", "users", "impersonate")],
    wide: true,
    goal: `system:kube-controller-manager token-creation sa:.* administrator`,
    walk: (walker) => tokenWalk(world, walker, { "Impersonate-User": "system:kube-controller-manager" }),
  },
  {
    name: "system:masters is impersonated",
    edge: "impersonation-of-groups",
    rules: [rule("", "users", "impersonate", "nobody"), rule("", "groups", "impersonate", "system:masters")],
    wide: true,
    walk: nodesAs(() => ({ "Impersonate-User": "nobody", "Impersonate-Group": "system:masters" })),
  },
  {
    name: "the group that the rule names is impersonated",
    edge: "impersonation-of-groups",
    rules: [rule("", "groups", "impersonate", bosses), rule("", "users", "impersonate", "nobody")],
    wide: true,
    more: administrators,
    goal: `group:${bosses} administrator`,
    walk: nodesAs(() => ({ "Impersonate-User": "nobody", "Impersonate-Group": bosses })),
  },
];
walkAll(t, world, [
  ...walks,
  ...secretWalks(world),
  ...certificateWalks(plane),
  ...constrainedWalks(world),
  ...nodeWalks(world, plane),
]);
nodeTests(t, world);

t.test("no certificate is for system:masters, and nobody is said to get one", async (t) => {
  const rules = [...requests, ...approves("update", "kubernetes.io/kube-apiserver-client")];
  const walker = await world.walker(t, { rules, wide: true });
  t.equal(await certificateWalk(plane, walker, "update", "nobody", "system:masters"), 403);
  t.notMatch((await world.paths(walker.name)).join("\n"), /system:masters/);
});

t.test("constrained impersonation of system:masters is refused, and is no path", async (t) => {
  const walker = await world.walker(t, {
    rules: [asUser("nobody"), asGroup("system:masters"), makesTokens],
    wide: true,
  });
  const masters = { "Impersonate-User": "nobody", "Impersonate-Group": "system:masters" };
  t.equal(await tokenWalk(world, walker, masters), 403);
  t.same(await world.paths(walker.name), []);
});

const fields: { name: string; right: ReturnType<typeof rule>; headers: Record<string, string>; want: object }[] = [
  {
    name: "a uid",
    right: rule(AUTHENTICATION, "uids", "impersonate", "u-1"),
    headers: { "Impersonate-Uid": "u-1" },
    want: { uid: "u-1" },
  },
  {
    name: "an extra field",
    right: rule(AUTHENTICATION, "userextras/scopes", "impersonate", "view"),
    headers: { "Impersonate-Extra-scopes": "view" },
    want: { extra: { scopes: ["view"] } },
  },
];
for (const { name, right, headers, want } of fields)
  t.test(`${name} of somebody else is a finding, and no path, for RBAC knows no such subject`, async (t) => {
    const other = rule("", "users", "impersonate", "nobody");
    const [whole, withoutField, withoutUser] = await Promise.all(
      [[right, other], [other], [right]].map((rules) => world.walker(t, { rules, wide: true })),
    );
    if (whole === undefined || withoutField === undefined || withoutUser === undefined) return t.fail("nobody walks");
    const facts = await world.facts();
    const found = accessFindings({ ...facts, openCollections: [] }, heldRights(facts.rbac, rights));
    const isFound = ({ role }: Walker) =>
      found.some(({ rule: id, subject }) => id === "impersonation-of-extras" && subject.name === role);
    t.same([whole, withoutField, withoutUser].map(isFound), [true, false, true]);
    const send = (walker: Walker) =>
      walker.send(
        "POST",
        `/apis/${AUTHENTICATION}/v1/selfsubjectreviews`,
        { apiVersion: `${AUTHENTICATION}/v1`, kind: "SelfSubjectReview" },
        { "Impersonate-User": "nobody", ...headers },
      );
    t.match(await send(whole), { status: 201, body: { status: { userInfo: { username: "nobody", ...want } } } });
    for (const lacking of [withoutField, withoutUser]) t.equal((await send(lacking)).status, 403);
    t.same(await world.paths(whole.name), []);
  });
