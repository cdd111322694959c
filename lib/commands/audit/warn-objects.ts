import type { World } from "../../cli/world.ts";

const SHOWN = 10;

/** Says what is wrong with roles and bindings: a few, and how many more; one cause may break hundreds. */
export function warnAboutObjects(errors: Iterable<string>, world: Pick<World, "warn">): void {
  const all = [...errors];
  for (const error of all.slice(0, SHOWN)) world.warn(error);
  if (all.length > SHOWN)
    world.warn(`${all.length - SHOWN} more like these: kubectl mirrord audit findings names each binding`);
}
