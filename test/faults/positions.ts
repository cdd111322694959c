// Which faults are tried at which requests.
import { faults, type Fault, type Seen } from "./proxy.ts";
import type { Event, Ring, Step } from "./rings.ts";

/** Where a step stands among all of them. */
export interface StepPlace {
  /** Counted through all rings. */
  index: number;
  /** A step before it is of the same command. */
  isRepeated: boolean;
  isSlow: boolean;
}

/** Which requests of a step a fault happens to, counted from 1. */
export type Positions = (requests: readonly Seen[], fault: Fault, place: StepPlace) => number[];

export const allPositions: Positions = (requests) => requests.map((_, index) => index + 1);

/** Where it matters whether the server has stored something: they happen to a write in the middle, too. */
const aboutWrites = new Set<Fault>(["lost", "killed", "killed after", "interrupted", "truncated", "half-open"]);

/** Of so many faults one is tried with a command; of a command that came before in other words, and of one that takes long, fewer. */
const [SHARE, REPEATED_SHARE, SLOW_SHARE] = [4, 12, 6];

/**
 * Every pair of a command and a place among its requests, and of a fault and such a place: with each command some faults, each at
 * another one of its remarkable requests, and with the next command others.
 */
export const pairedPositions: Positions = (requests, fault, { index, isRepeated, isSlow }) => {
  const turn = index + faults.indexOf(fault);
  const share = isSlow ? SLOW_SHARE : isRepeated ? REPEATED_SHARE : SHARE;
  if (turn % share !== 0) return [];
  const last = requests.length;
  const position = [1, Math.ceil(last / 2), last][(turn / share) % 3] ?? 1;
  const writes = requests.flatMap(({ isWrite }, at) => (isWrite ? at + 1 : []));
  const write = aboutWrites.has(fault) ? writes[Math.floor(writes.length / 2)] : undefined;
  return [...new Set([position, write ?? position])];
};

/** Of all steps that are commands. */
export function stepPlaces(rings: readonly Ring[]): Map<Step | Event, StepPlace> {
  const seen = new Set<string>();
  const places = new Map<Step | Event, StepPlace>();
  for (const { steps, isSlow = false } of rings) {
    for (const step of steps) {
      if (step.command === undefined) continue;
      places.set(step, { index: places.size, isRepeated: seen.has(step.command), isSlow });
      seen.add(step.command);
    }
  }
  return places;
}
