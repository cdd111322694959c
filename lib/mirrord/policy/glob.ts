/**
 * The operator's globs: `?` is exactly one character (code point), `*` any number of them, none and `/` included;
 * every other character stands for itself, and the whole text must match. Time is bounded by the length of the glob
 * plus the square of the length of the text, whatever the glob.
 * Source: MirrordPolicy.spec.targetPath and spec.env.exclude, operator contract section 7.
 */
export function compileGlob(glob: string): (text: string) => boolean {
  const pieces = glob.split("*");
  const inUnits = pieces.map(unitPiece);
  if (!glob.includes("?")) return (text) => matchesPieces(inUnits, text);
  // One character may be two of the units that strings count in, and `?` is one character.
  const inCharacters = pieces.map((piece) => characterPiece(Array.from(piece)));
  return (text) =>
    surrogate.test(text) ? matchesPieces(inCharacters, Array.from(text)) : matchesPieces(inUnits, text);
}

const surrogate = /[\ud800-\udfff]/;

/** What stands between two stars. */
interface Piece<Text> {
  length: number;
  isAt(text: Text, at: number): boolean;
  /** The first place from `from` on where it is, ending before `end`; -1 when there is none. */
  find(text: Text, from: number, end: number): number;
}

function matchesPieces<Text extends { length: number }>(pieces: readonly Piece<Text>[], text: Text): boolean {
  const first = pieces[0];
  const last = pieces.at(-1);
  if (first === undefined || last === undefined) return false;
  const end = text.length - last.length;
  if (pieces.length === 1) return end === 0 && first.isAt(text, 0);
  if (first.length > end || !first.isAt(text, 0) || !last.isAt(text, end)) return false;
  // The leftmost place for each piece leaves the most room for the next: no place has to be tried again.
  let at = first.length;
  for (let index = 1; index < pieces.length - 1; index++) {
    const piece = pieces[index];
    const found = piece?.find(text, at, end) ?? -1;
    if (found < 0) return false;
    at = found + (piece?.length ?? 0);
  }
  return true;
}

function unitPiece(piece: string): Piece<string> {
  if (piece.includes("?")) return characterPiece(piece);
  return {
    length: piece.length,
    isAt: (text, at) => text.startsWith(piece, at),
    find: (text, from, end) => {
      const found = piece.length > end - from ? -1 : text.indexOf(piece, from);
      return found > end - piece.length ? -1 : found;
    },
  };
}

function characterPiece(piece: ArrayLike<string>): Piece<ArrayLike<string>> {
  const isAt = (text: ArrayLike<string>, at: number) => {
    for (let offset = 0; offset < piece.length; offset++) {
      if (piece[offset] !== "?" && piece[offset] !== text[at + offset]) return false;
    }
    return true;
  };
  return {
    length: piece.length,
    isAt,
    find: (text, from, end) => {
      for (let at = from; at <= end - piece.length; at++) if (isAt(text, at)) return at;
      return -1;
    },
  };
}
