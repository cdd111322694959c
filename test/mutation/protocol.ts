// What the runner and its workers say to each other.

import { join } from "node:path";

/** In a worker's environment: whose tests are run, and the folder that has the instrumented files. */
export const checkoutVariable = "KUBECTL_MIRRORD_CHECKOUT";
export const mutantsVariable = "KUBECTL_MIRRORD_MUTANTS";

/** @param file of lib, relative to the checkout */
export function instrumentedPath(folder: string, file: string): string {
  return join(folder, "instrumented", file.replace(/\.ts$/, ".js"));
}

/** Tests of one file: by their places among the tests at its top, or all. */
export interface ChosenTests {
  /** Relative to the checkout. */
  file: string;
  tests: "all" | number[];
}

/** To a worker that lives on: some tests of one file with a mutant. Answered by a verdict. */
export interface Trial {
  file: string;
  tests: number[];
  mutant: string;
  hitLimit: number;
}

/** To a worker, which ends after it. Without a mutant it says what the tests run through. */
export interface Order {
  mutant?: string;
  /** How often the mutated place may be reached in one file before it counts as an endless loop. */
  hitLimit?: number;
  files: ChosenTests[];
}

/** Of one file, without a mutant. */
export interface Coverage {
  passed: boolean;
  durationMs: number;
  /** Mutants that are reached outside of tests, when files are loaded, and how often. */
  outside: Record<string, number>;
  /** Mutants by the places of the tests that reach them. */
  byTest: Record<string, Record<string, number>>;
}

export interface Killed {
  outcome: "killed";
  file: string;
  /** The name of the test, or what went wrong outside of tests. */
  by: string;
}

/** Of some tests, with a mutant. */
export type Verdict =
  | { outcome: "survived" }
  | Killed
  /** A test failed that also fails here without the mutant: that file has to be run as a whole, by itself. */
  | { outcome: "unclear"; file: string };

export type Answer = { coverage: Coverage } | { verdict: Verdict };
