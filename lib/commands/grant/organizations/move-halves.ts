import { isSettled, planBeginning, planMoving, planSettled, type Place } from "../../../access/organizations/moving.ts";
import type { Halves } from "./halves.ts";
import { requirePlace } from "./members.ts";
import type { GrantsAlong } from "./move-grants.ts";

/** A move is noted before it begins, and the note is what is taken back where another is in its way. */
export const moveHalves = (place: Place, to: string, along: GrantsAlong): Halves => ({
  begin: (seen) => [planBeginning(seen.objects, requirePlace(seen, place), place.team, to)],
  giveUp: (seen) => [planMoving(requirePlace(seen, place), place.team, undefined)],
  check: async (see) => await along.check(async () => isSettled((await see()).objects, place)),
  settle: (seen) => (along.isEmpty() ? [] : [planSettled(requirePlace(seen, place), place.team)]),
});
