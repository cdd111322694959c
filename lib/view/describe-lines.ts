/** A heading with its value, or with what stands below it. Nothing at all shows as `<none>`. */
export type Section = readonly [heading: string, value: string | readonly string[]];

/** As `kubectl describe` writes it: headings in a column, lists below theirs. */
export function describeLines(sections: readonly Section[]): string[] {
  const width = Math.max(...sections.map(([heading]) => heading.length)) + 3;
  return sections.flatMap(([heading, value]) => {
    const start = `${heading}:`.padEnd(width);
    if (typeof value === "string") return [`${start}${value || "<none>"}`];
    return value.length === 0 ? [`${start}<none>`] : [`${heading}:`, ...value.map((line) => `  ${line}`)];
  });
}
