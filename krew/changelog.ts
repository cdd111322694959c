// CHANGELOG.md, in the form of Keep a Changelog: what it says of one version, and what is wrong with it.

const kinds = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
const heading = /^## (?:(Unreleased)|\[?(\d+\.\d+\.\d+(?:-[\w.]+)?)\]? - (\d{4}-\d\d-\d\d))$/;

interface Section {
  /** `Unreleased` or a version. */
  name: string;
  date: string | undefined;
  lines: string[];
}

/** What changed in `version`, as Markdown, or undefined when the changelog does not say. */
export function releaseNotes(changelog: string, version: string): string | undefined {
  const lines = sections(changelog).find(({ name }) => name === version)?.lines;
  return lines === undefined ? undefined : `${lines.join("\n").trim()}\n`;
}

/** A sentence for each thing that a reader, or the release, could not make sense of. */
export function changelogMistakes(changelog: string): string[] {
  const all = sections(changelog);
  const released = all.filter(({ name }) => name !== "Unreleased");
  return [
    ...changelog.split("\n").flatMap((line) => {
      if (line.startsWith("## ") && !heading.test(line)) return [`${line}: neither Unreleased nor VERSION - DATE`];
      const kind = /^### (.*)$/.exec(line)?.[1];
      return kind !== undefined && !kinds.includes(kind) ? [`### ${kind}: not one of ${kinds.join(", ")}`] : [];
    }),
    ...(all[0]?.name === "Unreleased" ? [] : ["the first section is not Unreleased"]),
    ...all.flatMap(({ name, lines }) => repeatedKinds(lines).map((kind) => `${name}: ### ${kind} is there twice`)),
    ...released.flatMap(({ name, date = "" }, index) => {
      const older = released[index + 1]?.date;
      return older !== undefined && older > date ? [`${name} is older than the version below it`] : [];
    }),
    ...all.flatMap(({ name, lines }) =>
      name !== "Unreleased" && !lines.some(isEntry) ? [`${name} says nothing`] : [],
    ),
  ];
}

function sections(changelog: string): Section[] {
  const found: Section[] = [];
  for (const line of changelog.split(/\r?\n/)) {
    const [, unreleased, version, date] = heading.exec(line) ?? [];
    const name = unreleased ?? version;
    if (name !== undefined) found.push({ name, date, lines: [] });
    else found.at(-1)?.lines.push(line);
  }
  return found;
}

function repeatedKinds(lines: readonly string[]): string[] {
  const found = lines.flatMap((line) => /^### (.*)$/.exec(line)?.[1] ?? []);
  return [...new Set(found.filter((kind, index) => found.indexOf(kind) !== index))];
}

function isEntry(line: string): boolean {
  return line.startsWith("- ");
}
