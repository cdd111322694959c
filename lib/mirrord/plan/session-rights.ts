import type { AccessAttributes } from "../../kubernetes/access.ts";
import { plainPlan, type SessionPlan } from "./session-plan.ts";
import type { Incoming } from "./session-use.ts";
import { sessionRequests } from "../session-requests.ts";
import type { Session } from "../session/session.ts";
import { targetIn } from "../target.ts";

/**
 * The plan that would start such a session again, as far as its listing tells. Undefined for what nobody starts by
 * connecting (previews), and for a target or a place that is not known.
 * @param features of the operator; undefined when they could not be read
 */
export function planToRestart(session: Session, features: readonly string[] | undefined): SessionPlan | undefined {
  const { kind, namespace, target: path = "targetless" } = session;
  if (kind === "preview" || namespace === undefined) return undefined;
  const target = targetIn(path);
  if (target === undefined) return undefined;
  const steals = session.ports.some((port) => port.kind === "steal");
  const action = steals ? "steal" : target.kind === "targetless" ? "targetless" : "mirror";
  const plan = plainPlan(action, target, namespace);
  return {
    ...plan,
    ...(steals ? { incoming: stolenTraffic(session) } : {}),
    ...(features === undefined ? {} : { features: new Set(features) }),
    copy: plan.copy || kind === "copy",
    multiClusterPrimary: kind === "multi-cluster",
    // A pipeline has its key from before.
    ciKey: kind === "ci",
  };
}

/** What is stolen, as far as the locked ports tell. Locks show a header filter as `header=…`. */
function stolenTraffic({ ports, httpFilter }: Session): Incoming {
  const locks = ports.filter(({ kind }) => kind === "steal");
  const filters = locks.map(({ filter }) => filter ?? httpFilter);
  const [filter] = filters;
  const numbers = locks.flatMap(({ port }) => (port === undefined ? [] : [port]));
  return {
    mode: "steal",
    ...(numbers.length === 0 ? {} : { ports: numbers }),
    ...(filter === undefined || filters.includes(undefined)
      ? {}
      : { filter: { header: filter.replace(/^header=/, "") } }),
  };
}

/** What its owner must be allowed to do to start it; undefined where planToRestart knows no plan. */
export function rightsToRestart(
  session: Session,
  features: readonly string[] | undefined,
): AccessAttributes[] | undefined {
  const plan = planToRestart(session, features);
  if (plan === undefined) return undefined;
  return sessionRequests(plan)
    .filter(({ required }) => required)
    .map(({ attributes }) => attributes);
}
