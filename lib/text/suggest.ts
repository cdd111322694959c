import { distance } from "fastest-levenshtein";

/**
 * The candidates that `word` may be a slip of: at most two letters away (one in a short word), or beginning with it. Nearest
 * first. Source of the rule: SuggestionsFor of spf13/cobra.
 */
export function suggestions(word: string, candidates: readonly string[]): string[] {
  const typed = word.toLowerCase();
  const limit = typed.length <= 3 ? 1 : 2;
  return candidates
    .map((candidate) => ({ candidate, away: distance(typed, candidate.toLowerCase()) }))
    .filter(({ candidate, away }) => away <= limit || (typed !== "" && candidate.toLowerCase().startsWith(typed)))
    .toSorted((one, other) => one.away - other.away)
    .map(({ candidate }) => candidate);
}

/** A hint line for a slip, or undefined when nothing is near. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const [nearest] = suggestions(word, candidates);
  return nearest === undefined ? undefined : `Did you mean "${nearest}"?`;
}
