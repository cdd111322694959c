// Which mutants are tried, and what their fates say about all of them.
import { random } from "../rbac/random.ts";

/** The same for the same seed and items. */
export function sample<Item>(items: readonly Item[], count: number, seed: number): Item[] {
  const wanted = Math.min(count, items.length);
  return random(seed).some(items, wanted, wanted);
}

/** @param part `2/3`: the second of three, each file's items in one of them */
export function partition<Item extends { file: string }>(items: readonly Item[], part: string): Item[] {
  const [place = 1, count = 1] = part.split("/").map(Number);
  const files = [...new Set(items.map(({ file }) => file))].toSorted();
  return items.filter(({ file }) => files.indexOf(file) % count === place - 1);
}

/** Of the share of all, in percent, by that of a sample: Wilson's interval at 95 %. */
export function wilsonInterval(successes: number, count: number): [low: number, high: number] {
  if (count === 0) return [0, 100];
  const z = 1.959964;
  const share = successes / count;
  const middle = share + (z * z) / (2 * count);
  const margin = z * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
  const scale = 100 / (1 + (z * z) / count);
  return [Math.max(0, (middle - margin) * scale), Math.min(100, (middle + margin) * scale)];
}
