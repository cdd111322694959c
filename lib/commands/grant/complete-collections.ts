import type { Completer } from "../../cli/completion/complete.ts";
import { readCollections } from "../../reading/collections.ts";

export const completeCollections: Completer = async (typed, world) => {
  const cluster = await world.connect(typed);
  const { known } = await readCollections(cluster);
  return [...known].map(([value, describe]) => (describe === "" ? value : { value, describe }));
};
