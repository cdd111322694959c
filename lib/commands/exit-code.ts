import type { Answer } from "../kubernetes/access.ts";

/** Of a command whose result is one answer. */
export const answerExitCodes: Record<Answer, number> = { yes: 0, no: 1, unknown: 3 };
