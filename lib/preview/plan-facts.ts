import type { KubernetesObject } from "../kubernetes/object.ts";
import type { OperatorInfo } from "../mirrord/operator-info.ts";
import type { SessionPlan } from "../mirrord/plan/session-plan.ts";
import type { Asked } from "./asked.ts";
import type { OperatorState } from "../reading/operator.ts";
import type { Read } from "../reading/read.ts";
import type { FoundTarget } from "./target-state.ts";

/** `undefined`: the session has no profile. */
export type ReadProfile = Read<KubernetesObject | undefined> | undefined;

/** What was asked, what was read about it, and the plan that comes of both. */
export interface PlanFacts {
  asked: Asked;
  plan: SessionPlan;
  operator: OperatorState;
  info: OperatorInfo;
  found: FoundTarget;
  profile: ReadProfile;
  now: Date;
  offline: boolean;
}
