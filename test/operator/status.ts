/** A Kubernetes `Status` object, as API servers answer refusals. */
export interface Status {
  kind: "Status";
  apiVersion: "v1";
  metadata: Record<string, never>;
  status: "Success" | "Failure";
  message: string;
  reason: string;
  details?: { name?: string; group?: string; kind?: string };
  code: number;
}

/** Thrown anywhere in the stand-in to answer a request with a Status instead of what it asked for. */
export class Refusal extends Error {
  readonly status: Status;

  constructor(code: number, reason: string, message: string, details?: Status["details"]) {
    super(message);
    this.name = "Refusal";
    this.status = failure(code, reason, message, details);
  }
}

export const operatorGroup = "operator.metalbear.co";

export function failure(code: number, reason: string, message: string, details?: Status["details"]): Status {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  };
}

export function success(message: string): Status {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    message,
    reason: "",
    code: 200,
  };
}

export function badRequest(message: string): Refusal {
  return new Refusal(400, "BadRequest", message);
}

export function forbidden(message: string, details?: Status["details"]): Refusal {
  return new Refusal(403, "Forbidden", message, details);
}

export function notFound(resource: string, name: string, group = operatorGroup): Refusal {
  const qualified = group === "" ? resource : `${resource}.${group}`;
  return new Refusal(404, "NotFound", `${qualified} ${JSON.stringify(name)} not found`, {
    name,
    ...(group === "" ? {} : { group }),
    kind: resource,
  });
}

export function methodNotAllowed(): Refusal {
  return new Refusal(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
}

/** @param problem such as `spec.csr: Invalid value: …` */
export function invalid(kind: string, name: string, problem: string): Refusal {
  return new Refusal(422, "Invalid", `${kind}.${operatorGroup} ${JSON.stringify(name)} is invalid: ${problem}`, {
    name,
    group: operatorGroup,
    kind,
  });
}

export function tooMany(what: string): Refusal {
  return new Refusal(429, "TooManyRequests", `the stand-in holds no more than ${what}`);
}
