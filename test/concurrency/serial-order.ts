// Whether what many commands have left behind could have come from the same commands one after the other.

/** What a command does to the state, as it is understood: a key is what one of them decides alone. */
export interface Operation {
  name: string;
  /** Milliseconds. A command that ended before another began came before it. */
  started: number;
  ended: number;
  writes: ReadonlyMap<string, string>;
  /** It did not say that it did all of this: any part of it may be done. */
  isUncertain: boolean;
}

/**
 * Looks for an order from its end: a command can be the last of those that are left when none of them began after it had ended, and
 * each key that it writes has the final value, or is written again by one that comes later. Taking any such command leaves the
 * others at least the places that they had, so the first that can be taken is as good as another.
 * @param initial the keys that are not there have the value ""
 * @returns undefined where there is an order; else what stands in its way
 */
export function whyNotSerial(
  operations: readonly Operation[],
  initial: ReadonlyMap<string, string>,
  final: ReadonlyMap<string, string>,
): string | undefined {
  const left = new Set(operations);
  const explained = new Set<string>();
  const isRight = (key: string, value: string) => explained.has(key) || (final.get(key) ?? "") === value;
  for (;;) {
    const latestStart = Math.max(...[...left].map(({ started }) => started));
    const last = [...left].find(
      ({ ended, writes, isUncertain }) =>
        ended >= latestStart && (isUncertain || [...writes].every(([key, value]) => isRight(key, value))),
    );
    if (last === undefined) break;
    left.delete(last);
    for (const [key, value] of last.writes) if ((final.get(key) ?? "") === value) explained.add(key);
  }
  if (left.size > 0) return describe([...left], explained, final);
  const keys = [...new Set([...initial.keys(), ...final.keys()])];
  const wrong = keys.filter((key) => !isRight(key, initial.get(key) ?? ""));
  return wrong.length === 0
    ? undefined
    : wrong.map((key) => `${key} is ${JSON.stringify(final.get(key) ?? "")}, which no command wrote`).join("\n");
}

function describe(
  left: readonly Operation[],
  explained: ReadonlySet<string>,
  final: ReadonlyMap<string, string>,
): string {
  const latestStart = Math.max(...left.map(({ started }) => started));
  const stuck = left.filter(({ ended }) => ended >= latestStart);
  const lines = stuck.flatMap(({ name, writes }) =>
    [...writes]
      .filter(([key, value]) => !explained.has(key) && (final.get(key) ?? "") !== value)
      .map(
        ([key, value]) =>
          `${key} is ${JSON.stringify(final.get(key) ?? "")} and not ${JSON.stringify(value)}, after: ${name}`,
      ),
  );
  return lines.join("\n");
}
