import type { World } from "../../cli/world.ts";
import { usageError } from "../../errors.ts";
import { referenceText, type ResourceType } from "../../kubernetes/object.ts";
import { builtInSchema, policyTypes } from "../../mirrord/policy/schema/crds.ts";
import { policyFaults } from "../../mirrord/policy/schema/check.ts";
import { readPolicy } from "../../mirrord/policy/spec.ts";
import type { FilePolicy } from "./files.ts";
import type { InstalledSchemas } from "../../reading/policy-schemas.ts";

/** As many lines of faults as anybody reads. */
const MAX_LINES = 20;

export function policyType({ kind }: { kind: unknown }): ResourceType {
  const type = policyTypes.find((one) => one.kind === kind);
  if (type === undefined) throw new Error(`${String(kind)} is no policy`);
  return type;
}

/**
 * Everything that is wrong with the policies, before anything is sent. Throws UserError "usage" with a line for each fault; what
 * only may be wrong is a warning.
 */
export function checkPolicies(policies: readonly FilePolicy[], { schemas }: InstalledSchemas, world: World): void {
  const lines: string[] = [];
  const seen = new Set<string>();
  for (const { policy, file, line } of policies) {
    const type = policyType(policy);
    const name = referenceText(readPolicy(policy).ref);
    const start = file === "" ? name : `${file}, line ${line}: ${name}`;
    if (seen.has(name)) lines.push(`${start}: is there twice`);
    seen.add(name);
    for (const { path, problem, severity } of policyFaults(policy, type, schemas.get(type.kind) ?? builtInSchema)) {
      const text = `${start}: ${path}: ${problem}`;
      if (severity === "error") lines.push(text);
      else if (severity === "note") world.note(`Note: ${text}`);
      else world.warn(text);
    }
  }
  if (lines.length === 0) return;
  const more = lines.length - MAX_LINES;
  throw usageError([...lines.slice(0, MAX_LINES), ...(more > 0 ? [`and ${more} more`] : [])], "Nothing was written.");
}
