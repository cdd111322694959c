import { formatSubject, type GrantSubject } from "../access/subject.ts";
import type { Finding } from "../findings/finding.ts";
import type { RbacRef } from "../rbac/types.ts";
import { idInName } from "../access/stored.ts";
import { shellCommand } from "../text/shell-quote.ts";
import { auditRules } from "./rules.ts";

/** One step of a path, in words: who somebody is then, and how. */
export interface ShownStep {
  /** Empty where the step itself leads to the end of the path. */
  becomes: string;
  by: string;
  namespace?: string;
  binding: RbacRef;
  role: RbacRef;
}

/** A finding of the audit. Its subject is the object to change. */
export interface AuditFinding extends Finding {
  /** The name of its context, in a report about several clusters. */
  cluster?: string;
  /** Whom it is about, as subjects are written; empty where it is about an object alone. */
  who: string[];
  /** Shortest first among findings of one severity. */
  path?: ShownStep[];
  /** What the path leads to, in words; only with a path. */
  leadsTo?: string;
  /** What shows it, beside the subject: bindings and roles. */
  evidence: RbacRef[];
}

interface Found {
  message: string;
  subject: Finding["subject"];
  who?: readonly GrantSubject[];
  severity?: Finding["severity"];
  fix?: string;
  evidence?: readonly RbacRef[];
  path?: ShownStep[];
  leadsTo?: string;
}

/** With the severity and the fix of its rule, unless others are given. Whom it is about is told once each, in order. */
export function auditFinding(rule: string, { who = [], evidence = [], severity, fix, ...found }: Found): AuditFinding {
  const known = auditRules[rule];
  if (known === undefined) throw new Error(`there is no rule ${rule}`);
  const names = [...new Set(who.map(formatSubject))].toSorted();
  const remedy = withCommand(fix ?? known.fix, found.subject);
  return {
    rule,
    severity: severity ?? known.severity,
    ...found,
    fix: remedy,
    who: names,
    evidence: distinct(evidence),
  };
}

/** A binding is changed by kubectl, or, where a grant made it, by revoking that; a fix that has a command already keeps it. */
function withCommand(fix: string, { kind, name, namespace }: Finding["subject"]): string {
  if (fix.includes("kubectl ") || !kind.endsWith("Binding")) return fix;
  const grant = idInName(name);
  const place = namespace === undefined ? [] : ["-n", namespace];
  const words =
    grant === undefined
      ? ["kubectl", "edit", kind.toLowerCase(), name, ...place]
      : ["kubectl", "mirrord", "grant", "revoke", grant];
  return `${fix} Change it: ${shellCommand(words)}`;
}

function distinct(references: readonly RbacRef[]): RbacRef[] {
  return [...new Map(references.map((one) => [`${one.kind}/${one.namespace}/${one.name}`, one])).values()];
}

const NAMED = 3;

/** `jim`, `jim and ana`, `jim, ana, sa:ci/runner and 4 more`. */
export function someOf(names: readonly string[]): string {
  if (names.length <= NAMED)
    return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  return `${names.slice(0, NAMED).join(", ")} and ${names.length - NAMED} more`;
}
