// can-i over a network of 40 ms each way, beside `kubectl auth can-i` and the least that any client needs: TCP, TLS, one question.
// Also by itself: node test/bench/delay.ts
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { startControlPlane, type ControlPlane } from "../control-plane/start.ts";
import { installPolicyCrds } from "../operator/policy-crds.ts";
import { installOperator } from "../operator/start.ts";
import { makeCluster, median, runners, timed, writeKubeconfig, type Environment } from "./preview-cluster.ts";

const ROUNDS = 9;

export async function run(): Promise<void> {
  const plane = await startControlPlane({ controllerManager: false, auditLog: false });
  const operator = await installOperator(plane);
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-bench-"));
  const network = spawn(process.execPath, [join(import.meta.dirname, "delay-proxy.ts"), new URL(plane.server).port], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const [port] = (await once(createInterface({ input: network.stdout }), "line")) as [string];
    await installPolicyCrds(plane);
    await makeCluster(plane, 1);
    await compare(plane, `https://127.0.0.1:${port}`, folder);
  } finally {
    network.stdin.end();
    await operator.stop();
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(plane: ControlPlane, server: string, folder: string): Promise<void> {
  const as = (user: string): Environment => {
    const kubeconfig = join(folder, user);
    writeKubeconfig(plane, kubeconfig, { user, server });
    return { PATH: process.env["PATH"], HOME: folder, KUBECONFIG: kubeconfig };
  };
  const [jim, nobody] = [as("jim"), as("nobody")];
  const session = ["steal", "deploy/web", "-n", "bench"];
  const leastFile = join(folder, "least.cjs");
  writeFileSync(leastFile, leastClient(server, plane));
  const commands: { name: string; command: string[]; env: Environment }[] = [
    { name: "TCP, TLS and one question, by node", command: [process.execPath, leastFile], env: jim },
    {
      name: "kubectl auth can-i, one question",
      command: [plane.kubectl, "auth", "can-i", "get", "deployments.apps/web", "-n", "bench"],
      env: jim,
    },
    ...runners()
      .slice(-1)
      .flatMap(({ name, command }) => [
        { name: `can-i, yes, ${name}`, command: [...command, ...session], env: jim },
        { name: `can-i -q, yes, ${name}`, command: [...command, ...session, "-q"], env: jim },
        { name: `can-i, no, ${name}`, command: [...command, ...session], env: nobody },
        { name: `can-i -q, no, ${name}`, command: [...command, ...session, "-q"], env: nobody },
      ]),
  ];
  const times = new Map<string, number[]>(commands.map(({ name }) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const { name, command, env } of commands) {
      const milliseconds = await timed(command, env, env === nobody ? 1 : 0);
      // The first fills kubectl's cache of what the server has, and Node.js's of compiled code.
      if (round > 0) times.get(name)?.push(milliseconds);
    }
  process.stdout.write(`medians of ${ROUNDS} and the least, over a network of 40 ms each way\n`);
  for (const [name, all] of times) {
    const [middle, least] = [median(all), Math.min(...all)].map((milliseconds) => (milliseconds / 1000).toFixed(2));
    process.stdout.write(`  ${name.padEnd(66)} ${middle} s   ${least} s\n`);
  }
}

/** A review over one HTTP/2 connection and nothing else. */
function leastClient(server: string, plane: ControlPlane): string {
  return `const client = require("node:http2").connect(${JSON.stringify(server)}, { ca: ${JSON.stringify(plane.ca)} });
    const request = client.request({ ":method": "POST", ":path": "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      authorization: ${JSON.stringify(`Bearer ${plane.token("jim")}`)}, "content-type": "application/json" });
    request.end(JSON.stringify({ spec: { resourceAttributes: { verb: "get", resource: "pods" } } }));
    request.resume().on("end", () => client.close());`;
}

if (import.meta.main) await run();
