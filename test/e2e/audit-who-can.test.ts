// Who is listed, beside what a real API server says of everybody in the world.
import t from "tap";
import { formatSubject, subjectIdentity, type RbacSubject } from "../../lib/access/subject.ts";
import { whoCanSend } from "../../lib/audit/who-can.ts";
import { execute } from "../../lib/cli/execute.ts";
import { audit } from "../../lib/commands/audit/index.ts";
import { connect } from "../../lib/commands/connect.ts";
import { RBAC_GROUP } from "../../lib/kubernetes/resources.ts";
import { needs } from "../../lib/mirrord/plan/session-request.ts";
import { fakeWorld } from "../cli/fake-world.ts";
import { testNamespace, uniqueName } from "../control-plane/namespace.ts";
import { sharedControlPlane } from "../control-plane/start.ts";
import { load } from "../rbac/differential-run.ts";
import { generateQuestions } from "../rbac/generate-questions.ts";
import { generateWorld, type World } from "../rbac/generate-world.ts";
import { random } from "../rbac/random.ts";
import { clusterRole, clusterRoleBinding, rule, user } from "../rbac/objects.ts";
import { until } from "../until.ts";
import { deleteAll, inParallel, openServer, readAll, review } from "../rbac/server.ts";

const QUESTIONS = 60;
const plane = await sharedControlPlane();
const server = openServer(plane);
t.teardown(() => server.close());

/** Everybody whom the world's bindings could name. */
function everybody({ users, groups, accounts, namespaces }: World): RbacSubject[] {
  return [
    ...users.map((name) => ({ kind: "User", name }) as const),
    ...groups.map((name) => ({ kind: "Group", name }) as const),
    ...namespaces.flatMap((namespace) =>
      accounts.map((name) => ({ kind: "ServiceAccount", namespace, name }) as const),
    ),
  ];
}

t.test("the API server allows what is asked to everybody who is listed, and to nobody who is not", async (t) => {
  const namespaces = [await testNamespace(plane, t), await testNamespace(plane, t)] as const;
  const choices = random(31);
  const world = generateWorld(choices, `${uniqueName("who")}-`, namespaces);
  const written = await load(server, world);
  t.teardown(() => deleteAll(server, written));
  const objects = await readAll(server);
  const questions = generateQuestions(choices, world, QUESTIONS).map(({ user: _user, ...attributes }) => attributes);
  const counts = { listed: 0, unlisted: 0 };
  for (const attributes of questions) {
    const { holders } = whoCanSend(objects, "none", () => [needs("question", "ask", attributes)]);
    const listed = new Set(holders.map(({ subject }) => formatSubject(subject)));
    // Whoever gets in by a group that everybody is in is listed by that group.
    const isOpen = [...listed].some((name) => /^group:system:(authenticated|serviceaccounts)/.test(name));
    const answers = await inParallel(everybody(world), async (subject) => ({
      name: formatSubject(subject),
      allowed: (await review(server, { ...attributes, user: subjectIdentity(subject) })).allowed,
    }));
    for (const { name, allowed } of answers) {
      counts[listed.has(name) ? "listed" : "unlisted"] += 1;
      if (listed.has(name) ? !allowed : allowed && !isOpen) t.fail(`${name}: ${JSON.stringify(attributes)}`);
    }
  }
  t.ok(counts.listed > 10 && counts.unlisted >= 1000, JSON.stringify(counts));
});

t.test("what the API server allows by another authorizer is incomplete: here the one for nodes", async (t) => {
  const name = uniqueName("node");
  const node = `system:node:${name}`;
  const token = plane.token(node, "system:nodes", "system:authenticated");
  const lists = clusterRole(uniqueName("lists"), [rule(RBAC_GROUP, "*", "list")]);
  const bound = clusterRoleBinding(uniqueName("lists"), lists.metadata.name ?? "", [user(node)]);
  const base = `/apis/${RBAC_GROUP}/v1`;
  for (const [resource, object] of Object.entries({ clusterroles: lists, clusterrolebindings: bound })) {
    t.equal((await server.call({ method: "POST", path: `${base}/${resource}`, body: object })).status, 201);
    t.teardown(() => server.call({ method: "DELETE", path: `${base}/${resource}/${object.metadata.name}` }));
  }
  for (const resource of ["clusterroles", "clusterrolebindings", "roles", "rolebindings"])
    await until(`the node may list ${resource}`, async () => {
      const { status } = await server.call({ method: "GET", path: `${base}/${resource}?limit=1`, token });
      return status === 200;
    });
  const whoCan = async (...words: string[]) => {
    const world = fakeWorld();
    const connection = { server: plane.server, certificateAuthority: plane.caFile, token };
    world.connect = (options) =>
      connect({ ...options, ...connection }, { env: {}, signal: world.signal, warn: (text) => world.warn(text) });
    const code = await execute(audit, ["who-can", ...words, "-o", "json"], world);
    return { code, value: JSON.parse(world.stdout), stderr: world.stderr };
  };
  const own = await whoCan("get", `nodes/${name}`);
  t.equal(own.code, 3, own.stderr);
  t.match(own.value, {
    complete: false,
    unreadable: { length: 0 },
    unshown: [`another authorizer than RBAC allows you to get nodes named ${name}`],
  });
  const byRole = await whoCan("list", "roles.rbac.authorization.k8s.io", "-A");
  t.match(byRole, { code: 0, value: { complete: true, unshown: { length: 0 } } });
  const refused = await whoCan("delete", `nodes/${uniqueName("other")}`);
  t.match(refused, { code: 0, value: { complete: true, unshown: { length: 0 } } });
});
