import type { GrantRole } from "../access/intent.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { AccessAttributes, Answer, UserInfo } from "../kubernetes/access.ts";
import { plainPlan } from "../mirrord/plan/session-plan.ts";
import type { SessionRequest } from "../mirrord/plan/session-request.ts";
import { sessionRequests } from "../mirrord/session-requests.ts";
import type { WorkloadTarget } from "../mirrord/target.ts";

/** What an identity can do with mirrord in one namespace. */
export interface NamespaceAccess {
  namespace: string;
  /** Undefined: any target of the namespace. */
  target: WorkloadTarget | undefined;
  answer: Answer;
  /** The required requests that are not allowed, or could not be asked. */
  missing: { attributes: AccessAttributes; answer: Answer; reason: string }[];
}

/**
 * Asks the checks of a plain session for each place at once. Without a target the questions carry no object name, so
 * that only rights on every target of the namespace answer them.
 */
export async function accessIn(
  cluster: Cluster,
  user: UserInfo,
  places: readonly { namespace: string; target?: WorkloadTarget; view?: boolean }[],
): Promise<NamespaceAccess[]> {
  const asked = places.map((place) => ({ place, requests: requestsIn(place) }));
  const answers = await cluster.review(
    asked.flatMap(({ requests }) => requests.map(({ attributes }) => attributes)),
    user,
  );
  let next = 0;
  return asked.map(({ place, requests }): NamespaceAccess => {
    const missing = requests.flatMap(({ attributes }) => {
      const { answer, reason } = answers[next++] ?? { answer: "unknown" as const, reason: "" };
      return answer === "yes" ? [] : [{ attributes, answer, reason }];
    });
    const answer = missing.some((check) => check.answer === "no") ? "no" : missing.length > 0 ? "unknown" : "yes";
    return { namespace: place.namespace, target: place.target, answer, missing };
  });
}

function requestsIn({
  namespace,
  target,
  view = false,
}: {
  namespace: string;
  target?: WorkloadTarget;
  view?: boolean;
}): SessionRequest[] {
  if (view) {
    const plan = plainPlan("list-sessions", { kind: "targetless" }, namespace);
    return sessionRequests(plan);
  }
  const plan = plainPlan("mirror", target ?? { kind: "deployment", name: "any" }, namespace);
  const required = sessionRequests(plan).filter((request) => request.required);
  return target === undefined ? required.map(forAnyName) : required;
}

function forAnyName(request: SessionRequest): SessionRequest {
  const { attributes } = request;
  if ("path" in attributes || attributes.namespace === undefined) return request;
  const { name: _name, ...nameless } = attributes;
  return { ...request, attributes: nameless };
}

/** The one request that makes the difference: connecting, or, for a role that only looks, listing sessions. */
export function connectAttributes(
  role: GrantRole,
  namespace: string,
  target: WorkloadTarget | undefined,
): AccessAttributes {
  const place =
    role === "view" ? { namespace, view: true } : { namespace, ...(target === undefined ? {} : { target }) };
  const wanted = role === "view" ? "session-list-ns" : "connect-proxy";
  const request = requestsIn(place).find(({ id }) => id === wanted);
  if (request === undefined) throw new Error(`a session without the request ${wanted}`);
  return request.attributes;
}
