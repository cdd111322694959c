// How fast `audit usage` reads logs, and in how much memory, beside reading the same bytes and doing nothing: npm run bench -- logs
// KUBECTL_MIRRORD_BENCH_MIB is the size of each log; 1024 when left out.
import { spawnSync } from "node:child_process";
import { closeSync, createReadStream, createWriteStream, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { createGzip } from "node:zlib";
import { atLeast, atMost } from "./limits.ts";
import { operatorLine } from "./operator-line.ts";

const MEBIBYTE = 1024 * 1024;
const root = join(import.meta.dirname, "../..");

export async function run(): Promise<void> {
  const size = Number(process.env["KUBECTL_MIRRORD_BENCH_MIB"] ?? "1024");
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-bench-"));
  try {
    const server = join(folder, "api-server.log");
    const operator = join(folder, "operator.log");
    write(server, size, serverLine);
    write(operator, size, (index) => operatorLine(index, time(index)));
    await pipeline(createReadStream(operator), createGzip({ level: 1 }), createWriteStream(`${operator}.gz`));
    const part = join(folder, "part.log");
    write(part, size / 8, (index) => operatorLine(index, time(index)));
    const small = measured(counted, part).mebibytes;
    for (const [name, file, isText] of [
      ["API server's audit log, one line in fifty about mirrord", server, true],
      ["operator's log, every line an event", operator, true],
      ["the same, compressed (MiB of text)", `${operator}.gz`, false],
    ] as const) {
      const { speed, memory } = report(name, file, size);
      if (!isText) continue;
      atLeast(`audit usage: ${name}`, 100, (speed * MEBIBYTE) / 1e6, "MB/s");
      atMost("  its memory, beside that of an eighth of the log", 1.2, memory / small, "x");
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Rounds one after the other, the better of two. */
function report(name: string, file: string, mebibytes: number): { speed: number; memory: number } {
  const rounds = [1, 2].map(() => ({ floor: measured(bare, file), usage: measured(counted, file) }));
  const floor = Math.min(...rounds.map((round) => round.floor.seconds));
  const seconds = Math.min(...rounds.map(({ usage }) => usage.seconds));
  const memory = Math.max(...rounds.map(({ usage }) => usage.mebibytes));
  const idle = Math.max(...rounds.map((round) => round.floor.mebibytes));
  process.stdout.write(
    `${name}, ${mebibytes} MiB: ${Math.round(mebibytes / seconds)} MiB/s, peak RSS ${memory} MiB; only reading it: ` +
      `${Math.round(mebibytes / floor)} MiB/s, ${idle} MiB (${(seconds / floor).toFixed(1)} times as long)\n`,
  );
  return { speed: mebibytes / seconds, memory };
}

const module = (path: string): string => JSON.stringify(pathToFileURL(join(root, path)).href);

const done = `
  const { maxRSS } = process.resourceUsage();
  process.stdout.write(JSON.stringify({ seconds: (performance.now() - began) / 1000, mebibytes: Math.round(maxRSS / 1024) }));
`;

/** What the command does besides starting. */
const counted = `
  const { usageReader } = await import(${module("lib/audit/usage/read.ts")});
  const { noUsage } = await import(${module("lib/audit/usage/totals.ts")});
  const { logBytes } = await import(${module("lib/commands/audit/usage/log-files.ts")});
  const began = performance.now();
  const totals = noUsage();
  const reader = usageReader(totals, {});
  for await (const chunk of logBytes(process.env.LOG, new AbortController().signal)) reader.push(chunk);
  reader.end();
  if (totals.log.operator + totals.log.apiServer === 0) throw new Error("nothing was found");
  ${done}
`;

/** The same bytes, decompressed, and nothing else. */
const bare = `
  const { logBytes } = await import(${module("lib/commands/audit/usage/log-files.ts")});
  const began = performance.now();
  let bytes = 0;
  for await (const chunk of logBytes(process.env.LOG, new AbortController().signal)) bytes += chunk.length;
  ${done}
`;

function measured(code: string, file: string): { seconds: number; mebibytes: number } {
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
    env: { ...process.env, LOG: file },
    encoding: "utf8",
  });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout);
}

function write(file: string, mebibytes: number, line: (index: number) => string): void {
  const block = Buffer.from(Array.from({ length: 2000 }, (_, index) => `${line(index)}\n`).join(""));
  const out = openSync(file, "w");
  for (let written = 0; written < mebibytes * MEBIBYTE; written += block.length) writeSync(out, block);
  closeSync(out);
}

const time = (index: number): string => new Date(Date.UTC(2026, 7, 17, 18, 0, index)).toISOString();

function serverLine(index: number): string {
  const isMirrords = index % 50 === 0;
  const object = isMirrords
    ? {
        resource: "targets",
        namespace: `team-${index % 20}`,
        name: `deployment.service-${index % 40}`,
        apiGroup: "operator.metalbear.co",
        apiVersion: "v1",
      }
    : {
        resource: "leases",
        namespace: "kube-node-lease",
        name: `node-${index}`,
        apiGroup: "coordination.k8s.io",
        apiVersion: "v1",
      };
  return JSON.stringify({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "Metadata",
    auditID: `00000000-0000-4000-8000-${index.toString().padStart(12, "0")}`,
    stage: "ResponseComplete",
    requestURI: `/apis/${object.apiGroup}/v1/namespaces/${object.namespace}/${object.resource}/${object.name}`,
    verb: isMirrords ? "proxy" : "update",
    user: {
      username: isMirrords ? `user-${index % 300}` : `system:node:node-${index}`,
      groups: ["system:authenticated"],
    },
    sourceIPs: ["10.0.0.1"],
    userAgent: "kubelet/v1.36.0 (linux/amd64) kubernetes/0000000",
    objectRef: object,
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp: time(index),
    stageTimestamp: time(index),
    annotations: { "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "" },
  });
}
