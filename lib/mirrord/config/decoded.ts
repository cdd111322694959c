// Reads values that a shape has decoded: each is what its shape says, null, or left out.

/** An object of the configuration. */
export type Decoded = Readonly<Record<string, unknown>>;

/** Told what is wrong with a value, and where it stands: `feature.fs.mode`. */
export type Report = (path: string, problem: string) => void;

export function flagIn(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

export function optionalText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function wordIn<Word extends string>(value: unknown, words: readonly Word[]): Word | undefined {
  return words.find((word) => word === value);
}

/** A list of texts, or one of them alone. */
export function textList(value: unknown): string[] | undefined {
  return itemsIn(value, (one) => typeof one === "string");
}

/** A list of ports, or one of them alone. */
export function portList(value: unknown): number[] | undefined {
  return itemsIn(value, (one) => typeof one === "number");
}

function itemsIn<Item>(value: unknown, is: (one: unknown) => one is Item): Item[] | undefined {
  if (is(value)) return [value];
  return Array.isArray(value) ? value.filter(is) : undefined;
}
