import { randomBytes } from "node:crypto";
import { readClient } from "./client-headers.ts";
import { copyTargetObject } from "./copy-targets.ts";
import type { CopyTarget } from "./copy-targets.ts";
import { objectAt, textAt } from "./json.ts";
import { bodyObject, isDryRun, listReply, objectMetadata, selected } from "./lists.ts";
import { checkNativeAccess } from "./native-check.ts";
import type { Call, Handler, Operator } from "./operator.ts";
import { readPolicies, scaleDownBlocker } from "./policies.ts";
import type { Reply } from "./reply.ts";
import { randomSessionId } from "./sessions.ts";
import { badRequest, forbidden, invalid, methodNotAllowed, notFound, success } from "./status.ts";
import { policyPath, targetOfSpec } from "./target.ts";
import type { Target } from "./target.ts";
import { readTargetLabels } from "./workloads.ts";

/** `copytargets` without a connect: create, get, list, delete, deletecollection. */
export const handleCopyTargets: Handler = async (operator, call) => {
  const { method, path } = call;
  const { namespace, name } = path;
  if (path.proxied) throw badRequest("unable to upgrade: not a websocket");
  if (path.subresource !== undefined) throw methodNotAllowed();
  if (name === undefined) return handleCollection(operator, call);
  const copy = namespace === undefined ? undefined : operator.copyTargets.find(namespace, name);
  if (copy === undefined) throw notFound("copytargets", name);
  if (method === "DELETE") {
    if (!isDryRun(call)) removeCopy(operator, copy);
    return { code: 200, json: success("copy target deleted") };
  }
  if (method !== "GET") throw methodNotAllowed();
  return { code: 200, json: polled(operator, copy) };
};

function handleCollection(operator: Operator, call: Call): Reply | Promise<Reply> {
  const { method, path } = call;
  if (method === "POST" && path.namespace !== undefined) {
    return createCopy(operator, call, path.namespace);
  }
  if (method !== "GET" && method !== "DELETE") throw methodNotAllowed();
  const isSelected = selected(call, ["metadata.name", "metadata.namespace"]);
  const chosen = operator.copyTargets
    .all()
    .filter((copy) => (path.namespace ?? copy.namespace) === copy.namespace)
    .filter((copy) => isSelected({ "metadata.name": copy.name, "metadata.namespace": copy.namespace }));
  if (method === "GET") {
    const items = chosen.map((copy) => copyTargetObject(copy, operator.now()));
    return listReply(operator, call, "CopyTarget", items);
  }
  if (!isDryRun(call)) for (const copy of chosen) removeCopy(operator, copy);
  return { code: 200, json: success("copy targets deleted") };
}

function removeCopy({ copyTargets, sessions }: Operator, copy: CopyTarget): void {
  copyTargets.remove(copy);
  for (const session of sessions.all()) {
    if (session.namespace === copy.namespace && session.copyTarget === copy.name) sessions.stop(session);
  }
}

/** What this GET finds; the next may find it ready. */
function polled(operator: Operator, copy: CopyTarget) {
  const object = copyTargetObject(copy, operator.now());
  if (copy.phase === "InProgress") {
    copy.pollsLeft -= 1;
    if (copy.pollsLeft <= 0) copy.phase = "Ready";
  }
  return object;
}

async function createCopy(operator: Operator, call: Call, namespace: string): Promise<Reply> {
  const body = bodyObject(call);
  const spec = objectAt(body, "spec");
  const asked = textAt(objectMetadata(body), "name") ?? "";
  const target = targetOfSpec(spec["target"]);
  if (target === undefined) throw invalid("CopyTarget", asked, "spec.target: Invalid value");
  // Source: mirrord config target.rs `compatible_with`: there is no pod of their own to copy.
  if (target.kind === "targetless" || target.kind === "label" || target.kind === "service") {
    throw invalid("CopyTarget", asked, `spec.target: a ${target.kind} target cannot be copied`);
  }
  await checkNativeAccess(operator.kube, call.identity, namespace, target);
  const labels = await readTargetLabels(operator.kube, namespace, target);
  if (spec["scale_down"] === true) {
    const policies = await readPolicies(operator.kube, namespace);
    const place = { path: policyPath(target), labels, copied: true };
    const blocker = scaleDownBlocker(policies, place);
    if (blocker !== undefined) {
      throw forbidden(`Operation was blocked by policy \`${blocker.name}\``);
    }
  }
  const copy = newCopy(operator, call, namespace, target, spec);
  if (!isDryRun(call)) operator.copyTargets.add(copy);
  return { code: 201, json: copyTargetObject(copy, operator.now()) };
}

function newCopy(
  operator: Operator,
  { headers, identity }: Call,
  namespace: string,
  target: Target,
  spec: Record<string, unknown>,
): CopyTarget {
  const { settings, copyTargets } = operator;
  const { idle_ttl: idleTtl, session_key: key } = spec;
  const failed = settings.copyTargets.phase === "Failed" ? settings.copyTargets : undefined;
  const pollsLeft = settings.copyTargets.phase === "Ready" ? (settings.copyTargets.polls ?? 0) : 0;
  const phase = failed === undefined ? (pollsLeft > 0 ? "InProgress" : "Ready") : "Failed";
  return {
    name: copyTargets.nextName(),
    namespace,
    podName: `mirrord-copy-job-${randomBytes(5).toString("hex")}`,
    target,
    spec: { exclude_containers: [], exclude_init_containers: [], ...spec },
    phase,
    failureMessage: failed?.message ?? null,
    pollsLeft,
    creator: {
      id: randomSessionId(),
      namespace,
      target,
      identity,
      client: readClient(headers),
      ...(typeof key === "string" ? { key } : {}),
      startedAt: operator.now(),
      lockedPorts: [],
      active: false,
      disconnect: () => {},
    },
    idleSince: operator.now(),
    idleTtlSeconds: typeof idleTtl === "number" && idleTtl >= 0 ? idleTtl : 30,
  };
}
