import { anchorState, anchorTtl, ttlUntil } from "../../access/anchor.ts";
import { annotations } from "../../access/names.ts";
import type { World } from "../../cli/world.ts";
import { objectIn } from "../../json.ts";
import type { Hooks } from "../../kube/apply/apply.ts";
import type { Change } from "../../kube/cluster.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { parseTime } from "../../text/instant.ts";

/** What apply does with anchors: counts their time at the last moment, and builds nothing upon one before it is sound. */
export function anchorHooks(skew: number, world: Pick<World, "now">): Hooks {
  const isAnchor = ({ type }: Change) => type.resource === nativeResources.jobs.resource;
  const now = () => world.now().getTime() + skew;
  return {
    settleHint: "Does the controller-manager run? Without it no access ends by itself.",
    prepare(change) {
      const { object, action } = change;
      const end = parseTime(object.metadata.annotations?.[annotations.expiresAt]);
      if (!isAnchor(change) || action !== "create" || end === undefined) return object;
      const spec = { ...objectIn(object["spec"]), ttlSecondsAfterFinished: ttlUntil(end, now()) };
      return { ...object, spec };
    },
    settled(change, stored) {
      if (!isAnchor(change) || change.action === "delete") return "ready";
      const anchor = anchorState(stored, stored.metadata.ownerReferences?.[0]?.uid);
      if (anchor.state === "unsound") return { fault: anchor.why };
      const asked = objectIn(change.object["spec"])["ttlSecondsAfterFinished"];
      // Made a moment later than planned, an anchor lives a little shorter, and never longer.
      if (typeof asked === "number" && (anchorTtl(stored) ?? Infinity) > asked)
        return { fault: `has a ttl of ${anchorTtl(stored) ?? "none"} seconds where ${asked} were asked for` };
      return anchor.state === "pending" ? "wait" : "ready";
    },
  };
}
