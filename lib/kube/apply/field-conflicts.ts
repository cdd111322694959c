import { listIn, objectIn, textIn } from "../../json.ts";
import { ApiError, isConflict } from "../../kubernetes/api-error.ts";

/** Who manages what an apply would change, by the server's refusal. Source: apimachinery Status, reason FieldManagerConflict. */
export function fieldConflicts(error: unknown): { manager: string; field: string }[] {
  if (!isConflict(error) || !(error instanceof ApiError)) return [];
  return listIn(error.details["causes"])
    .map(objectIn)
    .filter(({ reason }) => reason === "FieldManagerConflict")
    .map(({ message, field }) => ({
      manager: /^[^"]*"((?:[^"\\]|\\.)*)"/.exec(textIn(message))?.[1] ?? textIn(message),
      field: textIn(field),
    }));
}
