// The long comparison of the engine with a real API server:
//   npm run rbac:diff -- --count 100000 --seed 1
import { parseArgs } from "node:util";
import { startControlPlane } from "../control-plane/start.ts";
import { disagreements, recordWorlds } from "./differential-run.ts";
import { openServer, type Server } from "./server.ts";
import { readyTest, shrink } from "./shrink.ts";

const { values } = parseArgs({
  options: { count: { type: "string", default: "100000" }, seed: { type: "string", default: "1" } },
});

async function createNamespaces(server: Server, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await server.call({
      method: "POST",
      path: "/api/v1/namespaces",
      body: { apiVersion: "v1", kind: "Namespace", metadata: { name } },
    });
  }
}

async function main(): Promise<number> {
  const [count, seed] = [Number(values.count), Number(values.seed)];
  const plane = await startControlPlane({ controllerManager: false, auditLog: false });
  const server = openServer(plane);
  const namespaces = ["diff-a", "diff-b", "constructor"] as const;
  await createNamespaces(server, namespaces);
  const began = performance.now();
  let [asked, yes] = [0, 0];
  try {
    for await (const recorded of recordWorlds(server, {
      seed,
      count,
      prefix: `d${seed}`,
      namespaces,
      perWorld: 2500,
    })) {
      asked += recorded.asked.length;
      yes += recorded.asked.filter(({ review }) => review.allowed).length;
      const [first] = disagreements(recorded);
      process.stderr.write(
        `seed ${seed}: ${asked} asked, ${((100 * yes) / asked).toFixed(1)} % yes, ${Math.round((performance.now() - began) / 1000)} s\n`,
      );
      if (first === undefined) continue;
      process.stdout.write(`disagreement: ${first.problem}\n${readyTest(await shrink(server, first))}\n`);
      return 1;
    }
    process.stdout.write(
      `seed ${seed}: ${asked} questions, ${((100 * yes) / asked).toFixed(1)} % yes, 0 disagreements, ${Math.round((performance.now() - began) / 1000)} s\n`,
    );
    return 0;
  } finally {
    server.close();
    await plane.stop();
  }
}

process.exitCode = await main();
