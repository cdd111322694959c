// What the operator and its users may do according to their roles, as questions to the API server.

import type { AccessAttributes, Answer, UserInfo } from "../../kubernetes/access.ts";
import type { ObjectReference } from "../../kubernetes/object.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";
import { uncovered } from "../../rbac/covers.ts";
import type { PolicyRule } from "../../rbac/types.ts";
import { finding, type InstallationFinding } from "../installation-rules.ts";

/** One role, and somebody who has to hold what it says. */
export interface RightsCheck {
  role: ObjectReference;
  user: UserInfo;
  questions: AccessAttributes[];
}

/** A question for each right that the rules give. @param namespace "" for the whole cluster */
export function rightQuestions(rules: readonly PolicyRule[], namespace: string): AccessAttributes[] {
  return uncovered([], rules).map(({ apiGroups, resources, verbs, resourceNames }) => {
    const [resource = "", subresource] = (resources?.[0] ?? "").split("/");
    const [name] = resourceNames ?? [];
    return {
      verb: verbs[0] ?? "",
      apiGroup: apiGroups?.[0] ?? "",
      resource,
      namespace,
      ...(subresource === undefined ? {} : { subresource }),
      ...(name === undefined ? {} : { name }),
    };
  });
}

/** By any of these the operator could become an administrator. */
export const escalations: readonly AccessAttributes[] = [
  { verb: "impersonate", apiGroup: "", resource: "users" },
  { verb: "escalate", apiGroup: RBAC_GROUP, resource: "clusterroles" },
  { verb: "bind", apiGroup: RBAC_GROUP, resource: "clusterroles" },
  { verb: "create", apiGroup: RBAC_GROUP, resource: "clusterrolebindings" },
  { verb: "*", apiGroup: "*", resource: "*" },
];

const REFUSED_NAMED = 3;

/** What the API server refuses of a role. */
export function refusedRights(
  { role, user, questions }: RightsCheck,
  answers: readonly Answer[],
): InstallationFinding[] {
  const refused = questions.filter((_, at) => answers[at] === "no");
  if (refused.length === 0) return [];
  const more = refused.length > REFUSED_NAMED ? ` and ${refused.length - REFUSED_NAMED} more` : "";
  const named = refused.slice(0, REFUSED_NAMED).map(questionText).join(", ");
  const fix = "Run kubectl mirrord install, which writes roles and bindings anew.";
  return [finding("right-refused", role, `${user.name} may not ${named}${more}.`, fix)];
}

/** @param answers to `escalations` */
export function tooManyRights(account: ObjectReference, answers: readonly Answer[]): InstallationFinding[] {
  const held = escalations.filter((_, at) => answers[at] === "yes").map(questionText);
  if (held.length === 0) return [];
  const fix = "See through what: kubectl get clusterrolebindings -o wide. The chart gives it nothing of the kind.";
  return [finding("right-too-many", account, `It may ${held.join(", ")}.`, fix)];
}

/** `get pods/log`. */
function questionText(question: AccessAttributes): string {
  if ("path" in question) return `${question.verb} ${question.path}`;
  const { verb, resource, subresource, name } = question;
  return `${verb} ${resource}${subresource === undefined ? "" : `/${subresource}`}${name === undefined ? "" : ` ${name}`}`;
}
