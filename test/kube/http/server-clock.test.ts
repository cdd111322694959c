import { spawnSync } from "node:child_process";
import t from "tap";
import { createServerClock } from "../../../lib/kube/http/server-clock.ts";

t.test("the server's time is what it said last, and goes on from there", async (t) => {
  const clock = createServerClock();
  t.equal(clock.time(), undefined);
  clock.hear({});
  clock.hear({ date: "soon" });
  clock.hear({ date: "Sat, 13 Sep 275760 00:00:00 GMT" });
  t.equal(clock.time(), undefined, "no answer has said");
  const said = Date.parse("2030-01-02T03:04:05Z");
  clock.hear({ date: "Wed, 02 Jan 2030 03:04:05 GMT" });
  const first = clock.time() ?? 0;
  t.ok(first >= said && first < said + 60_000, "whatever this machine's clock says");
  clock.hear({});
  t.ok((clock.time() ?? 0) >= first, "an answer without a date changes nothing");
});

t.test("to hear what time it is at the server, Node.js loads no part of its own", async (t) => {
  const module = new URL("../../../lib/kube/http/server-clock.ts", import.meta.url).href;
  const program = `
    const { createServerClock } = await import(${JSON.stringify(module)});
    const before = process.moduleLoadList.length;
    const clock = createServerClock();
    clock.hear({ date: "Wed, 02 Jan 2030 03:04:05 GMT" });
    const time = clock.time();
    console.log(JSON.stringify([time > 0, process.moduleLoadList.slice(before)]));`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  t.same(JSON.parse(stdout), [true, []]);
});
