import t from "tap";
import { testNamespace, uniqueName } from "../control-plane/namespace.ts";
import { sharedControlPlane } from "../control-plane/start.ts";
import { openServer } from "./server.ts";
import { writeWorlds, wrongPrediction, type Written } from "./writes-run.ts";

const WRITES = 450;
const seed = Number(process.env["RBAC_DIFF_SEED"] ?? Date.now() % 1_000_000);

t.comment(`seed ${seed}; repeat with RBAC_DIFF_SEED=${seed}`);

const plane = await sharedControlPlane();
const server = openServer(plane);
t.teardown(() => server.close());
const namespaces = [await testNamespace(plane, t), await testNamespace(plane, t)] as const;
const written: Written[] = [];

await t.test(`${WRITES} posts of roles and bindings end as foretold`, async (t) => {
  for await (const world of writeWorlds(plane, server, {
    seed,
    count: WRITES,
    prefix: uniqueName("rbac"),
    namespaces,
  })) {
    written.push(...world);
    const wrong = world.map(wrongPrediction).find((problem) => problem !== undefined);
    if (wrong === undefined) continue;
    t.fail(wrong);
    return;
  }
  t.equal(written.length, WRITES, "every post was tried, and none disagreed");
});

await t.test("there is some of every outcome", async (t) => {
  const outcomes = new Set(written.map(({ answer }) => answer.status));
  for (const status of [201, 403, 422]) t.ok(outcomes.has(status), String(status));
});

await t.test("about as many are allowed as are refused", async (t) => {
  const allowed = written.filter(({ answer }) => answer.status < 300).length / written.length;
  t.ok(allowed > 0.25 && allowed < 0.75, `${(100 * allowed).toFixed(1)} % allowed`);
});
