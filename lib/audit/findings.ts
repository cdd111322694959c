import { mostSevereFirst } from "../findings/finding.ts";
import { accessFindings, type AccessFacts } from "./access-findings.ts";
import { rights } from "./edges/rights.ts";
import type { AuditFinding } from "./finding.ts";
import { objectFindings, type ObjectFacts } from "./object-findings.ts";
import { pathFindings } from "./path-findings.ts";
import { accessPaths } from "./paths.ts";
import { heldRights } from "./rights.ts";
import { stateFindings, type StateFacts } from "./state-findings.ts";

export type AuditFacts = AccessFacts & ObjectFacts & StateFacts;

/**
 * Everything that is wrong, most severe first; paths before the rest, shortest first. Pure; equal input, equal output. `held` is who
 * has which rights, which it is found in.
 */
export function auditFindings(facts: AuditFacts): {
  findings: AuditFinding[];
  errors: string[];
  held: ReturnType<typeof heldRights>;
} {
  const held = heldRights(facts.rbac, rights);
  const findings = [
    ...pathFindings(accessPaths(facts, held)),
    ...accessFindings(facts, held),
    ...objectFindings(facts, held),
    ...stateFindings(facts, held),
  ];
  return { findings: mostSevereFirst(findings), errors: held.errors, held };
}
