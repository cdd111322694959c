import type { ResourceType } from "../../../kubernetes/object.ts";
import type { StructuralSchema } from "./crds.ts";
import { schemaFaults } from "./schema.ts";
import { DROPPED_NAMESPACE, readPolicy, type MirrordPolicy } from "../spec.ts";
import { policyExpressions } from "../lint/expressions.ts";

/** Something that keeps a policy from being stored, or from doing what it says. */
export interface PolicyFault {
  path: string;
  problem: string;
  /** A warning: the policy can be stored and may well work, but we cannot tell. A note: it is stored, and does what it says. */
  severity: "error" | "warning" | "note";
  /** Who objects: the server by its schema, or the operator, which reads the values. */
  found: "schema" | "value";
}

/**
 * All that can be known about one policy before the server sees it: what its schema refuses or drops, and values that the
 * operator could not read (regular expressions, address ranges, selectors). Empty: nothing is wrong.
 */
export function policyFaults(policy: MirrordPolicy, type: ResourceType, schema: StructuralSchema): PolicyFault[] {
  const bySchema = schemaFaults(policy, type, schema).map(({ path, problem }): PolicyFault => ({
    path,
    problem,
    severity: "error",
    found: "schema",
  }));
  const spec = readPolicy(policy);
  const isReported = (path: string) => bySchema.some((fault) => isAtOrBelow(fault.path, path));
  const unread = new Set(policyExpressions(spec).flatMap(({ path, state }) => (state === "unsupported" ? [path] : [])));
  const byValue = spec.problems.flatMap(({ field, problem }): PolicyFault[] => {
    if (field === "spec.block" || isReported(field)) return [];
    const severity = problem === DROPPED_NAMESPACE ? "note" : unread.has(field) ? "warning" : "error";
    return [{ path: field, problem, severity, found: "value" }];
  });
  return [...bySchema, ...byValue, ...newFields(policy, isReported)];
}

/** `spec.block[0]` and `spec.block.x` are below `spec.block`. */
function isAtOrBelow(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(`${ancestor}.`) || path.startsWith(`${ancestor}[`);
}

// The installed definition is newer than we are: the server takes it, and nobody here knows what it does.
function newFields(policy: MirrordPolicy, isReported: (path: string) => boolean): PolicyFault[] {
  return readPolicy(policy).unknown.flatMap((field): PolicyFault[] => {
    const [path = "", feature] = field.split(": ");
    if (isReported(path)) return [];
    const what = feature === undefined ? "" : `${JSON.stringify(feature)} `;
    const problem = `${what}is newer than this program: it is stored, and previews say unknown`;
    return [{ path, problem, severity: "warning", found: "value" }];
  });
}
