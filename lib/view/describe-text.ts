import { escapeCell } from "../text/escape.ts";

/** A heading with its value, or with what stands below it. Nothing at all shows as `<none>`. */
export type Section = readonly [heading: string, value: string | readonly string[]];

/** As `kubectl describe` writes it: headings in a column, lists below theirs. Escaped here. */
export function describeText(sections: readonly Section[]): string {
  const width = Math.max(...sections.map(([heading]) => heading.length)) + 3;
  return sections
    .map(([heading, value]) => {
      const start = `${heading}:`.padEnd(width);
      if (typeof value === "string") return `${start}${escapeCell(value) || "<none>"}\n`;
      if (value.length === 0) return `${start}<none>\n`;
      return `${heading}:\n${value.map((line) => `  ${escapeCell(line)}\n`).join("")}`;
    })
    .join("");
}
