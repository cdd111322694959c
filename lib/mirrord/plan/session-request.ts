import type { AccessAttributes, ResourceAttributes } from "../../kubernetes/access.ts";
import { OPERATOR_GROUP } from "../resources.ts";

/** Who decides: the API server's RBAC, or the operator, which asks the API server once more about the native object. */
export type CheckedBy = "api-server" | "operator";

/** One request of a session, in the order in which the client sends them. */
export interface SessionRequest {
  /** Stable name of the step, for output and tests. */
  id: string;
  /** What the step is for, as the second half of "the session needs to …". */
  purpose: string;
  attributes: AccessAttributes;
  checkedBy: CheckedBy;
  /** False when the client goes on without it. */
  required: boolean;
}

/** A step that the API server decides and the session needs, unless `more` says otherwise. */
export const needs = (
  id: string,
  purpose: string,
  attributes: AccessAttributes,
  more: Partial<Pick<SessionRequest, "checkedBy" | "required">> = {},
): SessionRequest => ({
  id,
  purpose,
  attributes,
  checkedBy: "api-server",
  required: true,
  ...more,
});

/** Attributes of a request to the operator's own API. */
export const operatorResource = (
  verb: string,
  resource: string,
  more: Partial<ResourceAttributes> = {},
): ResourceAttributes => ({
  verb,
  apiGroup: OPERATOR_GROUP,
  resource,
  ...more,
});
