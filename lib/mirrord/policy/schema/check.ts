import type { ResourceType } from "../../../kubernetes/object.ts";
import type { StructuralSchema } from "./crds.ts";
import { schemaFaults } from "./schema.ts";
import { blockableFeatures, readPolicy, type MirrordPolicy } from "../spec.ts";
import { policyExpressions } from "../lint/expressions.ts";

/** Something that keeps a policy from being stored, or from doing what it says. */
export interface PolicyFault {
  path: string;
  problem: string;
  /** A warning: the policy can be stored and may well work, but we cannot tell. */
  severity: "error" | "warning";
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
    return [{ path: field, problem, severity: unread.has(field) ? "warning" : "error", found: "value" }];
  });
  return [...bySchema, ...byValue, ...(isReported("spec.block") ? [] : newFeatures(policy))];
}

/** `spec.block[0]` and `spec.block.x` are below `spec.block`. */
function isAtOrBelow(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(`${ancestor}.`) || path.startsWith(`${ancestor}[`);
}

// The installed definition is newer than we are: the server takes it, and nobody here knows what it blocks.
function newFeatures(policy: MirrordPolicy): PolicyFault[] {
  const known: readonly string[] = blockableFeatures;
  return [...readPolicy(policy).block].flatMap((feature): PolicyFault[] => {
    if (known.includes(feature)) return [];
    const problem = `${JSON.stringify(feature)} is newer than this program: it is stored, but left out of previews`;
    return [{ path: "spec.block", problem, severity: "warning", found: "value" }];
  });
}
