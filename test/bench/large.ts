// Every command that reads, on a large control plane and on one of a tenth of its size: npm run bench:large -- [--namespaces 10000]
// Ends with 1 when a command takes longer or more memory than is stated here, or grows faster than the cluster.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { startControlPlane, type ControlPlane } from "../control-plane/start.ts";
import { printFigure } from "../long/figures.ts";
import { installOperator } from "../operator/start.ts";
import { numbers } from "./live.ts";
import { operatorLine } from "./operator-line.ts";
import { makeLargeCluster, type LargeCluster } from "./large-cluster.ts";
import { readCommands } from "./read-commands.ts";

const program = join(import.meta.dirname, "../../plugins/kubectl-mirrord.ts");

/** Of each command at 10,000 namespaces: seconds on a processor, and MiB at most. */
const MOST_SECONDS = 60;
const MOST_MEBIBYTES = 1500;
/** Of ten times the cluster, beyond what a start costs: times the processor, and times the memory. */
const MOST_GROWTH = 12;

/** Said by the process itself when it ends: what others do at the same time is not in it. */
const answerUsage = `
  import { writeSync } from "node:fs";
  process.on("exit", () => {
    const { user, system } = process.cpuUsage();
    writeSync(3, JSON.stringify({ seconds: (user + system) / 1e6, mebibytes: process.resourceUsage().maxRSS / 1024 }));
  });
`;

interface Usage {
  /** On a processor. */
  seconds: number;
  /** By the clock. */
  elapsed: number;
  mebibytes: number;
}

export async function run(): Promise<void> {
  const { values } = parseArgs({ options: { namespaces: { type: "string", default: "10000" } } });
  const full = Number(values.namespaces);
  const start = await startUsage();
  const tenth = await measure(full / 10);
  const whole = await measure(full);
  const { namespaces, bindings, sessions, grants } = whole.cluster;
  printFigure("namespaces", namespaces);
  printFigure("bindings", bindings);
  printFigure("grants, a team's on a collection each", grants);
  printFigure("sessions", sessions);
  const faults = [...whole.usages].flatMap(([name, usage]) => {
    const small = tenth.usages.get(name) ?? usage;
    printFigure(name, `${usageText(usage)}; on a tenth ${usageText(small)}`);
    return usageFaults(usage, small, start).map((fault) => `${name}: ${fault}`);
  });
  for (const fault of faults) process.stdout.write(`FAULT ${fault}\n`);
  printFigure("commands over a limit", faults.length);
  if (faults.length > 0) process.exitCode = 1;
}

const usageText = ({ seconds, elapsed, mebibytes }: Usage): string =>
  `${elapsed.toFixed(1)} s (${seconds.toFixed(1)} s of a processor), ${Math.round(mebibytes)} MiB`;

function usageFaults(usage: Usage, small: Usage, start: Usage): string[] {
  const growth = (usage.seconds - start.seconds) / Math.max(small.seconds - start.seconds, 0.05);
  return [
    ...(usage.seconds > MOST_SECONDS ? [`takes more than ${MOST_SECONDS} s`] : []),
    ...(usage.mebibytes > MOST_MEBIBYTES ? [`takes more than ${MOST_MEBIBYTES} MiB`] : []),
    ...(growth > MOST_GROWTH ? [`takes ${growth.toFixed(1)} times as long for ten times the cluster`] : []),
  ];
}

async function measure(namespaces: number): Promise<{ cluster: LargeCluster; usages: Map<string, Usage> }> {
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-large-"));
  // Nothing in it is to be made or deleted by controllers.
  const plane = await startControlPlane({ auditLog: false, controllerManager: false });
  const operator = await installOperator(plane);
  try {
    const began = performance.now();
    const cluster = await makeLargeCluster(plane, operator, namespaces);
    const took = Math.round((performance.now() - began) / 1000);
    process.stderr.write(`${namespaces} namespaces, ${cluster.bindings} bindings made in ${took} s\n`);
    const usages = new Map<string, Usage>();
    writeFileSync(join(folder, "policy.yaml"), policy);
    writeFileSync(join(folder, "operator.log"), operatorLog(LINES * namespaces));
    for (const { name, words } of await readCommands(folder, cluster)) {
      usages.set(name, await measuredRun(plane, words));
      process.stderr.write(`  ${name.padEnd(36)} ${usageText(usages.get(name)!)}\n`);
    }
    return { cluster, usages };
  } finally {
    await operator.stop();
    await plane.stop();
    rmSync(folder, { recursive: true });
  }
}

const LINES = 10;

/** Of the last 25 hours. */
function operatorLog(lines: number): string {
  const [now, all] = [Date.now(), 25 * 3_600_000];
  const time = (index: number) => new Date(now - all + (all * index) / lines).toISOString();
  return numbers(lines)
    .map((index) => `${operatorLine(index, time(index))}\n`)
    .join("");
}

const policy = `apiVersion: policies.mirrord.metalbear.co/v1alpha
kind: MirrordPolicy
metadata: {name: another, namespace: ns-0}
spec: {targetPath: deploy/web, block: [steal]}
`;

/** Throws for a command that could not do its work. */
async function measuredRun({ kubeconfig }: ControlPlane, words: readonly string[]): Promise<Usage> {
  const probe = `data:text/javascript,${encodeURIComponent(answerUsage)}`;
  const began = performance.now();
  const child = spawn(process.execPath, ["--import", probe, program, ...words], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const said = child.stdio[3];
  if (child.stderr === null || said === null || said === undefined || !("readable" in said))
    throw new Error("no pipes");
  const [stderr, answer, [code]] = await Promise.all([text(child.stderr), text(said), once(child, "close")]);
  if (code !== 0 && code !== 1) throw new Error(`${words.join(" ")} ended with ${String(code)}: ${stderr}`);
  const { seconds, mebibytes } = JSON.parse(answer) as Omit<Usage, "elapsed">;
  return { seconds, mebibytes, elapsed: (performance.now() - began) / 1000 };
}

const startUsage = async (): Promise<Usage> => await measuredRun({ kubeconfig: "" } as ControlPlane, ["--help"]);

if (import.meta.main) await run();
