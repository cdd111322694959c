/**
 * The operator's globs: `?` is exactly one character (code point), `*` any number of them, none and `/` included;
 * every other character stands for itself, and the whole text must match. Time is bounded by the length of the glob
 * plus the square of the length of the text, whatever the glob.
 * Source: MirrordPolicy.spec.targetPath and spec.env.exclude, operator contract section 7.
 */
export function compileGlob(glob: string): (text: string) => boolean {
  const pieces = glob.split("*").map((text): Piece => ({ text, isLiteral: !text.includes("?") }));
  const matches = compilePieces(pieces);
  if (pieces.every(({ isLiteral }) => isLiteral)) return matches;
  // Here one character may be two of the units that strings count in: each is put into one unit of its own.
  return (text) => {
    if (!astral.test(text)) return matches(text);
    const codes = unitPerCharacter(glob + text);
    return compileGlob(codes(glob))(codes(text));
  };
}

interface Piece {
  text: string;
  isLiteral: boolean;
}

function compilePieces(pieces: readonly Piece[]): (text: string) => boolean {
  const [first, ...rest] = pieces;
  const last = rest.pop();
  if (first === undefined) return () => false;
  if (last === undefined) return (text) => text.length === first.text.length && fitsAt(first, text, 0);
  const middle = rest.filter(({ text }) => text !== "");
  return (text) => {
    const end = text.length - last.text.length;
    if (first.text.length > end || !fitsAt(first, text, 0) || !fitsAt(last, text, end)) return false;
    // The leftmost place for each piece leaves the most room for the next: no place has to be tried again.
    let at = first.text.length;
    for (const piece of middle) {
      const found = find(piece, text, at, end);
      if (found < 0) return false;
      at = found + piece.text.length;
    }
    return true;
  };
}

function find(piece: Piece, text: string, from: number, end: number): number {
  const last = end - piece.text.length;
  if (piece.isLiteral) {
    const found = last < from ? -1 : text.indexOf(piece.text, from);
    return found > last ? -1 : found;
  }
  for (let at = from; at <= last; at++) if (fitsAt(piece, text, at)) return at;
  return -1;
}

function fitsAt({ text: wanted, isLiteral }: Piece, text: string, at: number): boolean {
  if (isLiteral) return text.startsWith(wanted, at);
  for (let offset = 0; offset < wanted.length; offset++) {
    if (wanted[offset] !== "?" && wanted[offset] !== text[at + offset]) return false;
  }
  return true;
}

const astral = /[\ud800-\udfff]/;

/** Replaces each different character by a unit of its own; ASCII, and so the wildcards, stay what they are. */
function unitPerCharacter(alphabet: string): (text: string) => string {
  const units = new Map<string, string>();
  for (const character of alphabet) {
    if (character > "\x7f" && !units.has(character)) units.set(character, String.fromCharCode(0x80 + units.size));
  }
  return (text) => Array.from(text, (character) => units.get(character) ?? character).join("");
}
