// The long comparison of lib/rbac with a real API server: questions by SubjectAccessReview, writes by dry run.
//   npm run rbac:diff -- --count 100000 --seed 1 --writes 5000
import { parseArgs } from "node:util";
import { startControlPlane, type ControlPlane } from "../control-plane/start.ts";
import { disagreements, recordWorlds } from "./differential-run.ts";
import { openServer, type Server } from "./server.ts";
import { readyTest, shrink } from "./shrink.ts";
import { writeWorlds, wrongPrediction } from "./writes-run.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    writes: { type: "string", default: "3000" },
  },
});

const began = performance.now();
const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(whole, 1)).toFixed(1)} %`;
const seconds = (): string => `${Math.round((performance.now() - began) / 1000)} s`;
const progress = (line: string): void => void process.stderr.write(`${line}, ${seconds()}\n`);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** True when there was no disagreement; the first one is printed as a test to paste. */
async function compareQuestions(server: Server, seed: number, count: number): Promise<boolean> {
  let [asked, yes] = [0, 0];
  const namespaces = ["diff-a", "diff-b", "constructor"] as const;
  for await (const recorded of recordWorlds(server, { seed, count, prefix: `d${seed}`, namespaces, perWorld: 2500 })) {
    asked += recorded.asked.length;
    yes += recorded.asked.filter(({ review }) => review.allowed).length;
    progress(`seed ${seed}: ${asked} questions, ${percent(yes, asked)} yes`);
    const [first] = disagreements(recorded);
    if (first === undefined) continue;
    print(`seed ${seed}: ${first.problem}\n${readyTest(await shrink(server, first))}`);
    return false;
  }
  print(`seed ${seed}: ${asked} questions, ${percent(yes, asked)} yes, 0 disagreements, ${seconds()}`);
  return true;
}

async function compareWrites(plane: ControlPlane, server: Server, seed: number, count: number): Promise<boolean> {
  let [written, allowed] = [0, 0];
  for await (const world of writeWorlds(plane, server, {
    seed,
    count,
    prefix: `d${seed}`,
    namespaces: ["diff-a", "diff-b"],
  })) {
    written += world.length;
    allowed += world.filter(({ answer }) => answer.status < 300).length;
    progress(`seed ${seed}: ${written} writes, ${percent(allowed, written)} allowed`);
    const wrong = world.map(wrongPrediction).find((problem) => problem !== undefined);
    if (wrong === undefined) continue;
    print(`seed ${seed}: ${wrong}`);
    return false;
  }
  print(`seed ${seed}: ${written} writes, ${percent(allowed, written)} allowed, 0 wrong predictions, ${seconds()}`);
  return true;
}

async function main(): Promise<number> {
  const [count, seed, writes] = [Number(values.count), Number(values.seed), Number(values.writes)];
  const plane = await startControlPlane({ controllerManager: false, auditLog: false });
  const server = openServer(plane);
  try {
    for (const name of ["diff-a", "diff-b", "constructor"]) {
      await server.call({
        method: "POST",
        path: "/api/v1/namespaces",
        body: { apiVersion: "v1", kind: "Namespace", metadata: { name } },
      });
    }
    return (await compareQuestions(server, seed, count)) && (await compareWrites(plane, server, seed, writes)) ? 0 : 1;
  } finally {
    server.close();
    await plane.stop();
  }
}

process.exitCode = await main();
