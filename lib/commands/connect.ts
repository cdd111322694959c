import type { Connect } from "../cli/world.ts";
import { connect as connectCluster } from "../kube/connect.ts";

/** How every command connects. What only a folder needs to be told is loaded for a folder only. */
export const connect: Connect = (options, context) =>
  connectCluster(options, context, async () => (await import("./operator-kinds.ts")).operatorKinds);
