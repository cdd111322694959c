/**
 * The operator's globs: `?` is exactly one character (code point), `*` any number of them, none and `/` included;
 * every other character stands for itself, and the whole text must match. Time is bounded by the length of the glob
 * plus the square of the length of the text, whatever the glob.
 * Source: MirrordPolicy.spec.targetPath and spec.env.exclude, operator contract section 7.
 */
export function compileGlob(glob: string): (text: string) => boolean {
  const [first = [], ...rest] = glob.split("*").map((piece) => Array.from(piece));
  const last = rest.pop();
  if (last === undefined) return (text) => isWhole(first, Array.from(text));
  const middle = rest.filter((piece) => piece.length > 0);
  return (text) => {
    const characters = Array.from(text);
    const end = characters.length - last.length;
    if (first.length > end || !fitsAt(first, characters, 0) || !fitsAt(last, characters, end)) return false;
    // The leftmost place for each piece leaves the most room for the next: no place has to be tried again.
    let at = first.length;
    for (const piece of middle) {
      const found = findPiece(piece, characters, at, end);
      if (found === undefined) return false;
      at = found + piece.length;
    }
    return true;
  };
}

function isWhole(piece: readonly string[], characters: readonly string[]): boolean {
  return piece.length === characters.length && fitsAt(piece, characters, 0);
}

function findPiece(
  piece: readonly string[],
  characters: readonly string[],
  from: number,
  end: number,
): number | undefined {
  for (let at = from; at + piece.length <= end; at++) if (fitsAt(piece, characters, at)) return at;
  return undefined;
}

function fitsAt(piece: readonly string[], characters: readonly string[], at: number): boolean {
  for (const [offset, wanted] of piece.entries()) {
    if (wanted !== "?" && wanted !== characters[at + offset]) return false;
  }
  return true;
}
