// What a long test measured: it prints `figure NAME: VALUE`, the runner collects these lines, and docs/reliability.md is made of them.
import { availableParallelism, totalmem } from "node:os";

/** By what was measured, with the unit in the name: "peak memory, MiB". */
export type Figures = Readonly<Record<string, number | string>>;

/** Of one job, in test/long/figures.json. */
export interface JobFigures {
  /** The day on which its last part ended, YYYY-MM-DD in UTC. */
  date: string;
  machine: string;
  /** Of all its parts together, seconds. */
  seconds: number;
  figures: Figures;
  /** In what they fall short: parts that have not ended well, or what somebody has written who looked at a run that failed. */
  lacks?: string;
}

export const printFigure = (name: string, value: number | string): void =>
  void process.stdout.write(`figure ${name}: ${value}\n`);

/** The number in an output that the first group of a pattern finds; NaN where there is none. */
export const saidNumber = (output: string, pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? Number.NaN);

/** The names of the figures that nobody measured, or a word for all of them where there is none. */
export function unreadFigures(figures: Figures): string[] {
  const names = Object.keys(figures).filter((name) => figures[name] === "" || Number.isNaN(figures[name]));
  return Object.keys(figures).length === 0 ? ["all of them"] : names;
}

/**
 * The figures in what a process printed, also as comments of TAP; those of one name together. A value that reads as a number is
 * one, and what a program prints in place of a number is NaN; it begins behind the last `: `.
 */
export function parseFigures(output: string): Figures {
  const found = output.matchAll(/^(?:# )?figure (?<name>.+): (?<value>.+)$/gm);
  return combineFigures(
    [...found].map(({ groups: { name = "", value = "" } = {} }) => ({
      [name]: /^(-?[\d.]+|NaN|undefined|null)$/.test(value) ? Number.parseFloat(value) : value,
    })),
  );
}

/** The last line of a run of tests counts them. */
export function countedTests(output: string): Figures {
  const passed = [...output.matchAll(/^(\d+) passed, 0 failed$/gm)].at(-1)?.[1];
  return { "tests passed": Number(passed ?? Number.NaN) };
}

/**
 * The figures of all parts of a job: numbers are added, or the largest counts where the name begins with "most" or
 * "peak"; of texts each is kept once.
 */
export function combineFigures(parts: readonly Figures[]): Figures {
  const combined = new Map<string, number | string>();
  for (const part of parts) {
    for (const [name, value] of Object.entries(part)) {
      const known = combined.get(name);
      combined.set(name, known === undefined ? value : together(name, known, value));
    }
  }
  return Object.fromEntries(combined);
}

function together(name: string, one: number | string, other: number | string): number | string {
  if (typeof one === "number" && typeof other === "number")
    return /^(most|peak)\b/.test(name) ? Math.max(one, other) : one + other;
  return [...new Set([...String(one).split(", "), String(other)])].join(", ");
}

export function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} processors, ${memory} GiB of memory, ${process.platform} ${process.arch}, Node.js ${process.versions.node}`;
}
