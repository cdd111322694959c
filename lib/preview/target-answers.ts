// One row of the matrix: every action on one target, from what was read for all of them.

import type { Answer } from "../kubernetes/access.ts";
import type { Action, SessionPlan } from "../mirrord/plan/session-plan.ts";
import { sessionRequests } from "../mirrord/session-requests.ts";
import { kindsBehindPods, type Target } from "../mirrord/target.ts";
import { impossibleBecause, type SessionQuestion } from "../mirrord/plan/session-question.ts";
import type { Check } from "./check.ts";
import type { Version } from "../mirrord/plan/client-age.ts";
import { withGroups } from "./groups.ts";
import type { groupFinder } from "../rbac/decide/group-finder.ts";
import type { Identity } from "./identity.ts";
import type { RelatedObjects } from "../reading/related-objects.ts";
import { unseenTarget } from "../reading/session-facts.ts";
import type { FindPods } from "../reading/target-pods.ts";
import type { TargetObject } from "../reading/targets.ts";
import type { OperatorState } from "../reading/operator.ts";
import { weighPolicies } from "./policies.ts";
import type { Questions } from "./questions.ts";
import type { ReadPolicies } from "../reading/policies.ts";
import type { CopyRefusal } from "./copy-refusal.ts";
import { resolveSession } from "./resolve.ts";
import { combineChecks } from "./verdict.ts";

/** `n/a`: the client would not try it with such a target. */
export interface Cell {
  answer: Answer | "n/a";
  /** Why not. */
  reason: string;
}

export interface TargetAnswers {
  namespace: string;
  target: Target;
  cells: Partial<Record<Action, Cell>>;
}

/** What all targets have in common. */
export interface Shared {
  operator: OperatorState;
  policies: ReadPolicies;
  identity: Identity;
  asker: Questions;
  options: { namespace?: string; actions: readonly Action[]; clientVersion?: Version; now: Date };
  offline: boolean;
  groups: ReturnType<typeof groupFinder>;
  findPods: FindPods;
  copyRefusal: CopyRefusal;
  /** The one namespace that is asked about is not there. */
  namespaceMissing?: boolean;
  /** Undefined where no policy looks at anything but the target. */
  relatedObjects?: RelatedObjects;
}

export function targetRows(targets: readonly TargetObject[], shared: Shared): Promise<TargetAnswers[]> {
  return Promise.all(
    targets.map((one) => {
      const { name = "", namespace = "" } = one.object.metadata;
      return targetAnswers({ kind: one.kind, name }, one, namespace, shared);
    }),
  );
}

/** @param listed undefined for a session without a target */
export async function targetAnswers(
  target: Target,
  listed: TargetObject | undefined,
  namespace: string,
  shared: Shared,
): Promise<TargetAnswers> {
  const behind = listed === undefined ? undefined : shared.relatedObjects?.behind(listed);
  const related = behind === undefined ? {} : { related: behind };
  const { actions, clientVersion } = shared.options;
  const cells = await Promise.all(
    actions.map(async (action): Promise<[Action, Cell]> => {
      const question = { action, target, namespace, ...(clientVersion === undefined ? {} : { clientVersion }) };
      return [action, await matrixCell(question, listed, related, shared)];
    }),
  );
  return { namespace, target, cells: Object.fromEntries(cells) };
}

async function matrixCell(
  question: SessionQuestion,
  listed: TargetObject | undefined,
  related: Pick<SessionPlan, "related">,
  shared: Shared,
): Promise<Cell> {
  const impossible = fits(question) ? impossibleBecause(question) : `${question.action} is not for such a target`;
  if (impossible !== undefined) return { answer: "n/a", reason: impossible };
  const { operator, options, asker, policies, identity, namespaceMissing = false, offline } = shared;
  const looksAtPods = listed !== undefined && kindsBehindPods.has(listed.kind);
  const pods = looksAtPods ? await shared.findPods(listed.object) : undefined;
  const target = { ...unseenTarget, object: listed?.object, pods, namespaceMissing };
  const { plan, workload, operatorVersion, operatorNamespace, obstacles } = resolveSession(
    { question, operator, target, profile: undefined, offline },
    options.now,
  );
  const requests = sessionRequests(plan);
  const [answers, refused] = await Promise.all([
    asker.ask(requests.map(({ attributes }) => attributes)),
    shared.copyRefusal(plan, workload, operatorNamespace),
  ]);
  const checks = requests.map((request, index): Check => ({ ...request, ...(answers[index] ?? unanswered) }));
  const known = withGroups(checks, identity, shared.groups);
  const outcome = weighPolicies(policies, { ...plan, ...related }, workload, operatorVersion);
  return combineChecks(known, [...obstacles, ...refused], outcome, identity);
}

const unanswered = { answer: "unknown", reason: "the server did not answer" } as const;

/** A row without a target is for `targetless` alone, and that is for no other row. */
function fits({ action, target }: SessionQuestion): boolean {
  return (action === "targetless") === (target.kind === "targetless");
}
