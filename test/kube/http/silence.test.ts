import { mock } from "node:test";
import t, { type Test } from "tap";
import { watchSilence } from "../../../lib/kube/http/silence.ts";

const never = new Promise<never>(() => {});

/** With a clock that only the test moves. */
function clocked(name: string, run: (t: Test, pass: (ms: number) => void) => Promise<void>): void {
  t.test(name, async (t) => {
    mock.timers.enable({ apis: ["setTimeout"] });
    t.teardown(() => mock.timers.reset());
    await run(t, (ms) => mock.timers.tick(ms));
  });
}

clocked("a server that sends nothing is given up, and the request ended", async (t, pass) => {
  const silence = watchSilence(30_000, "GET /api/v1/pods");
  let ended = 0;
  silence.endBy(() => ended++);
  silence.heard();
  const result = t.rejects(silence.unlessSilent(never), {
    kind: "undetermined",
    message: "the server sent nothing for 30 s: GET /api/v1/pods",
    hints: [/--request-timeout/],
  });
  pass(29_999);
  t.equal(ended, 0);
  pass(1);
  t.equal(ended, 1);
  await result;
});

clocked("each byte gives it the whole time again", async (t, pass) => {
  const silence = watchSilence(100, "GET /x");
  const answer = Promise.withResolvers<string>();
  const result = silence.unlessSilent(answer.promise);
  for (let chunk = 0; chunk < 10; chunk += 1) {
    silence.heard();
    pass(99);
  }
  answer.resolve("all of it");
  t.equal(await result, "all of it");
});

clocked("what is waited for besides the server does not count, and nothing after the end", async (t, pass) => {
  const silence = watchSilence(100, "GET /x");
  let ended = 0;
  silence.endBy(() => ended++);
  silence.heard();
  silence.rest();
  pass(1000);
  t.equal(await silence.unlessSilent(Promise.resolve(7)), 7);
  silence.heard();
  pass(1000);
  t.equal(ended, 0);
});
