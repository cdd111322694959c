import { formatTarget } from "../../mirrord/target.ts";
import type { PolicyInterpretation } from "../../mirrord/policy/interpretation.ts";
import type { Decision } from "../../preview/explain.ts";
import type { Fix } from "../../preview/fix.ts";
import type { PolicyOutcome } from "../../preview/verdict.ts";
import type { Check } from "../../preview/check.ts";
import type { Preview } from "../../preview/preview.ts";

export interface Step extends Check {
  decision: Decision;
}

/** The JSON and YAML form. Schema: docs/schema/session-preview.json. */
export function previewValue(preview: Preview, steps: readonly Step[], fixes: readonly Fix[]): object {
  const { session, identity, verdict, obstacles, policies, exposure } = preview;
  return {
    answer: verdict.answer,
    ...(verdict.reason === "" ? {} : { reason: verdict.reason }),
    ...(session === undefined ? {} : sessionValue(session)),
    identity: {
      ...(identity.nameless === true ? {} : { name: identity.user.name }),
      groups: identity.user.groups,
      groupsKnown: identity.groupsKnown,
      ...(identity.impliedGroups.length === 0 ? {} : { impliedGroups: identity.impliedGroups }),
    },
    obstacles: obstacles.map((obstacle) => ({ answer: obstacle.answer, reason: obstacle.reason, hint: obstacle.hint })),
    steps: steps.map(stepValue),
    ...(policies === undefined ? {} : { policies: policiesValue(policies) }),
    ...(exposure === undefined || exposure === "unknown" ? {} : { exposure }),
    fixes: fixes.map(fixValue),
  };
}

function sessionValue({ question, resolved }: NonNullable<Preview["session"]>): object {
  const { operatorVersion, assumptions, plan } = resolved;
  return {
    action: question.action,
    target: formatTarget(question.target),
    namespace: question.namespace,
    ...(question.clientVersion === undefined ? {} : { clientVersion: question.clientVersion.join(".") }),
    ...(operatorVersion === undefined ? {} : { operatorVersion }),
    copy: plan.copy,
    assumptions,
  };
}

function stepValue({ id, purpose, attributes, checkedBy, required, answer, reason, groups, decision }: Step): object {
  return {
    id,
    purpose,
    checkedBy,
    required,
    request: attributes,
    answer,
    ...(reason === "" ? {} : { reason }),
    ...(groups === undefined ? {} : { groups }),
    ...(decision.by === undefined ? {} : { decidedBy: decision.by }),
    ...(decision.nearest === undefined ? {} : { nearest: decision.nearest }),
  };
}

/** `command`: of several, all in one line. A grant's is never joined to those of policies, which stand with them. */
function fixValue({ kind, commands: access, byHand, opens, proven, objects, policies }: Fix): object {
  const commands = kind === "policy" ? (policies ?? []).flatMap(({ command }) => command ?? []) : access;
  return {
    kind,
    ...(commands.length === 0 ? {} : { command: commands.join(" && ") }),
    ...(byHand === undefined ? {} : { byHand }),
    opens,
    proven,
    ...(objects === undefined ? {} : { objects }),
    ...(policies === undefined ? {} : { policies }),
  };
}

function policiesValue({ answer, reason, unreadable, verdict }: PolicyOutcome): object {
  return {
    answer,
    ...(reason === "" ? {} : { reason }),
    unreadable,
    items: verdict.policies,
    blocks: verdict.asGiven.blocks,
    changes: verdict.asGiven.changes,
    // Operators after 3.192 are announced to let policies reach a workload through its pods and owners.
    ...(verdict.readingsDiffer ? { inherited: interpretationValue(verdict.inherited) } : {}),
    problems: verdict.problems,
    assumptions: verdict.assumptions,
  };
}

const interpretationValue = ({ answer, blocks, changes }: PolicyInterpretation) => ({ answer, blocks, changes });
