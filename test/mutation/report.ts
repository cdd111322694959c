// What a mutation run says: how many mutants of each area a test notices, and those that none does.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Fate } from "./fates.ts";
import type { Mutant } from "./instrument.ts";
import { wilsonInterval } from "./sample.ts";

/** In percent of all that were tried; those that change nothing count as not killed. */
const wanted = 85;

/** A survivor that somebody has looked at, and that no test can tell from the original. */
export interface Judgement extends Pick<Mutant, "file" | "original" | "replacement"> {
  why: string;
}

export interface MutationFigures {
  /** Mutants that exist. */
  total: number;
  tried: number;
  killed: number;
  /** In percent, rounded down to a tenth. */
  score: number;
  /** Of all mutants, at 95 %. */
  interval: [low: number, high: number];
  equivalent: number;
  survivors: (Pick<Mutant, "file" | "line" | "mutator" | "original" | "replacement"> & { outcome: Fate["outcome"] })[];
}

export interface MutationReport {
  figures: MutationFigures;
  lines: string[];
  isBelow: boolean;
}

export function readJudgements(): Judgement[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, "judged.json"), "utf8")) as Judgement[];
}

/** @param fates of the mutants, in their order */
export function mutationReport(
  mutants: readonly Mutant[],
  fates: readonly Fate[],
  { total, judgements }: { total: number; judgements: readonly Judgement[] },
): MutationReport {
  const ended = mutants.flatMap((mutant, index) => {
    const fate = fates[index];
    return fate === undefined ? [] : [{ mutant, outcome: fate.outcome, isKilled: isKilled(fate) }];
  });
  const killed = ended.filter((each) => each.isKilled).length;
  const alive = ended.filter((each) => !each.isKilled);
  const unjudged = alive.filter(({ mutant }) => !judgements.some((judgement) => isAbout(judgement, mutant)));
  const score = tenth((killed / Math.max(1, ended.length)) * 100);
  const figures: MutationFigures = {
    total,
    tried: ended.length,
    killed,
    score,
    interval: wilsonInterval(killed, ended.length).map(tenth) as [number, number],
    equivalent: alive.length - unjudged.length,
    survivors: unjudged.map(({ mutant: { file, line, mutator, original, replacement }, outcome }) => ({
      file,
      line,
      mutator,
      original,
      replacement,
      outcome,
    })),
  };
  return {
    figures,
    lines: [...survivorLines(figures), ...areaLines(ended), sumLine(figures)],
    isBelow: score < wanted,
  };
}

function isKilled({ outcome }: Fate): boolean {
  return outcome !== "survived" && outcome !== "uncovered";
}

function isAbout(judgement: Judgement, mutant: Mutant): boolean {
  return (["file", "original", "replacement"] as const).every((key) => judgement[key] === mutant[key]);
}

function survivorLines({ survivors }: MutationFigures): string[] {
  return survivors.map(
    ({ file, line, mutator, original, replacement, outcome }) =>
      `${outcome} ${file}:${line} ${mutator}: ${oneLine(original)} -> ${oneLine(replacement)}`,
  );
}

function areaLines(ended: readonly { mutant: Mutant; isKilled: boolean }[]): string[] {
  const byArea = Map.groupBy(ended, ({ mutant }) => mutant.file.split("/", 2).join("/"));
  return [...byArea]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([area, mutants]) => {
      const killed = mutants.filter((each) => each.isKilled).length;
      return `${area.padEnd(12)} ${killed} of ${mutants.length} killed, ${percent(killed, mutants.length)} %`;
    });
}

function sumLine({ total, tried, killed, score, interval: [low, high], equivalent }: MutationFigures): string {
  const judged = equivalent === 0 ? "" : `; ${equivalent} of the others change nothing that can be seen`;
  const all = tried === total ? "" : `; of all ${total}, ${low.toFixed(1)} to ${high.toFixed(1)} % (95 % interval)`;
  return `mutants: ${killed} of ${tried} killed, ${score.toFixed(1)} % (at least ${wanted} % are wanted)${all}${judged}`;
}

const percent = (part: number, whole: number) => tenth((part / whole) * 100).toFixed(1);

/** Rounded down, so that 100 means all. */
const tenth = (value: number) => Math.floor(value * 10) / 10;

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
