// Blocks of a terminal in Markdown: ```console, lines that begin with `$ `, and below each what it printed. What has to be
// true before, and nobody wants to read, runs unseen: `<!-- $ LINE -->` in a line of its own.

/** Runs one command line; resolves to all that a terminal would show, each line ended. */
export type Shell = (line: string) => Promise<string>;

const BLOCK = /^```console\n([^]*?)^```$|^<!-- \$ (.*) -->$/gm;

/** The text with the output of every command line made anew, in their order. */
export async function withOutput(markdown: string, shell: Shell): Promise<string> {
  let made = "";
  let at = 0;
  for (const { index, 0: whole, 1: body = "", 2: unseen } of markdown.matchAll(BLOCK)) {
    if (unseen !== undefined) {
      await shell(unseen);
      continue;
    }
    made += markdown.slice(at, index) + "```console\n";
    for (const line of body.split("\n").filter((each) => each.startsWith("$ ")))
      made += `${line}\n${await shell(line.slice(2))}`;
    made += "```";
    at = index + whole.length;
  }
  return made + markdown.slice(at);
}

/** The words of a line as a shell has them: blanks between, quotes around; nothing is expanded. */
export function shellWords(line: string): string[] {
  const words = line.matchAll(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g);
  return [...words].map(([word]) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2"));
}
