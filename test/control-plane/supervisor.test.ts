import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import t from "tap";
import { until } from "../until.ts";
import { uniqueName } from "./namespace.ts";
import { isRunningWith } from "./processes.ts";
import { apiRequest } from "./request.ts";
import { startControlPlane } from "./start.ts";
import type { ControlPlaneDescription } from "./supervisor.ts";

t.test("several run at once, and stop leaves nothing of them", async (t) => {
  const [one, other] = await Promise.all([startControlPlane(), startControlPlane({ controllerManager: false })]);
  t.not(one.server, other.server);
  t.equal((await apiRequest(other, { token: one.admin.token, path: "/api" })).status, 401, "tokens are one's own");

  const slow = uniqueName("paused");
  const [namespaces, path] = ["/api/v1/namespaces", `/api/v1/namespaces/${slow}/serviceaccounts/default`];
  one.pauseControllerManager();
  await apiRequest(one, { token: one.admin.token, path: namespaces, body: { metadata: { name: slow } } });
  t.equal((await apiRequest(one, { token: one.admin.token, path })).status, 404, "paused controllers do nothing");
  one.resumeControllerManager();
  await until(
    "the service account is there",
    async () => (await apiRequest(one, { token: one.admin.token, path })).status === 200,
  );
  t.throws(() => other.pauseControllerManager(), "there is none to pause");

  one.pauseControllerManager();
  for (const plane of [one, other]) {
    const description = readDescription(plane.descriptionFile);
    t.strictSame(partsAlive(description), plane === one ? [...always, "kube-controller-manager"].toSorted() : always);
    await plane.stop();
    t.strictSame(partsAlive(description), []);
    t.notOk(existsSync(description.folder));
  }
});

t.test("nothing is left when the process that started it is killed", async (t) => {
  const { starter, description } = await startElsewhere();
  t.strictSame(partsAlive(description), always);
  starter.kill("SIGKILL");
  await until(
    "processes and files are gone",
    () => partsAlive(description).length === 0 && !existsSync(description.folder),
  );
  t.pass("processes and files are gone");
});

t.test("when its supervisor is killed the parts end, and the next start removes the files", async (t) => {
  const folders = t.testdir();
  const { starter, description } = await startElsewhere(folders);
  process.kill(description.supervisorPid, "SIGKILL");
  if (process.env["KUBEBUILDER_ASSETS"] === undefined) {
    await until("the parts have ended", () => partsAlive(description).length === 0);
  }
  t.ok(existsSync(description.folder));
  starter.kill("SIGKILL");
  const next = await startElsewhere(folders);
  t.strictSame(partsAlive(description), []);
  t.notOk(existsSync(description.folder));
  next.starter.kill();
  await until("its files are gone", () => !existsSync(next.description.folder));
});

t.test("a part that does not start is reported with what it said, at once", async (t) => {
  await t.rejects(startControlPlane({ apiServerFlags: ["--no-such-flag"] }), {
    message: /kube-apiserver ended \(exit 1\):[^]*unknown flag: --no-such-flag/,
  });
});

const always = ["etcd", "kube-apiserver", "supervisor"];

/** A control plane that belongs to a process of its own, and sweeps only the folders in `temporary`. */
async function startElsewhere(temporary = tmpdir()): Promise<{
  starter: ReturnType<typeof spawn>;
  description: ControlPlaneDescription;
}> {
  const program = `import { startControlPlane } from ${JSON.stringify(import.meta.resolve("./start.ts"))};
    const plane = await startControlPlane({ controllerManager: false });
    process.stdout.write(plane.descriptionFile + "\\n");
    process.stdin.resume();`;
  const starter = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, TMPDIR: temporary },
  });
  const [file]: string[] = await once(createInterface({ input: starter.stdout }), "line");
  return { starter, description: readDescription(file ?? "") };
}

function readDescription(file: string): ControlPlaneDescription {
  const description: ControlPlaneDescription = JSON.parse(readFileSync(file, "utf8"));
  return description;
}

/** Names of what runs, sorted. */
function partsAlive(description: ControlPlaneDescription): string[] {
  const nonce = description.folder.split("-").at(-1) ?? "";
  const pids = {
    etcd: description.etcdPid,
    "kube-apiserver": description.apiServerPid,
    "kube-controller-manager": description.controllerManagerPid,
    supervisor: description.supervisorPid,
  };
  return Object.entries(pids)
    .flatMap(([name, pid]) => (pid !== undefined && isRunningWith(pid, nonce) ? [name] : []))
    .toSorted();
}
