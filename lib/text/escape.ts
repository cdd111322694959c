// Text that comes from a cluster or a file can carry characters that steer a terminal, hide, or reorder what is
// read. Each becomes visible. Printable ASCII, nearly all there is, is not copied.

const HARMLESS = /^[\x20-\x7e]*$/;
const HARMLESS_LINES = /^[\x20-\x7e\n\t]*$/;
const HARMLESS_JSON = /^[\x20-\x7e\n]*$/;

const names: Readonly<Record<string, string>> = {
  "\u001b": "^[",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** For one line or one cell, and harmless to do twice: line feeds and tabs become `\n` and `\t`. ESC is `^[`, as kubectl shows it. */
export function escapeCell(text: string): string {
  return HARMLESS.test(text) ? text : replaceHarmful(text, visible);
}

/** For text of several lines: line feeds and tabs stay as they are. */
export function escapeText(text: string): string {
  if (HARMLESS_LINES.test(text)) return text;
  return replaceHarmful(text, (character) =>
    character === "\n" || character === "\t" ? character : visible(character),
  );
}

/**
 * Control and format characters (ESC, C1, bidirectional overrides, zero-width ones, tags), line separators, half surrogates; and
 * what is drawn as nothing or as a blank: fillers, variation selectors, the empty Braille pattern, every space but the plain
 * one. U+FFFD stands for bytes that nobody knows. Source: Unicode's Default_Ignorable_Code_Point, and its categories.
 * The expression takes a millisecond to make, so it is made where it is needed.
 */
function replaceHarmful(text: string, replace: (character: string) => string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{DI}\u2800\ufffc\ufffd\u{1d159}]|(?! )\p{Zs}/gu, replace);
}

function visible(character: string): string {
  const name = names[character];
  if (name !== undefined) return name;
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return hex.length <= 2 ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex}}`;
}

/** JSON text that is the same data and safe to show: what JSON.stringify leaves raw is written as `\u….` */
export function escapeJson(json: string): string {
  if (HARMLESS_JSON.test(json)) return json;
  return replaceHarmful(json, (character) =>
    character === "\n"
      ? character
      : [...Array(character.length).keys()]
          .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`)
          .join(""),
  );
}

// Blanks and quotes before it do not keep a spreadsheet from running a formula. A tab and other blanks are escaped by then.
const FORMULA_START = /(^|;)(?=[ "]*[=+\-@＝＋－＠])/g;

/**
 * One CSV field. A text that a spreadsheet would run as a formula gets a `'` in front, and behind each `;` that one of another
 * language may take for the end of a field.
 * Source: RFC 4180 for the quotes; OWASP "CSV Injection" for the first characters, of full width among them.
 */
export function csvField(text: string): string {
  const escaped = escapeCell(text).replaceAll(FORMULA_START, "$1'");
  const inert = /^[\t\r]/.test(text) ? `'${escaped}` : escaped;
  return /[",]|^ | $/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
