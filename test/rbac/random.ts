// A seeded source of choices, so that a failing run can be repeated.

export interface Random {
  /** From 0, below 1. */
  next(): number;
  /** From 0 to `limit - 1`. */
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** Undefined for an empty list. */
  pickAny<Item>(items: readonly Item[]): Item | undefined;
  /** Between `least` and `most` items, each at most once. */
  some<Item>(items: readonly Item[], least: number, most: number): Item[];
}

/** xorshift32: small, fast, and the same on every machine. */
export function random(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 0x1_0000_0000;
  };
  for (let round = 0; round < 8; round += 1) next();
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (items) => items[below(items.length)] ?? items[0],
    pickAny: (items) => items[below(items.length)],
    some(items, least, most) {
      const rest = [...items];
      const wanted = Math.min(rest.length, least + below(most - least + 1));
      return Array.from({ length: wanted }, () => rest.splice(below(rest.length), 1)).flat();
    },
  };
}
