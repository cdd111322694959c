import { distance } from "fastest-levenshtein";

/**
 * The candidate that `word` is most likely a slip of, whatever its case: at most two letters away, one where either of the
 * two has fewer than five. Two neighbours in each other's place count as one letter. Undefined when none is so near.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  return nearestWithin(word, candidates, (length) => (length < 5 ? 1 : 2));
}

/**
 * The same for words that are refused, where most others are names: people are called rose and lisa, not reovke. Of fewer than five
 * letters only the word itself, its plural and two neighbours in each other's place; one letter away up to seven, then two.
 */
export function slip(word: string, candidates: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  const exact = candidates.find(
    (candidate) => typed === candidate || typed === `${candidate}s` || isSwapped(typed, candidate),
  );
  return exact ?? nearestWithin(word, candidates, (length) => (length < 5 ? 0 : length < 8 ? 1 : 2));
}

function nearestWithin(
  word: string,
  candidates: readonly string[],
  mostFor: (length: number) => number,
): string | undefined {
  const typed = word.toLowerCase();
  let near: { candidate: string; letters: number } | undefined;
  for (const candidate of candidates) {
    const most = mostFor(Math.min(typed.length, candidate.length));
    // The lengths alone tell most words apart, also one of a million letters.
    if (Math.abs(typed.length - candidate.length) > most) continue;
    const letters = lettersApart(typed, candidate.toLowerCase());
    if (letters <= most && letters < (near?.letters ?? Number.POSITIVE_INFINITY)) near = { candidate, letters };
  }
  return near?.candidate;
}

/** A hint line for a slip, or for the beginning of a word; undefined when nothing is near. Source: SuggestionsFor of spf13/cobra. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  const meant =
    nearest(word, candidates) ??
    (typed === "" ? undefined : candidates.find((candidate) => candidate.toLowerCase().startsWith(typed)));
  return meant === undefined ? undefined : `Did you mean "${meant}"?`;
}

function lettersApart(one: string, other: string): number {
  return isSwapped(one, other) ? 1 : distance(one, other);
}

/** Whether two neighbours are in each other's place, and nothing else. */
function isSwapped(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let first = 0;
  while (first < one.length && one[first] === other[first]) first += 1;
  return (
    one[first] !== undefined &&
    one[first] === other[first + 1] &&
    one[first + 1] === other[first] &&
    one.slice(first + 2) === other.slice(first + 2)
  );
}
