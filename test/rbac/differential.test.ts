import t from "tap";
import { sharedControlPlane } from "../control-plane/start.ts";
import { testNamespace, uniqueName } from "../control-plane/namespace.ts";
import { disagreements, recordWorlds, type Recorded } from "./differential-run.ts";
import { mutants, plant, type Mutant } from "./mutants.ts";
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

function mutant(name: string): Mutant {
  const found = mutants.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no mutant: ${name}`);
  return found;
}

await t.test(`the engine answers ${QUESTIONS} questions as the API server does`, async (t) => {
  for await (const world of recordWorlds(server, { seed, count: QUESTIONS, prefix, namespaces })) {
    recorded.push(world);
    const [first] = disagreements(world);
    if (first === undefined) continue;
    t.fail(`${first.problem}\n${readyTest(await shrink(server, first))}`);
    return;
  }
  t.equal(recorded.flatMap(({ asked }) => asked).length, QUESTIONS, "every question was asked, and none disagreed");
});

await t.test("the questions are neither mostly yes nor mostly no", async (t) => {
  const asked = recorded.flatMap((world) => world.asked);
  const yes = asked.filter(({ review }) => review.allowed).length / asked.length;
  t.ok(yes > 0.3 && yes < 0.7, `${(100 * yes).toFixed(1)} % yes`);
});

for (const each of mutants) {
  await t.test(`caught: ${each.name}`, async (t) => {
    const { authorizer, remove } = await plant(each);
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

await t.test("a disagreement is shrunk to the one role, rule and binding that it takes", async (t) => {
  const { authorizer, remove } = await plant(mutant("a star among the names is every name"));
  t.teardown(remove);
  const [found] = recorded.flatMap((world) => disagreements(world, authorizer));
  if (found === undefined) return t.fail("the mutant agrees");
  const smallest = await shrink(server, found, authorizer);
  t.same([smallest.allowed, smallest.objects.length], [false, 2]);
  t.match(
    smallest.objects.find(({ kind }) => kind.endsWith("Role")),
    { rules: [{ verbs: [String], apiGroups: [String], resources: [String], resourceNames: ["*"] }] },
  );
  t.match(readyTest(smallest), /t\.equal\(authorizer\(objects\)\.authorize\(request\)\.allowed, false\)/u);
});
