import type { AccessAttributes } from "../../kubernetes/access.ts";

/** A request to a resource, in the form in which rules are compared with it. Every field is a string. */
export interface ResourceQuestion {
  verb: string;
  apiGroup: string;
  /** `pods` or `pods/log`. */
  resource: string;
  subresource: string;
  /** What a rule for this subresource of any resource says, or "" without a subresource. */
  anyWithSubresource: string;
  name: string;
  /** "" is the cluster scope: only ClusterRoleBindings count. */
  namespace: string;
}

export interface PathQuestion {
  verb: string;
  path: string;
}

export type Question = ResourceQuestion | PathQuestion;

export const isPathQuestion = (question: Question): question is PathQuestion => "path" in question;

/**
 * Nothing is split, expanded or normalised: `pods/log` as a resource without subresource stays what it is, as in a
 * SubjectAccessReview. Source: authorizer.Attributes and evaluation_helpers.go.
 */
export function toQuestion(request: AccessAttributes): Question {
  if ("path" in request && typeof request.path === "string") return { verb: request.verb, path: request.path };
  if (!("resource" in request)) return { verb: request.verb, path: "" };
  const subresource = request.subresource ?? "";
  const split = subresource !== "";
  return {
    verb: request.verb,
    apiGroup: request.apiGroup,
    resource: split ? `${request.resource}/${subresource}` : request.resource,
    subresource,
    anyWithSubresource: split ? `*/${subresource}` : "",
    name: request.name ?? "",
    namespace: request.namespace ?? "",
  };
}
