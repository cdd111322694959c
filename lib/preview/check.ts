import type { Answer } from "../kubernetes/access.ts";
import type { SessionRequest } from "../mirrord/plan/session-request.ts";

/** One request of the session with its answer. */
export interface Check extends SessionRequest {
  answer: Answer;
  /** In the API server's words where it gave any. */
  reason: string;
  /** Groups that are allowed, when the identity is not but its groups were not given. */
  groups?: string[];
}
