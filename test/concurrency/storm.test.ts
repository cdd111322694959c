import t from "tap";
import { startControlPlane } from "../control-plane/start.ts";
import { runStorm } from "./storm.ts";

const plane = await startControlPlane({ auditLog: false });
t.teardown(() => plane.stop());
const seed = Number(process.env["STORM_SEED"] ?? Date.now() % 100_000);

t.test(`six administrators at once leave what one after the other would have left (STORM_SEED=${seed})`, async (t) => {
  const { ran, faults } = await runStorm(plane, {
    seconds: 10,
    administrators: 6,
    processes: 1,
    movesTeams: false,
    seed,
  });
  t.comment(`${ran.length} commands`);
  t.ok(ran.length >= 6, "each has run a command");
  t.same(faults, { bindings: [], order: [], drift: [], crashes: [], idleness: [] });
});
