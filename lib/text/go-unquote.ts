const simple: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, "\\": 92 };

/**
 * The text between two quotes, with Go's escapes; undefined when it has others. Source: UnquoteChar in Go's strconv.
 * @param inner without the quotes around it
 */
export function goUnquote(inner: string, quote = '"'): string | undefined {
  if (!inner.includes("\\") && !inner.includes(quote)) return inner;
  const bytes: number[] = [];
  for (let at = 0; at < inner.length;) {
    // The longest escape is `\U0010ffff`.
    const next = character(inner.slice(at, at + 10), quote);
    if (next === undefined) return undefined;
    if (next.isByte) bytes.push(next.code);
    else for (const byte of new TextEncoder().encode(String.fromCodePoint(next.code))) bytes.push(byte);
    at += next.length;
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}

interface Unquoted {
  code: number;
  /** In UTF-16 code units. */
  length: number;
  /** `\xff` and `\377` are bytes, which several may make a character of. */
  isByte: boolean;
}

/** The first character of a text; undefined when it is none. */
function character(text: string, quote: string): Unquoted | undefined {
  const code = text.codePointAt(0) ?? 0;
  if (text.startsWith(quote)) return undefined;
  if (!text.startsWith("\\")) return { code, length: code > 0xffff ? 2 : 1, isByte: false };
  const escape = text.charAt(1);
  if (escape in simple) return { code: simple[escape] ?? 0, length: 2, isByte: true };
  if (escape === quote) return { code: quote.charCodeAt(0), length: 2, isByte: true };
  return numbered(text);
}

/** `\x41`, `\101`, `\u0041`, `\U00000041`. */
function numbered(text: string): Unquoted | undefined {
  const [hex, byte] = /^\\x([\da-fA-F]{2})/.exec(text) ?? [];
  if (hex !== undefined) return { code: Number.parseInt(byte ?? "", 16), length: hex.length, isByte: true };
  const [octal, digits] = /^\\([0-3][0-7]{2})/.exec(text) ?? [];
  if (octal !== undefined) return { code: Number.parseInt(digits ?? "", 8), length: octal.length, isByte: true };
  const [point, short, long] = /^\\(?:u([\da-fA-F]{4})|U([\da-fA-F]{8}))/.exec(text) ?? [];
  if (point === undefined) return undefined;
  const code = Number.parseInt(short ?? long ?? "", 16);
  const isRune = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isRune ? { code, length: point.length, isByte: false } : undefined;
}
