import { connectParameters, readClient, readSessionId } from "./client-headers.ts";
import { parseJson } from "./json.ts";
import { checkNativeAccess } from "./native-check.ts";
import type { Call, Operator } from "./operator.ts";
import { bindingPolicies, readPolicies } from "./policies.ts";
import type { Policy, PolicyTarget } from "./policies.ts";
import type { Session } from "./sessions.ts";
import { hasFeature } from "./settings.ts";
import { Refusal, badRequest, forbidden, methodNotAllowed, notFound } from "./status.ts";
import { policyPath, targetOfSpec, targetOfUrlName } from "./target.ts";
import type { LabelTarget, Target } from "./target.ts";
import { readTargetLabels } from "./workloads.ts";

/** A connect that passed every check. */
export interface Admission {
  session: Session;
  policyTarget: PolicyTarget;
}

/**
 * Everything that decides whether a connect is accepted, in the operator's order: is there such a target in this
 * spelling, may the user read it natively, does it exist, do the policies allow a session at all. Throws a Refusal.
 */
export async function admit(operator: Operator, call: Call): Promise<Admission> {
  const { kube, settings, sessions } = operator;
  const { resource, namespace, name, subresource, proxied } = call.path;
  if (proxied && !hasFeature(settings, "ProxyApi")) throw notFound("proxy", resource);
  if (namespace === undefined || name === undefined || subresource !== undefined) throw methodNotAllowed();
  const parameters = connectParameters(call.query, call.headers);
  if (parameters.get("connect") !== "true") throw badRequest("connect is not true");

  const copied = resource === "copytargets";
  const target = copied ? copiedTarget(operator, namespace, name) : namedTarget(operator, name, parameters);
  const session = newSession(operator, call, parameters, namespace, target);
  if (copied) session.copyTarget = name;
  sessions.checkResumable(session.id);
  checkOwner(operator, session);

  await checkNativeAccess(kube, call.identity, namespace, target);
  const labels = await readLabels(operator, namespace, target, copied);
  const policyTarget: PolicyTarget = { path: policyPath(target), labels, copied };
  const binding = bindingPolicies(await readPolicies(kube, namespace), policyTarget);
  checkProfile(binding, parameters.get("profile") ?? "");
  return { session, policyTarget };
}

function namedTarget({ settings }: Operator, name: string, parameters: URLSearchParams): Target {
  const target = name === "label" ? labelTarget(parameters) : targetOfUrlName(name);
  if (target === undefined) throw notFound("targets", name);
  if (target.kind === "label" && !hasFeature(settings, "LabelTargeting")) {
    throw badRequest("label targeting is not supported");
  }
  // Clients always copy these: a job's own pod would be done before a session begins.
  if (target.kind === "job" || target.kind === "cronjob") {
    throw badRequest(`a ${target.kind} can only be targeted through a copy`);
  }
  return target;
}

function labelTarget(parameters: URLSearchParams): LabelTarget {
  const target = targetOfSpec(parseJson(parameters.get("label_target") ?? ""));
  if (target?.kind !== "label") throw badRequest("label_target holds no labels");
  return target;
}

function copiedTarget({ copyTargets }: Operator, namespace: string, name: string): Target {
  const copy = copyTargets.find(namespace, name);
  if (copy === undefined) throw notFound("copytargets", name);
  if (copy.phase !== "Ready") {
    throw new Refusal(409, "Conflict", `copy target ${JSON.stringify(name)} is ${copy.phase}`);
  }
  return copy.target;
}

/** A copy outlives what it was made of. */
async function readLabels({ kube }: Operator, namespace: string, target: Target, copied: boolean) {
  try {
    return await readTargetLabels(kube, namespace, target);
  } catch (error) {
    if (copied && error instanceof Refusal && error.status.code === 404) return [{}];
    throw error;
  }
}

function checkOwner({ sessions }: Operator, { id, identity }: Session): void {
  const live = sessions.all().find((session) => session.id === id);
  if (live !== undefined && live.identity.name !== identity.name) {
    throw new Refusal(409, "Conflict", "the session belongs to another user");
  }
}

/** A profile that any policy requires is required, and it must be in every allowlist. */
function checkProfile(policies: readonly Policy[], profile: string): void {
  for (const { name, requireProfile, profileAllowlist } of policies) {
    const blocked = `Operation was blocked by policy \`${name}\``;
    if (profile === "") {
      if (requireProfile) throw forbidden(`${blocked}: a mirrord profile is required`);
    } else if (profileAllowlist !== undefined && !profileAllowlist.includes(profile)) {
      throw forbidden(`${blocked}: mirrord profile ${JSON.stringify(profile)} is not allowed`);
    }
  }
}

function newSession(
  operator: Operator,
  { headers, identity }: Call,
  parameters: URLSearchParams,
  namespace: string,
  target: Target,
): Session {
  const [key, headerFilter] = [parameters.get("key"), parameters.get("header_filter")];
  return {
    id: readSessionId(headers),
    namespace,
    target,
    identity,
    client: readClient(headers),
    ...(key === null ? {} : { key }),
    ...(headerFilter === null ? {} : { headerFilter }),
    startedAt: operator.now(),
    lockedPorts: [],
    active: true,
    disconnect: () => {},
  };
}
