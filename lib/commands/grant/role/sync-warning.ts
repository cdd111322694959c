import { accessModel } from "../../../access/names.ts";
import type { World } from "../../../cli/world.ts";
import type { Plan } from "../../../kube/cluster.ts";

/** Of a step that the caller may not do nothing is left in what was done: then grant sync cannot make grants of this role anew. */
export function warnOfSync(wanted: Plan, done: Plan, role: string, world: Pick<World, "warn">): void {
  const changes = (plan: Plan) => plan.some(({ object }) => object.metadata.name === accessModel.sync.role);
  if (changes(wanted) && !changes(done))
    world.warn(
      `you may not change clusterrole ${accessModel.sync.role}: what grant sync may bind does not follow ${role}`,
    );
}
