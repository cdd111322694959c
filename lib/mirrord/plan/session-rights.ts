import type { AccessAttributes } from "../../kubernetes/access.ts";
import { plainPlan, type SessionPlan } from "./session-plan.ts";
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
  const plan = plainPlan(target.kind === "targetless" ? "targetless" : "mirror", target, namespace);
  return {
    ...plan,
    ...(features === undefined ? {} : { features: new Set(features) }),
    copy: plan.copy || kind === "copy",
    multiClusterPrimary: kind === "multi-cluster",
    // A pipeline has its key from before.
    ciKey: kind === "ci",
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
