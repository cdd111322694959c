// A document may be longer than a string can be (about 500 million characters): it is made and written piece by piece.

/** In UTF-16 units: at least this much is written at once, and at most one text more. */
const PIECE = 1 << 20;

/** The texts one after the other, in pieces that are worth a write; each text is whole in one of them. */
export function* pieces(texts: Iterable<string>): Generator<string> {
  let waiting: string[] = [];
  let length = 0;
  for (const text of texts) {
    waiting.push(text);
    length += text.length;
    if (length < PIECE) continue;
    yield waiting.join("");
    waiting = [];
    length = 0;
  }
  if (length > 0) yield waiting.join("");
}
