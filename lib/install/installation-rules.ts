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
  "right-refused": {
    severity: "error",
    summary: "The API server refuses a right that a role gives.",
    explanation:
      "The role says so, and the API server does not: the binding is gone, or another authorizer decides. What needs the right fails.",
  },
  "right-too-many": {
    severity: "error",
    summary: "The operator's account could make itself an administrator.",
    explanation:
      "The operator needs to impersonate nobody and to grant nothing; whoever reaches its pod would have it.",
  },
  "agent-refused": {
    severity: "error",
    summary: "The operator may not make its agents.",
    explanation:
      "An agent needs NET_ADMIN, SYS_PTRACE and SYS_ADMIN. Pod Security, an admission policy or a quota that refuses them keeps every session from starting.",
  },
  "policy-admits": {
    severity: "error",
    summary: "Something was let through that an admission policy is to refuse.",
    explanation: "Tried as a real user without administrator's rights, in a dry run: nothing was stored.",
  },
  "policy-changed": {
    severity: "error",
    summary: "An admission policy or its binding is missing, or is not as it was installed.",
    explanation: "Whoever may edit a policy can let anything through.",
  },
  "policy-unsound": {
    severity: "error",
    summary: "The API server's type check objects to an admission policy.",
    explanation: "An expression that cannot be evaluated refuses everything, or what it should not.",
  },
  "policy-audits": {
    severity: "warning",
    summary: "An admission policy only warns.",
    explanation: "What it is about is let through, with a warning and an entry in the audit log.",
  },
  "policy-untried": {
    severity: "note",
    summary: "An admission policy was compared, and not tried.",
    explanation:
      "A refusal proves something only where RBAC lets a real user through who is no administrator, and where you may impersonate one.",
  },
  "operator-optional": {
    severity: "warning",
    summary: "Whoever may make privileged pods can use mirrord without the operator, past every policy.",
    explanation:
      "Without the operator, mirrord makes its agent itself. Only admission keeps users from that; `operator: true` in a configuration does not.",
  },
  "agents-in-clear": {
    severity: "warning",
    summary: "The connections between operator and agents are not encrypted.",
    explanation: "Stolen and mirrored traffic goes through them.",
  },
  "unverified-server": {
    severity: "warning",
    summary: "The API server does not check the operator's certificate.",
    explanation: "Whoever can answer in the operator's place sees credentials and traffic.",
  },
  "front-proxy-unchecked": {
    severity: "error",
    summary: "The operator takes requests that do not come from the API server.",
    explanation: "Whoever reaches its port from inside the cluster can say to be anybody.",
  },
  "operator-namespace-open": {
    severity: "warning",
    summary: "Others than administrators may read Secrets, or make or enter pods, in the operator's namespace.",
    explanation: "There are the licence, certificates, and an account with rights on every workload.",
  },
  "network-open": {
    severity: "warning",
    summary: "No NetworkPolicy limits who reaches the operator and its agents.",
    explanation:
      "Where agents are ephemeral containers they share the network of their targets, and no policy is for them alone.",
  },
  "pod-security": {
    severity: "warning",
    summary: "Namespaces take privileged pods.",
    explanation:
      "Pod Security admission at baseline, everywhere but in the operator's namespace, keeps users from making agents by themselves.",
  },
  "data-leaves": {
    severity: "note",
    summary: "The operator sends something out of the cluster.",
    explanation:
      "Read from the Deployment that is stored, and from its settings: what is not among these findings is off. install --show-egress says the same of values, before they are installed.",
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
