/** Order by code point, as Go sorts strings; JavaScript's own order differs beyond the basic plane. */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let position = 0; position < length; position += 1) {
    // Two code units that differ decide by the code points they belong to.
    if (a.charCodeAt(position) !== b.charCodeAt(position)) return codePointAt(a, position) - codePointAt(b, position);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
function codePointAt(text: string, position: number): number {
  const unit = text.charCodeAt(position);
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
