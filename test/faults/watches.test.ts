// Something goes wrong on the way of commands that watch, and of completion, on the real API server. Commands that only read are a
// long test (all.ts).
import t from "tap";
import { completionFaulted } from "./completion.ts";
import { startBench } from "./run-matrix.ts";
import { watchers, watchFaulted, watchFaults, watchSpoiled, watchTampered } from "./watches.ts";

t.setTimeout(1_800_000);
const bench = await startBench(t);

for (const fault of watchFaults) {
  await t.test(`${fault} events of a watch: what was deleted is restored`, async (t) => {
    await watchSpoiled(t, bench, fault);
  });
}
for (const watcher of watchers) {
  const typed = watcher.words.join(" ");
  await t.test(`${typed} shows what changes, or says why it ends, whatever was wrong when it began`, async (t) => {
    await watchFaulted(t, bench, watcher);
  });
  if (watcher.isPolling === true) continue;
  for (const fault of watchFaults) {
    await t.test(`${typed} shows what changes where events are: ${fault}`, async (t) => {
      await watchTampered(t, bench, watcher, fault);
    });
  }
}

await t.test("completion offers what there is or nothing, and says nothing else", async (t) => {
  await completionFaulted(t, bench);
});
