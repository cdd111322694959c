// The facts of a cluster in which nothing is wrong; each test changes what it is about.
import { rights } from "../../lib/audit/edges/rights.ts";
import type { AuditFacts } from "../../lib/audit/findings.ts";
import { heldRights } from "../../lib/audit/rights.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { AuditFinding } from "../../lib/audit/finding.ts";

export const auditFacts = (rbac: readonly KubernetesObject[], more: Partial<AuditFacts> = {}): AuditFacts => ({
  rbac,
  operator: { namespace: "mirrord", name: "mirrord-operator" },
  accounts: [],
  pods: [],
  tokens: [],
  awsAuth: false,
  guarded: true,
  openCollections: [],
  existingAccounts: undefined,
  unreadable: [],
  grants: [],
  policies: [],
  hardening: [],
  openNamespaces: [],
  ...more,
});

export const held = ({ rbac }: Pick<AuditFacts, "rbac">) => heldRights(rbac, rights);

/** `error rule Kind ns/name: message`. */
export const findingText = ({ severity, rule, subject, message }: AuditFinding): string =>
  `${severity} ${rule} ${subject.kind} ${subject.namespace === undefined ? "" : `${subject.namespace}/`}${subject.name}: ${message}`;
