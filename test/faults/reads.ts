// Every fault at a request of a command that only reads: it says what it would have said without, or says what it could not
// read. Never is a no of a yes, nor a yes of a no.
import type { Test } from "tap";
import type { Ran } from "../commands/grant-world.ts";
import { comparable } from "./comparable.ts";
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
export const admits =
  /unknown|could not|cannot|not known|may not|incomplete|unreadable|n\/a|Warning|assum|not compared|did not/i;

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
      judge(t, what, { clean, ran });
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

function judge(t: Test, what: string, { clean, ran }: { clean: Ran; ran: Ran }): void {
  const said = ran.stdout + ran.stderr;
  if (ran.code !== 0 && ran.code !== 1) {
    t.ok(ran.code === 3 || ran.code === 4, `${what}: exit code ${ran.code}: ${said}`);
    // An answer may be that nobody knows, and why.
    t.ok(ran.stderr !== "" || admits.test(ran.stdout), `${what}: it says why`);
    return;
  }
  const isSame = ran.code === clean.code && comparable(ran.stdout) === comparable(clean.stdout);
  if (isSame) return;
  // Whether the operator answers is what some commands are about.
  const isSilence = ran.code === 1 && /\boperator-silent\b/.test(ran.stdout);
  t.ok(isSilence || ran.code === clean.code, `${what}: no other answer: ${said}`);
  t.match(said, admits, `${what}: what could not be read is said\n${clean.stdout}`);
}

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
