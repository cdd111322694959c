/** What a request is answered with instead of the truth. */
export interface Failure {
  /** Default: every request. */
  match?: { method?: string; pathIncludes?: string };
  /** An HTTP code with a fitting Status; or no answer ever; or 200 with what is no JSON; or a cut connection. */
  how: number | "hang" | "garbage" | "close";
  /** Default: until it is taken back. */
  times?: number;
}

export interface Failures {
  add(failure: Failure): void;
  clear(): void;
  /** The failure for this request, counted as used. */
  take(method: string, path: string): Failure["how"] | undefined;
}

export function createFailures(): Failures {
  let rules: { failure: Failure; left: number }[] = [];

  return {
    add: (failure) => void rules.push({ failure, left: failure.times ?? Number.POSITIVE_INFINITY }),
    clear: () => void (rules = []),
    take(method, path) {
      const rule = rules.find(({ failure }) => matches(failure, method, path));
      if (rule === undefined) return undefined;
      rule.left -= 1;
      rules = rules.filter(({ left }) => left > 0);
      return rule.failure.how;
    },
  };
}

function matches({ match = {} }: Failure, method: string, path: string): boolean {
  return (match.method ?? method) === method && path.includes(match.pathIncludes ?? "");
}
