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

/** How many disagreements there are in the first world that has some; the first one is printed as a test to paste. */
async function compareQuestions(server: Server, seed: number, count: number): Promise<number> {
  let [asked, yes, wrong] = [0, 0, 0];
  const namespaces = ["diff-a", "diff-b", "constructor"] as const;
  for await (const recorded of recordWorlds(server, { seed, count, prefix: `d${seed}`, namespaces, perWorld: 2500 })) {
    asked += recorded.asked.length;
    yes += recorded.asked.filter(({ review }) => review.allowed).length;
    progress(`seed ${seed}: ${asked} questions, ${percent(yes, asked)} yes`);
    const found = disagreements(recorded);
    wrong = found.length;
    const [first] = found;
    if (first === undefined) continue;
    print(`seed ${seed}: ${first.problem}\n${readyTest(await shrink(server, first))}`);
    break;
  }
  print(`seed ${seed}: ${asked} questions, ${percent(yes, asked)} yes, ${wrong} disagreements, ${seconds()}`);
  return wrong;
}

/** How many wrong predictions there are in the first world that has some; the first one is printed. */
async function compareWrites(plane: ControlPlane, server: Server, seed: number, count: number): Promise<number> {
  let [written, allowed, wrong] = [0, 0, 0];
  for await (const world of writeWorlds(plane, server, {
    seed,
    count,
    prefix: `d${seed}`,
    namespaces: ["diff-a", "diff-b"],
  })) {
    written += world.length;
    allowed += world.filter(({ answer }) => answer.status < 300).length;
    progress(`seed ${seed}: ${written} writes, ${percent(allowed, written)} allowed`);
    const problems = world.map(wrongPrediction).filter((problem) => problem !== undefined);
    wrong = problems.length;
    if (wrong === 0) continue;
    print(`seed ${seed}: ${problems[0]}`);
    break;
  }
  print(
    `seed ${seed}: ${written} writes, ${percent(allowed, written)} allowed, ${wrong} wrong predictions, ${seconds()}`,
  );
  return wrong;
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
    const wrong = (await compareQuestions(server, seed, count)) || (await compareWrites(plane, server, seed, writes));
    return wrong === 0 ? 0 : 1;
  } finally {
    server.close();
    await plane.stop();
  }
}

process.exitCode = await main();
