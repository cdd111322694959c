// One row of the matrix: every action on one target, from what was read for all of them.

import type { Answer } from "../kubernetes/access.ts";
import type { Action, SessionPlan } from "../mirrord/plan/session-plan.ts";
import { sessionRequests } from "../mirrord/session-requests.ts";
import type { Target } from "../mirrord/target.ts";
import { impossibleBecause, type Asked } from "./asked.ts";
import type { Check } from "./check.ts";
import type { Version } from "../mirrord/plan/client-age.ts";
import type { Family } from "./family.ts";
import { withGroups } from "./groups.ts";
import type { groupFinder } from "../rbac/decide/group-finder.ts";
import type { Identity } from "./identity.ts";
import type { Listed } from "../reading/list-targets.ts";
import type { OperatorState } from "../reading/operator.ts";
import { weighPolicies } from "./policies.ts";
import type { Questions } from "./questions.ts";
import type { ReadPolicies } from "../reading/read-policies.ts";
import { infoOf, resolveWith } from "./resolve.ts";
import { verdictOf } from "./verdict.ts";

/** `n/a`: the client would not try it with such a target. */
export interface Cell {
  answer: Answer | "n/a";
  /** Why not. */
  reason: string;
}

export interface MatrixRow {
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
  /** The one namespace that is asked about is not there. */
  namespaceMissing?: boolean;
  /** Undefined where no policy looks at anything but the target. */
  family?: Family;
}

export function rowsOf(listed: readonly Listed[], shared: Shared): Promise<MatrixRow[]> {
  return Promise.all(
    listed.map((one) => {
      const { name = "", namespace = "" } = one.object.metadata;
      return rowOf({ kind: one.kind, name }, one, namespace, shared);
    }),
  );
}

export async function rowOf(
  target: Target,
  listed: Listed | undefined,
  namespace: string,
  shared: Shared,
): Promise<MatrixRow> {
  const behind = listed === undefined ? undefined : shared.family?.behind(listed);
  const related = behind === undefined ? {} : { related: behind };
  const cells = await Promise.all(
    shared.options.actions.map(async (action): Promise<[Action, Cell]> => {
      const asked: Asked = { action, target, namespace };
      return [action, await cellOf(asked, listed, related, shared)];
    }),
  );
  return { namespace, target, cells: Object.fromEntries(cells) };
}

async function cellOf(
  asked: Asked,
  listed: Listed | undefined,
  related: Pick<SessionPlan, "related">,
  shared: Shared,
): Promise<Cell> {
  const impossible = fits(asked) ? impossibleBecause(asked) : `${asked.action} is not for such a target`;
  if (impossible !== undefined) return { answer: "n/a", reason: impossible };
  const { operator, options, asker, policies, identity } = shared;
  const { clientVersion, now } = options;
  const resolved = resolveWith({
    asked: { ...asked, ...(clientVersion === undefined ? {} : { clientVersion }) },
    operator,
    info: infoOf(operator),
    found: {
      object: listed?.object,
      pods: undefined,
      namespaceMissing: shared.namespaceMissing ?? false,
      forbidden: false,
    },
    profile: undefined,
    now,
    offline: shared.offline,
  });
  const requests = sessionRequests(resolved.plan);
  const answers = await asker.ask(requests.map(({ attributes }) => attributes));
  const checks = requests.map((request, index): Check => ({ ...request, ...(answers[index] ?? unanswered) }));
  const known = withGroups(checks, identity, shared.groups);
  const { workload, operatorVersion } = resolved;
  const outcome = weighPolicies(policies, { ...resolved.plan, ...related }, workload, operatorVersion);
  return verdictOf(known, resolved.obstacles, outcome, identity);
}

const unanswered = { answer: "unknown", reason: "the server did not answer" } as const;

/** A row without a target is for `targetless` alone, and that is for no other row. */
function fits({ action, target }: Asked): boolean {
  return (action === "targetless") === (target.kind === "targetless");
}
