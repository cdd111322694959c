// Processes that end in the middle: kill -9 and Ctrl-C while one of their writes is on its way, or after it is stored and before
// they hear of it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { root } from "../e2e/example-cluster.ts";
import { until } from "../until.ts";
import { countAfterInterrupt, type AfterInterrupt } from "./after-interrupt.ts";
import type { Attempt, Bench, Case, Trial } from "./matrix.ts";
import type { Step } from "./rings.ts";

/** That of bin/guard.cjs: without it a process takes twice the time to start. */
const compileCache = join(root, "node_modules/.cache/kubectl-mirrord");

const endings = ["killed", "killed after", "interrupted"] as const;

/** @param chosen which of so many writes, counted from 1, and how they end */
export const killTrial = (chosen: (count: number) => Case[]): Trial => ({
  cases: (requests) => chosen(requests.filter(({ isWrite }) => isWrite).length),
  attempt,
  counts: "write",
});

/** Each of so many writes, in each way. */
export function everyWrite(count: number): Case[] {
  const writes = Array.from({ length: count }, (_, index) => index + 1);
  return writes.flatMap((at) => endings.map((fault) => ({ fault, at })));
}

/** Of so many writes the first, the one in the middle and the last, each in another way. */
export function someWrites(count: number): Case[] {
  const writes = [1, Math.ceil(count / 2), count];
  return count === 0 ? [] : endings.map((fault, index) => ({ fault, at: writes[index] ?? 1 }));
}

async function attempt({ cluster, proxy }: Bench, step: Step, { fault, at }: Case): Promise<Attempt> {
  const { plane } = cluster;
  const ca = ["--certificate-authority", plane.caFile];
  const connection = ["--server", proxy.server, ...ca, "--token", plane.admin.token];
  const program = join(root, "plugins/kubectl-mirrord.ts");
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-editor-"));
  proxy.arm(fault, at, () => child.kill(fault === "interrupted" ? "SIGINT" : "SIGKILL"), "writes");
  const counts = fault === "interrupted" ? countAfterInterrupt : [];
  const child = spawn(process.execPath, [...counts, program, ...step.words, ...connection], {
    env: { ...process.env, KUBE_EDITOR: editor(step, folder), NODE_COMPILE_CACHE: compileCache },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const outputs = [child.stdout, child.stderr, child.stdio[3] as Readable];
  const said = Promise.all(outputs.map(async (output) => (output === null ? "" : await text(output))));
  const [code] = (await once(child, "close")) as [number | null];
  const [stdout = "", stderr = "", counted = ""] = await said;
  rmSync(folder, { recursive: true, force: true });
  await until("the API server has answered", () => proxy.quiet());
  const after = counted === "" ? undefined : (JSON.parse(counted) as AfterInterrupt);
  return {
    ran: { code: code ?? -1, stdout, stderr },
    happened: proxy.happened(),
    late: after?.requests ?? 0,
    ...(after === undefined ? {} : { endedAfterMs: after.waitedMs + after.busyMs }),
  };
}

/** The command line of an editor that does what the step does. */
function editor({ edit }: Step, folder: string): string {
  if (edit === undefined) return "true";
  const file = join(folder, "editor.mjs");
  writeFileSync(
    file,
    `import { readFileSync, writeFileSync } from "node:fs";
const edit = ${String(edit)};
const file = process.argv.at(-1);
writeFileSync(file, edit(readFileSync(file, "utf8")));`,
  );
  return `${process.execPath} ${file}`;
}
