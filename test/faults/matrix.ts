// Every fault at a request of a command that changes something: it ends as it would have without, or says that it did not,
// and the same command again finishes; nothing is given or taken that was not requested.
import { subscribe } from "node:diagnostics_channel";
import type { Test } from "tap";
import type { PermissionsCluster } from "../permissions/world.ts";
import type { Ran } from "../commands/grant-world.ts";
import { until } from "../until.ts";
import { faults, happensTo, type Fault, type FaultProxy, type Seen } from "./proxy.ts";
import type { Positions, StepPlace } from "./positions.ts";
import type { Event, Ring, Step } from "./rings.ts";
import { placeKey, readState, type State } from "./state.ts";
import { LONG_TIMEOUT, type InjectedTime } from "./time.ts";

export interface Bench {
  cluster: PermissionsCluster;
  proxy: FaultProxy;
  time: InjectedTime;
}

/** Of the faults that happened; each has one of the three ends. */
export interface Figures {
  faults: number;
  /** Ended as without a fault. */
  done: number;
  /** Ended by the same command again. */
  again: number;
  /** Where nothing was stored. */
  untouched: number;
}

/** One thing that goes wrong. */
export interface Case {
  fault: Fault;
  /** At which request, or at which write, counted from 1. */
  at: number;
}

/** What is tried with a step, and how. */
export interface Trial {
  cases(requests: readonly Seen[], place: StepPlace): Case[];
  attempt(bench: Bench, step: Step, one: Case): Promise<Attempt>;
  counts: "request" | "write";
}

export interface Attempt {
  ran: Ran;
  happened: boolean;
  /** How many requests were begun after Ctrl-C. */
  late: number;
  /** Of a process of its own that heard Ctrl-C: what it waited for timers and was busy until its end. */
  endedAfterMs?: number;
}

/** Every fault at these requests, of a command in this process. */
export const faultTrial = (positions: Positions): Trial => ({
  cases: (requests, place) =>
    faults.flatMap((fault) => {
      const places = positions(requests, fault, place).map((at) => openPlace(requests, { fault, at }));
      return [...new Set(places)].filter((at) => at > 0).map((at) => ({ fault, at }));
    }),
  attempt: faulted,
  counts: "request",
});

/** Of the request that the fault can happen to: the first one from there on, else the last one; 0 where there is none. */
function openPlace(requests: readonly Seen[], { fault, at }: Case): number {
  const isOpen = (request: Seen) => happensTo(fault, request);
  const next = requests.findIndex((request, index) => index >= at - 1 && isOpen(request));
  return (next === -1 ? requests.findLastIndex(isOpen) : next) + 1;
}

const debug = (text: string) => {
  if (process.env["KUBECTL_MIRRORD_DEBUG_FAULTS"] !== undefined) process.stderr.write(`${text}\n`);
};

let started = 0;
subscribe("http2.client.stream.created", () => void (started += 1));

/** Runs a ring until every case of every step of it has been. */
export async function runRing(
  t: Test,
  bench: Bench,
  ring: Ring,
  { trial, places }: { trial: Trial; places: ReadonlyMap<Step | Event, StepPlace> },
  figures: Figures,
): Promise<void> {
  const { cluster } = bench;
  for (const words of ring.before) await cluster.run(cluster.plane.admin.token, words);
  await cleanTurn(t, bench, ring);
  const turn = await cleanTurn(t, bench, ring);
  const queues = turn.map(({ requests }, index): Case[] => {
    const place = places.get(ring.steps[index]!);
    if (place === undefined || requests.length === 0) return [];
    return trial.cases(requests, place);
  });
  while (queues.some((queue) => queue.length > 0)) {
    for (const [index, step] of ring.steps.entries()) {
      const { before, after } = turn[index]!;
      if (step.command === undefined) {
        await step.happens(cluster);
        continue;
      }
      const queue = queues[index]!;
      let isDone = false;
      while (!isDone && queue.length > 0)
        isDone = await runCase(t, bench, step, queue, { before, after, trial }, figures);
      if (!isDone) await finish(t, bench, step, after, step.words.join(" "));
    }
  }
}

interface CleanRun {
  requests: readonly Seen[];
  before: State;
  after: State;
}

/** What each step comes to when nothing is wrong. */
async function cleanTurn(t: Test, { cluster, proxy, time }: Bench, ring: Ring): Promise<CleanRun[]> {
  const runs: CleanRun[] = [];
  let before = await readState(cluster);
  for (const step of ring.steps) {
    proxy.arm("500", 0);
    time.start();
    if (step.command === undefined) await step.happens(cluster);
    else {
      const { ran } = await cluster.run(cluster.plane.admin.token, step.words, { ...step, server: proxy.server });
      t.equal(ran.code, 0, `${step.words.join(" ")}: ${ran.stderr}`);
    }
    const requests = step.command === undefined ? [] : proxy.seen();
    const after = await readState(cluster);
    runs.push({ requests, before, after });
    before = after;
  }
  return runs;
}

const saysDone = /^(Done|Done before this|Sent, and not confirmed.*):$/m;

/**
 * Tries the first of the cases; comes back to it where a command that waits has sent fewer requests this time. Returns whether
 * it has brought the cluster to where the command leads.
 */
async function runCase(
  t: Test,
  bench: Bench,
  step: Step,
  queue: Case[],
  { before, after, trial }: { before: State; after: State; trial: Trial },
  figures: Figures,
): Promise<boolean> {
  const { cluster, proxy } = bench;
  const one = queue.shift()!;
  const { fault, at } = one;
  const what = `${step.words.join(" ")}: ${fault} at ${trial.counts} ${at}`;
  const t0 = performance.now();
  const { ran, happened, late, endedAfterMs } = await trial.attempt(bench, step, one);
  debug(`${what}: ${ran.code}, ${Math.round(performance.now() - t0)} ms, ${proxy.stored()} stored: ${ran.stderr}`);
  if (!happened) {
    const sent = proxy.seen().filter(({ isWrite }) => isWrite || trial.counts === "request");
    const last = openPlace(sent, one);
    t.ok(last > 0 && last < at, `${what} has not happened, and there were ${sent.length}`);
    t.equal(ran.code, 0, `${what} has not happened: ${ran.stderr}`);
    if (last > 0 && last < at) queue.unshift({ fault, at: last });
    return await arrives(t, cluster, after, `${what} has not happened`);
  }
  figures.faults += 1;
  // A process that has no time for it within its grace ends without a word.
  const isCutOff = trial.counts === "write" && ran.code === 130 && !saysDone.test(ran.stderr);
  const isKilled = fault.startsWith("killed") || isCutOff;
  t.ok(isKilled || [0, 1, 3, 4, 130].includes(ran.code), `${what}: exit code ${ran.code}: ${ran.stderr}`);
  if (fault === "interrupted") {
    t.equal(ran.code, 130, `${what}: ${ran.stderr}`);
    t.equal(late, 0, `${what}: nothing is sent after Ctrl-C`);
    if (trial.counts === "write")
      t.ok(endedAfterMs !== undefined && endedAfterMs < 1000, `${what}: it ended ${endedAfterMs} ms after Ctrl-C`);
  }
  if (proxy.stored() === 0 && ran.code !== 0) {
    figures.untouched += 1;
    return false;
  }
  const found = await readState(cluster);
  // What is done is on stdout, and what could not be found out about it afterwards as well.
  const isAnswered = ran.code !== 0 && ran.stdout !== "" && ran.stderr === "";
  if (!isKilled && ran.code !== 0 && !isAnswered) {
    t.notMatch(ran.stderr, /nothing was written/i, `${what}: something was written`);
    // Of what a command has taken back itself there is nothing to be said.
    if (!isSameState(found, before)) t.match(ran.stderr, saysDone, `${what}: it says what is done`);
  }
  for (const gift of found.given)
    if (!before.given.has(gift) && !after.given.has(gift)) t.fail(`${what}: nobody asked for ${gift}`);
  for (const gift of before.given)
    if (after.given.has(gift) && !found.given.has(gift)) t.fail(`${what}: nobody named ${gift}`);
  if (ran.code === 0 || isAnswered) {
    figures.done += 1;
    return await arrives(t, cluster, after, `${what}: it is done, as it says`, found);
  }
  t.same(isKilled ? [] : untruths(ran.stderr, found), [], `${what}: what it says of done and not done is so`);
  figures.again += 1;
  await finish(t, bench, step, after, what, ran);
  return true;
}

const isSameState = (one: State, other: State) => JSON.stringify(one.all) === JSON.stringify(other.all);

async function finish(
  t: Test,
  { cluster, proxy }: Bench,
  step: Step,
  after: State,
  what: string,
  first?: Ran,
): Promise<void> {
  proxy.arm("500", 0);
  const { ran } = await cluster.run(cluster.plane.admin.token, step.words, { ...step, server: proxy.server });
  t.not(ran.code, 70, ran.stderr);
  await arrives(t, cluster, after, `${what}: the same again finishes (${ran.code}): ${first?.stderr}\n${ran.stderr}`);
}

/**
 * Garbage collection takes a moment.
 * @param seen what is there, where somebody has just looked
 */
async function arrives(t: Test, cluster: PermissionsCluster, wanted: State, what: string, seen?: State): Promise<true> {
  if (seen !== undefined && isSameState(seen, wanted)) return true;
  let found: string[] = [];
  const isThere = async () => {
    const state = await readState(cluster);
    found = state.all;
    return isSameState(state, wanted);
  };
  await until(what, isThere).catch(() => {
    const [more, less] = [
      found.filter((line) => !wanted.all.includes(line)),
      wanted.all.filter((line) => !found.includes(line)),
    ];
    t.same({ more, less }, { more: [], less: [] }, what);
  });
  return true;
}

async function faulted({ cluster, proxy, time }: Bench, step: Step, { fault, at }: Case): Promise<Attempt> {
  const abort = new AbortController();
  let [before, late] = [0, 0];
  time.start();
  proxy.arm(fault, at, () => {
    if (fault === "half-open" || fault === "silent") time.pass();
    else {
      before = started;
      abort.abort();
    }
  });
  const words = fault === "half-open" ? [...step.words, `--request-timeout=${LONG_TIMEOUT}`] : step.words;
  const change = { ...step, server: proxy.server, signal: abort.signal };
  let ended: Ran | undefined;
  const running = cluster.run(cluster.plane.admin.token, words, change).then(({ ran }) => (ended = ran));
  const ran = await Promise.race([
    running,
    until(`it ends: ${words.join(" ")}, ${fault} at request ${at}`, () => ended),
  ]);
  if (abort.signal.aborted) late = started - before;
  await until("the API server has answered", () => proxy.quiet());
  return { ran, happened: proxy.happened(), late };
}

/** The owners of a grant's bindings. */
const ownerGone = /^Done:\n(?: {2}.*\n)* {2}delete (?:job\.|clusterrolebinding\.(?!.*:reads$))/m;

/** What a message lists as done and is not, or as not done and is. */
function untruths(stderr: string, { names }: State): string[] {
  let isDone: boolean | undefined;
  return stderr.split("\n").filter((line) => {
    if (/^(Done|Done before this|Not done):$/.test(line)) isDone = line.startsWith("Done");
    else if (!line.startsWith("  ")) isDone = undefined;
    const [, action, kind = "", name = "", namespace] =
      /^ {2}(create|delete) ([a-z]+)[a-z.0-9]*\/(\S+?)…?(?: in namespace (\S+))?$/.exec(line) ?? [];
    if (action === undefined || isDone === undefined) return false;
    const isThere = names.has(placeKey(kind, namespace, name));
    // What belongs to an object that is gone goes by itself, a while later.
    if (action === "delete" && !isDone && !isThere && ownerGone.test(stderr)) return false;
    return isThere !== (isDone === (action === "create"));
  });
}
