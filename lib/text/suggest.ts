import { distance } from "fastest-levenshtein";

/**
 * The candidate that `word` is most likely a slip of, whatever its case: at most two letters away, one where either of the
 * two has fewer than five. Two neighbours in each other's place count as one letter. Undefined when none is so near.
 * @param limit letters that may differ, in place of that rule
 */
export function nearest(word: string, candidates: readonly string[], limit?: number): string | undefined {
  const typed = word.toLowerCase();
  let near: { candidate: string; letters: number } | undefined;
  for (const candidate of candidates) {
    const most = limit ?? (Math.min(typed.length, candidate.length) < 5 ? 1 : 2);
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
  let first = 0;
  while (first < one.length && one[first] === other[first]) first += 1;
  const isSwapped =
    one.length === other.length &&
    one[first] !== undefined &&
    one[first] === other[first + 1] &&
    one[first + 1] === other[first] &&
    one.slice(first + 2) === other.slice(first + 2);
  return isSwapped ? 1 : distance(one, other);
}
