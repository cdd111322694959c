import t from "tap";
import { sharedControlPlane } from "../control-plane/start.ts";
import { testNamespace, uniqueName } from "../control-plane/namespace.ts";
import { disagreements, recordWorlds, type Recorded } from "./differential-run.ts";
import { mutants, plant } from "./mutants.ts";
import { openServer } from "./server.ts";
import { readyTest, shrink } from "./shrink.ts";

const QUESTIONS = 5000;
const seed = Number(process.env["RBAC_DIFF_SEED"] ?? Date.now() % 1_000_000);

t.comment(`seed ${seed}; repeat with RBAC_DIFF_SEED=${seed}`);

const plane = await sharedControlPlane();
const server = openServer(plane);
t.teardown(() => server.close());
const namespaces = [await testNamespace(plane, t), await testNamespace(plane, t)] as const;
const prefix = uniqueName("rbac");

const recorded: Recorded[] = [];

await t.test(`the engine answers ${QUESTIONS} questions as the API server does`, async (t) => {
  for await (const world of recordWorlds(server, { seed, count: QUESTIONS, prefix, namespaces })) {
    recorded.push(world);
    const [first] = disagreements(world);
    if (first === undefined) continue;
    t.fail(`${first.problem}\n${readyTest(await shrink(server, first))}`);
    return;
  }
  t.equal(recorded.flatMap(({ asked }) => asked).length, QUESTIONS);
});

await t.test("the questions are neither mostly yes nor mostly no", async (t) => {
  const asked = recorded.flatMap((world) => world.asked);
  const yes = asked.filter(({ review }) => review.allowed).length / asked.length;
  t.ok(yes > 0.3 && yes < 0.7, `${(100 * yes).toFixed(1)} % yes`);
});

for (const mutant of mutants) {
  await t.test(`caught: ${mutant.name}`, async (t) => {
    const { authorizer, remove } = await plant(mutant);
    t.teardown(remove);
    const wrong = recorded.map(({ objects, asked }) => {
      const broken = authorizer(objects);
      return asked.filter(({ request, review }) => broken.authorize(request).allowed !== review.allowed).length;
    });
    t.ok(
      wrong.some((count) => count > 0),
      `wrong answers: ${wrong.join(" + ")}`,
    );
  });
}
