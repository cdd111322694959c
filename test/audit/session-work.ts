// What the growth of who-can is counted on: a question that a thread can be given with plain data.
import { whoCanSend, type RequestsIn } from "../../lib/audit/who-can.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { needs } from "../../lib/mirrord/plan/session-request.ts";

/** A session of two requests. */
export const session: RequestsIn = (namespace) => [
  needs("read", "read the target", { verb: "get", apiGroup: "", resource: "pods", namespace, name: "web" }),
  needs("connect", "connect", { verb: "proxy", apiGroup: "operator.metalbear.co", resource: "targets", namespace }),
  needs("version", "read the version", { verb: "get", path: "/version" }, { required: false }),
];

export const listSession = (objects: readonly KubernetesObject[], namespaces: readonly string[]): number =>
  whoCanSend(objects, namespaces, session).holders.length;
