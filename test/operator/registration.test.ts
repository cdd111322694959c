import { execFile } from "node:child_process";
import { promisify } from "node:util";
import t from "tap";
import { apiRequest } from "../control-plane/request.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { at } from "./direct.ts";
import { installOperator } from "./start.ts";

const plane = await startControlPlane({ controllerManager: false });
t.teardown(() => plane.stop());
const { token } = plane.admin;
const run = promisify(execFile);

t.test("only one stand-in is registered at a time, and a stop leaves no API group behind", async (t) => {
  const ask = async () => (await apiRequest(plane, { token, path: at("mirrordoperators/operator") })).body;
  const first = await installOperator(plane, { version: "3.100.0" });
  let waiting = true;
  const pending = installOperator(plane, { version: "3.200.0" }).finally(() => (waiting = false));
  for (let round = 0; round < 5; round += 1) t.match(await ask(), { spec: { operator_version: "3.100.0" } });
  t.ok(waiting);
  await first.stop();
  const second = await pending;
  t.match(await ask(), { spec: { operator_version: "3.200.0" } });
  await second.stop();
  t.match(await ask(), /404 page not found/);
});

t.test("the place of a process that is gone is taken over", async (t) => {
  const gone = await run(process.execPath, ["-p", "process.pid"]);
  const path = "/apis/coordination.k8s.io/v1/namespaces/mirrord/leases";
  const body = { metadata: { name: "operator-stand-in" }, spec: { holderIdentity: gone.stdout.trim() } };
  t.match(await apiRequest(plane, { token, path, body }), { status: 201 });
  const standIn = await installOperator(plane);
  t.match(await apiRequest(plane, { token, path: at("mirrordoperators") }), { status: 200 });
  await standIn.stop();
});
