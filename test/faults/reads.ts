// Every fault at a request of a command that only reads: it says what it would have said without, or says what it could not
// read. Never is a no of a yes, nor a yes of a no.
import type { Test } from "tap";
import type { Ran } from "../commands/grant-world.ts";
import { comparable } from "./comparable.ts";
import { newLines } from "../permissions/naming.ts";
import { prepare } from "../permissions/record.ts";
import type { Scenario } from "../permissions/scenarios.ts";
import type { PermissionsCluster } from "../permissions/world.ts";
import { until } from "../until.ts";
import type { Bench, Figures } from "./matrix.ts";
import type { Positions, StepPlace } from "./positions.ts";
import { faults, type Fault } from "./proxy.ts";
import { LONG_TIMEOUT } from "./time.ts";

export const readFaults = faults.filter((fault) => !fault.startsWith("killed") && fault !== "interrupted");

/** An answer about which something is missing says so. */
const admits =
  /unknown|could not|cannot|not known|may not|incomplete|unreadable|n\/a|Warning|assum|not compared|did not/i;

/** What came of a run. */
interface Outcome {
  code: number;
  stdout: string;
  /** And stderr. */
  said: string;
}

/** Of what `ran` says where a read failed, and `clean` does not: it is an error, or says what is not known. */
export function judgeRead(t: Test, what: string, { clean, ran }: { clean: Outcome; ran: Outcome }): void {
  if (ran.code === clean.code && ran.stdout === clean.stdout) return;
  const differs = newLines(ran.said, clean.said);
  if (ran.code !== 0 && ran.code !== 1) {
    t.ok([3, 4].includes(ran.code) && /\w/.test(differs), `${what}: it says why: exit code ${ran.code}: ${ran.said}`);
    return;
  }
  // Whether the operator answers is what some commands are about.
  const isSilence = ran.code === 1 && /\boperator-silent\b/.test(differs);
  t.ok(isSilence || ran.code === clean.code, `${what}: no other answer: ${ran.said}`);
  // A no stands without the operator, too; how to look at that is said.
  if (!/^See its state: /m.test(differs)) t.match(differs, admits, `${what}: what could not be read is said`);
}

export async function runReads(
  t: Test,
  bench: Bench,
  scenario: Scenario,
  { positions, place }: { positions: Positions; place: StepPlace },
  figures: Figures,
): Promise<void> {
  const { cluster, proxy } = bench;
  await prepareOnce(cluster, scenario);
  proxy.arm("500", 0);
  const clean = (await cluster.run(cluster.plane.admin.token, scenario.words, { ...scenario, server: proxy.server }))
    .ran;
  const requests = proxy.seen();
  t.ok((scenario.isUndetermined === true ? [3] : [0, 1]).includes(clean.code), `${clean.code}: ${clean.stderr}`);
  if (requests.length === 0) return;
  for (const fault of readFaults) {
    for (const at of positions(requests, fault, place)) {
      const what = `${fault} at request ${at}`;
      const ran = await faulted(bench, scenario, fault, at);
      t.ok(proxy.happened(), `${what} has happened`);
      judgeRead(t, what, { clean: outcome(clean), ran: outcome(ran) });
      t.equal(proxy.stored(), 0, `${what}: nothing is written`);
      figures.faults += 1;
    }
  }
}

let prepared = "";

/** Whoever only reads leaves it as it is for the next that wants the same. */
async function prepareOnce(cluster: PermissionsCluster, scenario: Scenario): Promise<void> {
  const wanted = JSON.stringify([scenario.before, String(scenario.prepare)]);
  if (wanted !== prepared) await prepare(cluster, scenario);
  prepared = wanted;
}

/** Without what differs from one run to the next. */
const outcome = ({ code, stdout, stderr }: Ran): Outcome => ({
  code,
  stdout: comparable(stdout),
  said: comparable(stdout + stderr),
});

async function faulted({ cluster, proxy, time }: Bench, scenario: Scenario, fault: Fault, at: number): Promise<Ran> {
  time.start();
  proxy.arm(fault, at, () => time.pass());
  const words = fault === "half-open" ? withTimeout(scenario.words) : scenario.words;
  let ran: Ran | undefined;
  void cluster
    .run(cluster.plane.admin.token, words, { ...scenario, server: proxy.server })
    .then((run) => (ran = run.ran));
  return await until(`it ends: ${words.join(" ")}, ${fault} at request ${at}`, () => proxy.quiet() && ran);
}

/** What comes behind -- is another program's. */
export function withTimeout(words: readonly string[]): string[] {
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  return [...words.slice(0, end), `--request-timeout=${LONG_TIMEOUT}`, ...words.slice(end)];
}
