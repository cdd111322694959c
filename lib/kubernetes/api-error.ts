// What a server or the way to it says when it fails, in kubectl's words (kubectl pkg/cmd/util/helpers.go checkErr).

import { UserError, type FailureKind } from "../errors.ts";
import { isJsonObject, listIn, objectIn, textIn, type JsonObject } from "../json.ts";

/** Enough of a body that is no Status to recognise a proxy's error page. */
const MAX_RAW_TEXT = 400;

/** An answer that is a failure. The message and hint are for the user; the fields are for the program. */
export class ApiError extends UserError {
  /** HTTP status. */
  readonly status: number;
  /** Status.reason: Forbidden, NotFound, AlreadyExists, Conflict, Invalid, Expired … or "". */
  readonly reason: string;
  /** Status.message, or the start of whatever else came. */
  readonly detail: string;
  /** Status.details. */
  readonly details: JsonObject;
  /** Status.metadata.continue, with which an expired list can go on, inconsistently. */
  readonly continueToken: string;

  constructor(kind: FailureKind, status: number, body: string) {
    const parsed = statusIn(body);
    const reason = textIn(parsed?.["reason"]);
    const detail = parsed === undefined ? rawText(status, body) : textIn(parsed["message"]);
    const details = objectIn(parsed?.["details"]);
    super(kind, describe(status, reason, detail, details), hintFor(status, reason, detail));
    this.name = "ApiError";
    this.status = status;
    this.reason = reason;
    this.detail = detail;
    this.details = details;
    this.continueToken = textIn(objectIn(parsed?.["metadata"])["continue"]);
  }
}

/** An answer came, and it was none: garbage from the server or from something in between. */
export class UnreadableAnswer extends UserError {
  constructor(message: string, hint: string | readonly string[] = [], options?: ErrorOptions) {
    super("undetermined", message, hint, options);
    this.name = "UnreadableAnswer";
  }
}

/** A failed read is an unanswered question; a failed write was refused. Exit codes differ. */
export function apiError(method: string, status: number, body: string): ApiError {
  if (status === 401) return new ApiError("undetermined", status, body);
  if (method !== "GET") return new ApiError("refused", status, body);
  return new ApiError(status === 400 ? "usage" : "undetermined", status, body);
}

function statusIn(body: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (!isJsonObject(value)) return undefined;
    // A request that took too long is answered by a filter that leaves the kind out.
    const isStatus = value["kind"] === "Status" || (value["status"] === "Failure" && textIn(value["message"]) !== "");
    return isStatus ? value : undefined;
  } catch {
    return undefined;
  }
}

function rawText(status: number, body: string): string {
  const text = body.trim();
  if (text === "") return `the server answered ${status} and nothing else`;
  return text.length > MAX_RAW_TEXT ? `${text.slice(0, MAX_RAW_TEXT)}…` : text;
}

function describe(status: number, reason: string, detail: string, details: JsonObject): string[] {
  if (reason === "Invalid") return describeInvalid(detail, details);
  if (status === 401) return serverLines(`You must be logged in to the server (${detail})`);
  return serverLines(reason === "" ? `Error from server: ${detail}` : `Error from server (${reason}): ${detail}`);
}

/** A server's text may have several lines; those behind the first are set in, so that none passes for one of ours. */
export function serverLines(text: string): string[] {
  return text.split(/\r?\n/).map((line, at) => (at === 0 ? line : `  ${line}`));
}

function describeInvalid(detail: string, details: JsonObject): string[] {
  const kind = textIn(details["kind"]);
  const name = textIn(details["name"]);
  const causes = new Set(listIn(details["causes"]).map(objectIn).map(causeText));
  const named = kind !== "" || name !== "";
  const start = named ? `The ${kind} "${name}" is invalid` : "The request is invalid";
  if (causes.size === 0) return serverLines(named || detail === "" ? start : `${start}: ${detail}`);
  return causes.size === 1
    ? serverLines(`${start}: ${[...causes].join()}`)
    : [`${start}: `, ...[...causes].flatMap((cause) => serverLines(`* ${cause}`))];
}

function causeText(cause: JsonObject): string {
  return `${textIn(cause["field"])}: ${textIn(cause["message"])}`;
}

function hintFor(status: number, reason: string, detail: string): string | string[] {
  if (status === 401)
    return "The credentials of this context are missing, wrong or expired. Log in again, then try: kubectl auth whoami";
  if (status === 403) return "To see what you may do: kubectl auth can-i --list";
  if (status === 409 && detail.includes("conflict"))
    return "Somebody else manages these fields, or changed the object at the same time. Look at it, then run the command again";
  if (status === 429 || reason === "ServiceUnavailable") return "The server is busy. Try again in a moment";
  if (detail.includes("HTTP request to an HTTPS server"))
    return "The server's address in the kubeconfig should begin with https://";
  return [];
}

const hasStatus =
  (status: number, reason: string) =>
  (error: unknown): error is ApiError =>
    error instanceof ApiError && error.status === status && (reason === "" || error.reason === reason);

export const isNotFound = hasStatus(404, "");
export const isForbidden = hasStatus(403, "");
export const isConflict = hasStatus(409, "Conflict");
export const isAlreadyExists = hasStatus(409, "AlreadyExists");
/** A continue token or a resourceVersion that is too old. */
export const isGone = hasStatus(410, "");

/** The HTTP status of an error of the API server; undefined for anything else. */
export function httpStatus(error: unknown): number | undefined {
  return error instanceof ApiError ? error.status : undefined;
}
