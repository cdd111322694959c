/**
 * A word as sh, bash, zsh and fish read it back unchanged, so that a printed command can be pasted into any of them. Single
 * quotes hold everything but themselves and, in fish, backslashes; both stand between double quotes. Without quotes zsh would
 * expand a leading `=`, and fish a leading `%`.
 */
export function shellQuote(word: string): string {
  if (/^(?![=%~])[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  const parts = word.match(/[^'\\]+|'+|\\+/g) ?? [""];
  return parts.map(quoted).join("");
}

/**
 * A command line to paste: every word quoted, and a `--` before operands of which one would be taken for a flag.
 * @param operands the last words, which are no flags
 */
export function shellCommand(words: readonly string[], operands: readonly string[] = []): string {
  const end = operands.some((operand) => operand.startsWith("-")) ? ["--"] : [];
  return [...words, ...end, ...operands].map(shellQuote).join(" ");
}

function quoted(part: string): string {
  if (part.startsWith("'")) return `"${part}"`;
  return part.startsWith("\\") ? `"${part.replaceAll("\\", "\\\\")}"` : `'${part}'`;
}
