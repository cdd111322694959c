// What benchmarks hold against a limit: one table behind all that was measured, in the run that measured it.

interface Measure {
  what: string;
  limit: string;
  measured: string;
  isMet: boolean;
}

const measures: Measure[] = [];

/** @param unit behind both numbers: `ms`, `MiB`, `× the bare fetch` */
export function atMost(what: string, limit: number, measured: number, unit: string): void {
  measures.push({
    what,
    limit: `<= ${limit} ${unit}`,
    measured: `${rounded(measured)} ${unit}`,
    isMet: measured <= limit,
  });
}

export function atLeast(what: string, limit: number, measured: number, unit: string): void {
  measures.push({
    what,
    limit: `>= ${limit} ${unit}`,
    measured: `${rounded(measured)} ${unit}`,
    isMet: measured >= limit,
  });
}

const rounded = (value: number): string => value.toFixed(value < 100 ? 2 : 0);

/** Nothing where no benchmark that ran has a limit. */
export function printLimits(): void {
  if (measures.length === 0) return;
  const line = (what: string, limit: string, measured: string, met: string): void =>
    void process.stdout.write(`  ${what.padEnd(72)} ${limit.padEnd(26)} ${measured.padEnd(28)} ${met}\n`);
  process.stdout.write("\n== limits\n");
  line("WHAT", "LIMIT", "MEASURED", "MET");
  for (const { what, limit, measured, isMet } of measures) line(what, limit, measured, isMet ? "yes" : "no");
}
