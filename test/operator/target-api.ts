import { apiVersion, listReply } from "./lists.ts";
import type { Handler, Operator } from "./operator.ts";
import type { LockedPort } from "./sessions.ts";
import { badRequest, methodNotAllowed, notFound } from "./status.ts";
import { displayTarget, kindFacts, specOfTarget, targetOfUrlName } from "./target.ts";
import type { Target } from "./target.ts";
import { listWorkloads, readTargetLabels } from "./workloads.ts";

/** `targets` without a connect: get and list, and their port locks. Connects come as upgrades, see connections.ts. */
export const handleTargets: Handler = async (operator, call) => {
  const { method, path } = call;
  const { namespace, name, subresource } = path;
  if (path.proxied) throw badRequest("unable to upgrade: not a websocket");
  if (method !== "GET") throw methodNotAllowed();
  if (name === undefined) return listReply(operator, call, "Target", await allTargets(operator, namespace));
  const target = targetOfUrlName(name);
  if (target === undefined || namespace === undefined) throw notFound("targets", name);
  await readTargetLabels(operator.kube, namespace, target);
  if (subresource === undefined) return { code: 200, json: targetObject(name, namespace, target) };
  if (subresource !== "port-locks") throw notFound(`targets/${subresource}`, name);
  // The body of port locks is not public, and no client has asked for it since 3.104.
  const port_locks = portLocks(operator, namespace, target);
  return { code: 200, json: { ...targetObject(name, namespace, target), port_locks } };
};

async function allTargets({ kube }: Operator, namespace: string | undefined) {
  const workloads = await listWorkloads(kube, namespace);
  const targets = workloads.map((workload) => {
    const { kind, name } = workload.target;
    return targetObject(`${kindFacts(kind).words[0]}.${name}`, workload.namespace, workload.target);
  });
  if (namespace !== undefined) targets.push(targetObject("targetless", namespace, { kind: "targetless" }));
  return targets;
}

function targetObject(name: string, namespace: string, target: Target) {
  const spec = { target: specOfTarget(target) };
  return { apiVersion, kind: "Target", metadata: { name, namespace }, spec };
}

function portLocks({ sessions }: Operator, namespace: string, target: Target): LockedPort[] {
  return sessions
    .all()
    .filter((session) => session.namespace === namespace)
    .filter((session) => displayTarget(session.target) === displayTarget(target))
    .flatMap(({ lockedPorts }) => lockedPorts);
}
