/** What a class of Unicode, `\\w` or `\\p{L}`, costs once: some hundred ranges, in a single instruction that walks them. */
const UNICODE_CLASS = 10;
/** What a range beyond ASCII costs once: where case is ignored, each of its characters is looked up. */
const WIDE_RANGE = 100;

/**
 * About how many instructions an expression becomes: repetitions are written out. Never too few by much; a text that is no
 * expression has some size, too. Time linear in the length.
 */
export function programSize(pattern: string): number {
  const groups: number[] = [];
  let classes = 0;
  let total = 1;
  let atom = 0;
  const add = (size: number) => {
    total += atom;
    atom = size;
  };
  // A brace that does not close takes the rest of the text: looking for its end again and again would be quadratic.
  const token =
    /\\[xuU]\{[^}]*\}?|\\[pP](?:\{[^}]*\}?|[A-Za-z])?|\\.|\[(?:\\.|[^\]\\])*\]?|\{(\d+)(?:,(\d*))?\}|[^]/gsu;
  for (const { 0: text, 1: least, 2: most } of pattern.matchAll(token)) {
    if (text === "(") {
      groups.push(total + atom);
      [total, atom] = [1, 0];
    } else if (text === ")") {
      const size = total + atom;
      [total, atom] = [groups.pop() ?? 0, size];
    } else if (least !== undefined) atom *= Math.max(1, Number(least), Number(most ?? 0));
    else {
      classes += classSize(text);
      add(1);
    }
  }
  return groups.reduce((sum, before) => sum + before, total + atom + classes);
}

/** What is built once of a class, however often it is repeated. */
function classSize(text: string): number {
  if (/^\\[pPdDsSwW]/.test(text)) return UNICODE_CLASS;
  if (!text.startsWith("[")) return 0;
  const sets = text.match(/\\[pPdDsSwW]/g)?.length ?? 0;
  const ranges = text.match(/-(?:\\[xuU]|[^\0-\x7f])/g)?.length ?? 0;
  return sets * UNICODE_CLASS + ranges * WIDE_RANGE;
}
