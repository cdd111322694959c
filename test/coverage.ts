// What the tests cover of lib, from the summary that tap writes: the true figure, and the floor that it must not fall below.

/** In percent. */
export interface Coverage {
  lines: number;
  branches: number;
}

interface Count {
  total: number;
  covered: number;
}

/** As istanbul's json-summary has it: by absolute path, and `total`. */
export type CoverageSummary = Readonly<Record<string, Readonly<Record<"lines" | "branches", Count>>>>;

/**
 * Of all files together. One that no test loads is in no summary: it counts with all its lines and one branch as not
 * covered, unless it holds nothing but types.
 * @param sources by absolute path
 */
export function totalCoverage(summary: CoverageSummary, sources: ReadonlyMap<string, string>): Coverage {
  const files = [...sources]
    .filter(([, source]) => hasCode(source))
    .map(([path, source]) => summary[path] ?? uncovered(source));
  return { lines: percent(files.map(({ lines }) => lines)), branches: percent(files.map(({ branches }) => branches)) };
}

function uncovered(source: string): Record<"lines" | "branches", Count> {
  return { lines: { total: source.split("\n").length - 1, covered: 0 }, branches: { total: 1, covered: 0 } };
}

/** Whether anything is left of it at run time. */
function hasCode(source: string): boolean {
  return /^(export )?((async )?function|const|let|class)\b|^export [{*]/m.test(source);
}

/** Rounded down, so that 100 means all. */
function percent(counts: readonly Count[]): number {
  const sum = (key: keyof Count) => counts.reduce((total, count) => total + count[key], 0);
  return Math.floor((sum("covered") / Math.max(1, sum("total"))) * 1000) / 10;
}

/** A sentence for each figure, and whether one is below its floor. */
export function judgeCoverage(coverage: Coverage, floor: Coverage): { lines: string[]; isBelow: boolean } {
  const kinds = ["lines", "branches"] as const;
  return {
    lines: kinds.map((kind) => {
      const figure = `coverage of lib by the tests beside it: ${coverage[kind].toFixed(1)} % of ${kind}`;
      if (coverage[kind] < floor[kind]) return `FAIL ${figure}, below the floor of ${floor[kind]} %: test what is new`;
      return coverage[kind] >= floor[kind] + 1 ? `${figure}; raise the floor of ${floor[kind]} %` : figure;
    }),
    isBelow: kinds.some((kind) => coverage[kind] < floor[kind]),
  };
}
