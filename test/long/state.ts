// Which parts of the long tests have ended well, kept in a file so that a run can be stopped and goes on.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { combineFigures, type Figures, type JobFigures } from "./figures.ts";
import type { Job, Part } from "./jobs.ts";

export interface State {
  /** Of the sources that the finished parts are about: parts of others do not count. */
  sources: string;
  /** By `JOB/PART`. */
  finished: Record<string, FinishedPart>;
}

export interface FinishedPart {
  /** RFC 3339. */
  endedAt: string;
  seconds: number;
  figures: Figures;
}

/** Nothing has ended yet where there is no file, or where it is about other sources. */
export function readState(file: string, sources: string): State {
  const empty: State = { sources, finished: {} };
  try {
    const state = JSON.parse(readFileSync(file, "utf8")) as State;
    return state.sources === sources ? state : empty;
  } catch {
    return empty;
  }
}

/** From now on the part, by its key, has ended well. */
export function recordFinished(file: string, sources: string, key: string, part: FinishedPart): void {
  const { finished } = readState(file, sources);
  writeJson(file, { sources, finished: { ...finished, [key]: part } } satisfies State);
}

/** Whole or not at all: a run may be killed at any moment. */
export function writeJson(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(unfinished, file);
}

export const partKey = ({ name }: Job, part: Part): string => `${name}/${part.name}`;

export const remainingParts = (job: Job, { finished }: State): readonly Part[] =>
  job.parts.filter((part) => finished[partKey(job, part)] === undefined);

/** The figures of a job's parts that have ended well, of which it lacks the others; undefined where none has. */
export function jobFigures(job: Job, state: State, machine: string): JobFigures | undefined {
  const parts = job.parts.map((part) => state.finished[partKey(job, part)]).filter((part) => part !== undefined);
  if (parts.length === 0) return undefined;
  return {
    date: (
      parts
        .map(({ endedAt }) => endedAt)
        .toSorted()
        .at(-1) ?? ""
    ).slice(0, 10),
    machine,
    seconds: Math.round(parts.reduce((sum, { seconds }) => sum + seconds, 0)),
    figures: combineFigures(parts.map(({ figures }) => figures)),
    ...(parts.length === job.parts.length
      ? {}
      : { lacks: `${parts.length} of ${job.parts.length} parts have ended well, and these figures are theirs.` }),
  };
}
