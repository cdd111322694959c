// Text as groff and mandoc read it: https://man7.org/linux/man-pages/man7/groff_char.7.html

/** What a typesetter would draw in another way than a terminal shows it: nothing of it could be typed again. */
const glyphs: Readonly<Record<string, string>> = {
  "\\": "\\(rs",
  "-": "\\-",
  "'": "\\(aq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
  '"': "\\(dq",
};

/** One line of text: every character is printed as it is, and none is a request. */
export function roffText(line: string): string {
  const drawn = line.replaceAll(/[\\\-'`^~"]/g, (character) => glyphs[character] ?? character);
  const ascii = drawn.replaceAll(/[^\x20-\x7e]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    // Of characters that steer, only a tab has a meaning on a page.
    return code < 0x20 || code === 0x7f ? " " : `\\[u${code.toString(16).toUpperCase().padStart(4, "0")}]`;
  });
  return ascii.startsWith(".") ? `\\&${ascii}` : ascii;
}

/** A macro with its arguments, each a text. */
export function macro(name: string, ...args: readonly string[]): string {
  return [`.${name}`, ...args.map((arg) => `"${roffText(arg)}"`)].join(" ");
}
