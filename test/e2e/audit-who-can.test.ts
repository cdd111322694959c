// Who is listed, beside what a real API server says of everybody in the world.
import t from "tap";
import { formatSubject, subjectIdentity, type RbacSubject } from "../../lib/access/subject.ts";
import { whoCanSend } from "../../lib/audit/who-can.ts";
import { needs } from "../../lib/mirrord/plan/session-request.ts";
import { testNamespace, uniqueName } from "../control-plane/namespace.ts";
import { sharedControlPlane } from "../control-plane/start.ts";
import { load } from "../rbac/differential-run.ts";
import { generateQuestions } from "../rbac/generate-questions.ts";
import { generateWorld, type World } from "../rbac/generate-world.ts";
import { random } from "../rbac/random.ts";
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
