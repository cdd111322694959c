import t, { type Test } from "tap";
import { until } from "../until.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { installOperator } from "../operator/start.ts";
import { startWatching, type Watching } from "./watching.ts";

const plane = await startControlPlane({ auditLog: false });
t.teardown(() => plane.stop());
let operator = await installOperator(plane);
t.teardown(() => operator.stop());
t.afterEach(() => {
  operator.control.recover();
  for (const { id } of operator.sessions()) operator.control.endSession(id);
});

function watchAll(t: Test): Watching {
  const watching = startWatching(plane.kubeconfig, ["-A", "-o", "json", "--interval", "100ms"]);
  t.teardown(() => watching.stop());
  return watching;
}

const SESSIONS = 1000;

t.test("10,000 changes of 1,000 sessions: each is told once, and memory does not grow with them", async (t) => {
  const { control } = operator;
  const ids = Array.from({ length: SESSIONS }, (_, at) =>
    control.addSession({ namespace: `ns-${at % 50}`, target: "deployment.web", user: `user-${at}` }),
  );
  const watching = watchAll(t);
  await watching.until(SESSIONS);
  t.same(watching.lines.toSorted(), ids.map((id) => `ADDED ${id}`).toSorted());

  const changeAll = async (round: number) => {
    watching.lines.length = 0;
    for (const id of ids) control.lockPorts(id, [8000 + round]);
    await watching.until(SESSIONS);
    t.equal(watching.lines.length, SESSIONS, "one line for each session");
    t.same(new Set(watching.lines), new Set(ids.map((id) => `MODIFIED ${id}`)), "none is missing, none is told twice");
  };
  for (let round = 1; round <= 2; round++) await changeAll(round);
  const early = await watching.memory();
  for (let round = 3; round <= 10; round++) await changeAll(round);
  const late = await watching.memory();
  t.ok(late.heapUsed < 1.25 * early.heapUsed, `${early.heapUsed} bytes after 2,000, ${late.heapUsed} after 10,000`);

  watching.lines.length = 0;
  for (const id of ids) control.endSession(id);
  await watching.until(SESSIONS);
  t.same(watching.lines.toSorted(), ids.map((id) => `DELETED ${id}`).toSorted());
  t.equal(await watching.stop(), 130);
  t.equal(watching.stderr(), "");
});

const jims = { namespace: "dev", target: "deployment.web", user: "jim" };
const looksAgain = "Looking again in";

const interruptions: { how: 410 | 429 | 500 | 503 | "close" | "garbage"; path: string }[] = [
  { how: 410, path: "/sessions" },
  { how: 429, path: "/sessions" },
  { how: 503, path: "/v1/" },
  { how: "close", path: "/sessions" },
  { how: "garbage", path: "/sessions" },
  { how: 500, path: "/mirrordoperators/" },
];

for (const { how, path } of interruptions)
  t.test(`after ${how} from ${path} nothing is lost and nothing told twice`, async (t) => {
    const { control } = operator;
    const [kept, ending] = [control.addSession(jims), control.addSession(jims)];
    const watching = watchAll(t);
    await watching.until(2);
    control.fail({ how, match: { pathIncludes: path } });
    await until("it says that it looks again", () => watching.stderr().includes(looksAgain));
    t.equal(watching.lines.length, 2, "that nothing is known is no change");
    control.endSession(ending);
    control.lockPorts(kept, [80]);
    const started = control.addSession(jims);
    control.recover();
    await watching.until(5);
    t.same(watching.lines.slice(2).toSorted(), [`ADDED ${started}`, `DELETED ${ending}`, `MODIFIED ${kept}`]);
    control.endSession(kept);
    control.endSession(started);
    await watching.until(7);
    t.same(watching.lines.slice(5).toSorted(), [`DELETED ${kept}`, `DELETED ${started}`].toSorted());
    t.equal(await watching.stop(), 130);
  });

t.test("an operator that is replaced by another is watched on, and sessions that came back never ended", async (t) => {
  const [kept, lost] = [operator.control.addSession(jims), operator.control.addSession(jims)];
  const watching = watchAll(t);
  await watching.until(2);
  await operator.stop();
  await until("it says that it looks again", () => watching.stderr().includes(looksAgain));
  operator = await installOperator(plane, {
    sessions: [
      { ...jims, id: kept },
      { ...jims, id: "1DEA" },
    ],
  });
  await watching.until(4);
  operator.control.endSession(kept);
  await watching.until(5);
  t.same(watching.lines.slice(2).toSorted(), ["ADDED 1DEA", `DELETED ${lost}`, `DELETED ${kept}`].toSorted());
  t.equal(await watching.stop(), 130);
});
