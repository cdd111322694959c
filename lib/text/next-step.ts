import { shellQuote } from "./shell-quote.ts";

/** What takes `--manifests`, and is not said to be for a cluster. */
const COMMAND = /(?<!\bcluster: )\bkubectl mirrord (?:grant|can-i|policy|audit)\b/g;

/**
 * A line that ends with a command of ours to run next, for the folder that this one was run on: without it the command would be
 * about a cluster. Any other line stays as it is.
 * @param manifests the paths of `--manifests`
 */
export function nextStep(line: string, manifests: readonly string[] = []): string {
  if (manifests.length === 0 || !endsWithCommand(line)) return line;
  return [line, ...manifests.map((path) => `--manifests ${shellQuote(path)}`)].join(" ");
}

// Names in a line may look like commands, many times over: only the last is looked at.
function endsWithCommand(line: string): boolean {
  const last = [...line.matchAll(COMMAND)].at(-1);
  return last !== undefined && !/--(?:manifests|help)\b|\n|\.$/.test(line.slice(last.index));
}

/** What kubectl shows is in a cluster. */
const isLook = (line: string) => /: kubectl (?:get|describe|auth) /.test(line.slice(line.lastIndexOf("|") + 1));

/**
 * Next steps as `nextStep` has them; a folder is nothing that kubectl could look at.
 * @param connection the flags that said which cluster, as words: what is looked at is there
 */
export function nextSteps(
  lines: readonly string[],
  manifests: readonly string[] = [],
  connection: readonly string[] = [],
): string[] {
  if (manifests.length > 0) return lines.filter((line) => !isLook(line)).map((line) => nextStep(line, manifests));
  return lines.map((line) => (isLook(line) ? [line, ...connection.map(shellQuote)].join(" ") : line));
}

/** Findings whose fixes, where they end with a command, are about the same folder as what found them. */
export function fixesInPlace<Found extends { fix: string }>(
  findings: readonly Found[],
  manifests: readonly string[] = [],
): Found[] {
  return findings.map((finding) => ({ ...finding, fix: nextStep(finding.fix, manifests) }));
}
