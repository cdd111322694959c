import { mock } from "node:test";
import t from "tap";
import { timedOut, timeLimit } from "../../../lib/kube/http/time-limit.ts";

t.before(() => mock.timers.enable({ apis: ["setTimeout"] }));
t.teardown(() => mock.timers.reset());

for (const [name, milliseconds, passed, isOver] of [
  ["it is over when the time is", 20, 20, true],
  ["and not before", 20, 19, false],
  ["months are not over at once", 1200 * 3_600_000, 3_600_000, false],
] as const)
  t.test(name, async (t) => {
    const limit = timeLimit(milliseconds);
    mock.timers.tick(passed);
    t.equal(limit?.signal.aborted, isOver);
    limit?.lift();
  });

t.test("one that was lifted never is", async (t) => {
  const limit = timeLimit(20);
  limit?.lift();
  mock.timers.tick(1000);
  t.equal(limit?.signal.aborted, false);
});

t.test("0 is for ever", async (t) => {
  t.equal(timeLimit(0), undefined);
});

t.test("it is said in kubectl's words", async (t) => {
  const { kind, message, hint } = timedOut(20, undefined);
  t.equal(kind, "undetermined");
  t.match(message, /^Unable to connect to the server: .*Client\.Timeout exceeded/);
  t.equal(hint, "There was no answer within --request-timeout (20 ms)");
});
