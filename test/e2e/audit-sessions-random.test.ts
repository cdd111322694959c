// Who may start sessions by who-can and by the matrix, beside what a real API server says of everybody in worlds that are
// made at random. One world in a run of all tests; with KUBECTL_MIRRORD_ROUNDS=N, and this file alone, N worlds from the seed
// KUBECTL_MIRRORD_SEED on, in which groups of everybody are bound in the whole cluster too.
import t from "tap";
import { formatSubject, subjectIdentity } from "../../lib/access/subject.ts";
import { accessMatrix, SOME_NAMESPACE } from "../../lib/audit/matrix.ts";
import { whoCanSend } from "../../lib/audit/who-can.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { withAggregation } from "../../lib/rbac/decide/aggregation.ts";
import { testNamespace, uniqueName } from "../control-plane/namespace.ts";
import { sharedControlPlane } from "../control-plane/start.ts";
import { load } from "../rbac/differential-run.ts";
import {
  generateSessionWorld,
  questions,
  type SessionWorld,
  type WorldQuestion,
} from "../rbac/generate-session-world.ts";
import { random } from "../rbac/random.ts";
import { deleteAll, inParallel, openServer, readAll, review } from "../rbac/server.ts";
import { until } from "../until.ts";

const { KUBECTL_MIRRORD_ROUNDS: rounds } = process.env;
const isAlone = rounds !== undefined;
const ROUNDS = Number(rounds ?? 1);
const FIRST_SEED = Number(process.env["KUBECTL_MIRRORD_SEED"] ?? 1);

const plane = await sharedControlPlane();
const server = openServer(plane);
t.teardown(() => server.close());

/** Once the controller has filled the aggregated roles of the world. */
const readSettled = (world: SessionWorld): Promise<KubernetesObject[]> =>
  until("aggregated roles are filled", async () => {
    const objects = await readAll(server);
    const own = objects.filter(({ metadata: { name = "" } }) => name.startsWith(world.prefix));
    const filled = withAggregation(own).objects;
    const rules = ({ rules: given }: KubernetesObject) => JSON.stringify(given ?? []);
    return filled.every((object, at) => rules(object) === rules(own[at] ?? object)) && objects;
  });

/** Where each subject may do it: `jim` → namespaces; "*" is everywhere. */
type Places = ReadonlyMap<string, readonly string[]>;

function byWhoCan(objects: readonly KubernetesObject[], question: WorldQuestion, world: SessionWorld): Places {
  const { holders } = whoCanSend(objects, question.isNamespaced ? world.namespaces : "none", question.requestsIn);
  return new Map(
    holders.map(({ subject, namespaces }) => [formatSubject(subject), question.isNamespaced ? namespaces : ["*"]]),
  );
}

function byMatrix(objects: readonly KubernetesObject[], { action, requestsIn }: WorldQuestion): Places | undefined {
  if (action === undefined) return undefined;
  const { rows } = accessMatrix(objects, [{ action, requests: requestsIn(SOME_NAMESPACE) }]);
  return new Map(rows.map(({ subject, allowed }) => [formatSubject(subject), allowed[action] ?? []]));
}

/** Groups that Kubernetes puts a subject in: what they are enough for may be told of them alone. */
const told = (name: string, groups: readonly string[]): string[] => [name, ...groups.map((group) => `group:${group}`)];

async function compare(world: SessionWorld, objects: readonly KubernetesObject[]) {
  const counts = { yes: 0, no: 0 };
  const wrong: string[] = [];
  for (const question of questions) {
    const found = [byWhoCan(objects, question, world), byMatrix(objects, question)];
    const cells = world.everybody.flatMap((subject) =>
      (question.isNamespaced ? world.namespaces : [""]).map((namespace) => ({ subject, namespace })),
    );
    await inParallel(cells, async ({ subject, namespace }) => {
      const identity = subjectIdentity(subject);
      const requests = question.requestsIn(namespace).filter(({ required }) => required);
      const answers = await Promise.all(
        requests.map(({ attributes }) => review(server, { ...attributes, user: identity })),
      );
      const isAllowed = answers.every(({ allowed }) => allowed);
      counts[isAllowed ? "yes" : "no"] += 1;
      for (const [at, places] of found.entries()) {
        if (places === undefined) continue;
        const has = (name: string) => places.get(name)?.some((place) => place === "*" || place === namespace) === true;
        const name = formatSubject(subject);
        const isListed = has(name);
        const isCovered = told(name, identity.groups).some(has);
        if (isListed ? !isAllowed : isAllowed !== isCovered)
          wrong.push(
            `${["who-can", "matrix"][at]}: ${question.name}: ${name} in ${namespace}: the server says ${isAllowed}`,
          );
      }
    });
  }
  return { counts, wrong };
}

for (let round = 0; round < ROUNDS; round += 1) {
  const seed = FIRST_SEED + round;
  t.test(`world ${seed}: whoever is listed is allowed all of it, and nobody else is`, async (t) => {
    const namespaces = [await testNamespace(plane, t), await testNamespace(plane, t)] as const;
    const world = generateSessionWorld(random(seed), `${uniqueName("sessions")}-`, namespaces, { isAlone });
    const written = await load(server, world);
    t.teardown(() => deleteAll(server, written));
    const { counts, wrong } = await compare(world, await readSettled(world));
    t.same(wrong, []);
    t.ok(isAlone || (counts.yes > 20 && counts.no > 200), JSON.stringify(counts));
  });
}
