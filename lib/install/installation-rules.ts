import type { Finding, FindingRule } from "../findings/finding.ts";

/** Everything that is looked for in an installation, by its stable id. */
export const installationRules = {
  "not-installed": {
    severity: "error",
    summary: "There is no operator.",
    explanation: "Nothing of mirrord for Teams answers in this cluster, so no session can start.",
  },
  "api-service-down": {
    severity: "error",
    summary: "The operator's APIService is not available.",
    explanation:
      "No session can start, and while it is registered and down no namespace of the cluster can be deleted: before that, the API server has to list what every API holds of it.",
  },
  "operator-silent": {
    severity: "error",
    summary: "The operator does not answer as it should.",
    explanation: "Its API is available, but what every client reads first is not.",
  },
  "not-ready": {
    severity: "error",
    summary: "Not all pods of the operator are ready.",
    explanation: "Sessions go through the one that leads; without one none can start.",
  },
  "license-over": {
    severity: "error",
    summary: "The licence is over.",
    explanation: "Clients refuse an operator whose licence is over.",
  },
  "license-ends": {
    severity: "warning",
    summary: "The licence ends within two weeks.",
    explanation: "Clients refuse an operator whose licence is over.",
  },
  "definition-missing": {
    severity: "error",
    summary: "A definition that the operator needs is not served.",
    explanation: "The operator keeps its state and its settings in objects of its own kinds.",
  },
  "definition-older": {
    severity: "warning",
    summary: "A definition lacks fields.",
    explanation: "The API server drops a field that the definition does not have, without a word.",
  },
  "definition-stored": {
    severity: "warning",
    summary: "Objects are stored in an old version of a definition.",
    explanation: "As long as they are, the version cannot be taken out of the definition.",
  },
  "role-missing": {
    severity: "error",
    summary: "A role that grants bind is not there.",
    explanation: "A grant binds the operator's roles by name and gives nothing without them.",
  },
  "role-lacks": {
    severity: "error",
    summary: "A role lacks rules that it is installed with.",
    explanation: "What needs them fails, at the step that needs them.",
  },
  "role-adds": {
    severity: "warning",
    summary: "A role holds rules that it is not installed with.",
    explanation: "Whoever may edit a role changes what everybody holds who is bound to it.",
  },
} as const satisfies Record<string, FindingRule>;

export type InstallationRule = keyof typeof installationRules;

export type InstallationFinding = Finding<InstallationRule>;

/** The finding with the severity of its rule. */
export function finding(
  rule: InstallationRule,
  subject: InstallationFinding["subject"],
  message: string,
  fix: string,
): InstallationFinding {
  return { rule, severity: installationRules[rule].severity, subject, message, fix };
}
