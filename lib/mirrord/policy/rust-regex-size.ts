/** What a class of Unicode, `\\w` or `\\p{L}`, costs: some hundred ranges, in a single instruction that walks them. */
const UNICODE_CLASS = 10;

/**
 * About how many instructions an expression becomes: repetitions are written out. Never too few by much; a text that is no
 * expression has some size, too. Time linear in the length.
 */
export function programSize(pattern: string): number {
  const groups: number[] = [];
  let total = 1;
  let atom = 0;
  const add = (size: number) => {
    total += atom;
    atom = size;
  };
  const token =
    /\\[xuU]\{[^}]*\}|\\[pPdDsSwW](?:\{[^}]*\}|[A-Za-z])?|\\.|\[(?:\\.|[^\]\\])*\]?|\{(\d+)(?:,(\d*))?\}|[^]/gsu;
  for (const { 0: text, 1: least, 2: most } of pattern.matchAll(token)) {
    if (text === "(") {
      groups.push(total + atom);
      [total, atom] = [1, 0];
    } else if (text === ")") {
      const size = total + atom;
      [total, atom] = [groups.pop() ?? 0, size];
    } else if (least !== undefined) atom *= Math.max(1, Number(least), Number(most ?? 0));
    else if (/^\\[pPdDsSwW]/.test(text)) add(UNICODE_CLASS);
    else add(1);
  }
  return groups.reduce((sum, before) => sum + before, total + atom);
}
