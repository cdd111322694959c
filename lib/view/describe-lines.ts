import type { Line } from "./lines.ts";
import type { Printer } from "./output.ts";
import { wrapLine } from "./text.ts";

/** A heading with its value, or with what stands below it. Nothing at all shows as `<none>`. */
export type Section = readonly [heading: string, value: string | readonly string[]];

/** Such lines as they fit the terminal: a value goes on below itself, and so does what stands below a heading; a command is not wrapped. */
export function wrapDescription(lines: readonly string[], { isTerminal, columns }: Screen): Line[] {
  if (!isTerminal.stdout) return [...lines];
  return lines.flatMap((line) => {
    if (/: +kubectl /.test(line)) return [line];
    const [start = ""] = /^ *[A-Z][^:]*: +|^ +/.exec(line) ?? [];
    const longest = Math.max(
      ...line
        .slice(start.length)
        .split(" ")
        .map((word) => word.length),
    );
    return wrapLine(line, columns, Math.max(2, Math.min(start.length, columns - longest)));
  });
}

type Screen = Pick<Printer, "columns" | "isTerminal">;

/** As `kubectl describe` writes it: headings in a column, lists below theirs. */
export function describeLines(sections: readonly Section[]): string[] {
  const width = Math.max(...sections.map(([heading]) => heading.length)) + 3;
  return sections.flatMap(([heading, value]) => {
    const start = `${heading}:`.padEnd(width);
    if (typeof value === "string") return [`${start}${value || "<none>"}`];
    return value.length === 0 ? [`${start}<none>`] : [`${heading}:`, ...value.map((line) => `  ${line}`)];
  });
}
