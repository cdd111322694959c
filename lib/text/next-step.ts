import { shellQuote } from "./shell-quote.ts";

/** What takes `--manifests`. */
const COMMAND = /\bkubectl mirrord (grant|can-i|policy|audit)\b(?!.*--(manifests|help)\b).*(?<!\.)$/;

/**
 * A line that ends with a command of ours to run next, for the folder that this one was run on: without it the command would be
 * about a cluster. Any other line stays as it is.
 * @param manifests the paths of `--manifests`
 */
export function nextStep(line: string, manifests: readonly string[]): string {
  if (manifests.length === 0 || !COMMAND.test(line)) return line;
  return [line, ...manifests.map((path) => `--manifests ${shellQuote(path)}`)].join(" ");
}
