// What somebody who reviews a cluster looks for, and the rules of the audit that find it: docs/audit-findings.md has it as a table.

import { lintRules } from "../../lib/mirrord/policy/lint/rules.ts";
import { auditRules, hardeningRules } from "../../lib/audit/rules.ts";

export interface AuditTopic {
  topic: string;
  rules: readonly string[];
  /** Ids of rights that one of the ways of these rules needs. */
  rights?: readonly string[];
}

const ofPolicies = Object.keys(lintRules)
  .map((id) => `policy-${id}`)
  .filter((id) => id in auditRules);

const operator = ".operator.metalbear.co";
const rbac = ".rbac.authorization.k8s.io";
const admission = ".admissionregistration.k8s.io";
const certificates = ".certificates.k8s.io";

export const auditTopics: readonly AuditTopic[] = [
  { topic: "Administrators", rules: ["administrator"] },
  { topic: "Wildcards", rules: ["wildcard"] },
  { topic: "Groups of everybody", rules: ["everybody"] },
  { topic: "What Kubernetes installs, changed", rules: ["system-binding-changed", "system-role-widened"] },
  { topic: "Aggregated roles", rules: ["aggregated-role"] },
  { topic: "Grants broader than needed", rules: ["cluster-wide-sessions", "redundant-grant", "wider-operator-role"] },
  { topic: "Limits to targets that are void", rules: ["void-target-limit"] },
  { topic: "Ending the sessions of others", rules: ["session-deletion"] },
  { topic: "CI keys", rules: ["ci-keys"] },
  {
    topic: "Ends of grants",
    rules: [
      "grant-expired-still-bound",
      "grant-expired",
      "grant-revoked-still-bound",
      "grant-unanchored",
      "grant-expiry-not-enforced",
      "grant-expiry-unknown",
      "grant-expiry-in-doubt",
    ],
  },
  { topic: "Finalizers and second owners of grants", rules: ["grant-detached"] },
  {
    topic: "Bindings that nobody manages, or that lead nowhere",
    rules: ["unmanaged", "dangling-binding", "grant-dangling", "grant-missing", "grant-unadopted"],
  },
  {
    topic: "Grants that are not what was granted",
    rules: ["grant-unreadable", "grant-namespace-anew", "grant-outdated", "operator-role-changed"],
  },
  { topic: "Missing service accounts", rules: ["missing-account"] },
  { topic: "Names that collide or look alike", rules: ["same-name", "look-alike"] },
  { topic: "Labels of collections", rules: ["collection-labels"] },
  { topic: "Policies", rules: ofPolicies },
  { topic: "How the operator is installed", rules: hardeningRules },
  { topic: "Secrets of the operator", rules: ["operator-secrets"] },
  { topic: "Privileged pods, past the operator", rules: ["privileged-pods", "operator-optional"] },
  { topic: "Exceptions", rules: ["exception-over", "exception-unused"] },
  { topic: "Sessions", rules: ["session-identity"], rights: [`proxy targets${operator}`] },
  { topic: "Copies of targets", rules: ["session-identity"], rights: [`proxy copytargets${operator}`] },
  {
    topic: "Preview environments",
    rules: ["preview-image"],
    rights: ["create previewsessions.preview.mirrord.metalbear.co"],
  },
  {
    topic: "Branch databases",
    rules: ["branch-database"],
    rights: ["create branchdatabases.dbs.mirrord.metalbear.co", "create pgbranchdatabases.dbs.mirrord.metalbear.co"],
  },
  {
    topic: "Patches of workloads",
    rules: ["workload-patch"],
    rights: ["create mirrordclusterworkloadpatchrequests.mirrord.metalbear.co"],
  },
  {
    topic: "Impersonation",
    rules: ["impersonation", "impersonation-of-groups", "impersonation-of-accounts", "node-identity"],
    rights: [
      "impersonate users",
      "impersonate groups",
      "impersonate serviceaccounts",
      "impersonate groups system:nodes",
    ],
  },
  { topic: "Impersonation of uids and extra fields", rules: ["impersonation-of-extras"] },
  { topic: "Constrained impersonation", rules: ["constrained-impersonation"] },
  {
    topic: "Constrained impersonation of nodes",
    rules: ["node-identity"],
    rights: [
      "impersonate:arbitrary-node nodes.authentication.k8s.io",
      "impersonate:associated-node nodes.authentication.k8s.io *",
    ],
  },
  { topic: "Tokens of service accounts", rules: ["token-creation"], rights: ["create serviceaccounts/token"] },
  {
    topic: "Tokens in Secrets",
    rules: ["token-secret", "stored-token"],
    rights: ["create secrets", "get secrets", "list secrets"],
  },
  { topic: "Bootstrap tokens", rules: ["bootstrap-token"], rights: ["create secrets"] },
  {
    topic: "Certificates",
    rules: ["certificate-approval"],
    rights: [
      `create certificatesigningrequests${certificates}`,
      `approve signers${certificates} kubernetes.io/kube-apiserver-client`,
    ],
  },
  {
    topic: "Certificates of nodes",
    rules: ["node-identity"],
    rights: [
      `create certificatesigningrequests/nodeclient${certificates}`,
      `approve signers${certificates} kubernetes.io/kube-apiserver-client-kubelet`,
    ],
  },
  {
    topic: "Kinds with a template of pods",
    rules: ["pod-creation"],
    rights: [
      "create pods",
      "create replicationcontrollers",
      "create deployments.apps",
      "create daemonsets.apps",
      "create statefulsets.apps",
      "create replicasets.apps",
      "create jobs.batch",
      "create cronjobs.batch",
      "create rollouts.argoproj.io",
    ],
  },
  {
    topic: "Entering pods",
    rules: ["pod-entry"],
    rights: ["create pods/exec", "create pods/attach", "patch pods/ephemeralcontainers"],
  },
  { topic: "Nodes", rules: ["node-proxy"], rights: ["get nodes/proxy"] },
  { topic: "Binding roles", rules: ["bind"], rights: [`bind clusterroles${rbac}`, `bind roles${rbac}`] },
  { topic: "Writing roles", rules: ["escalate"], rights: [`escalate clusterroles${rbac}`, `escalate roles${rbac}`] },
  { topic: "Aggregation", rules: ["aggregation"], rights: [`create clusterroles${rbac}`] },
  {
    topic: "Webhooks",
    rules: ["mutating-admission", "validating-webhook"],
    rights: [`create mutatingwebhookconfigurations${admission}`, `create validatingwebhookconfigurations${admission}`],
  },
  {
    topic: "Admission policies",
    rules: ["mutating-admission", "guards-removable"],
    rights: [`patch mutatingadmissionpolicies${admission}`, `delete validatingadmissionpolicies${admission}`],
  },
  { topic: "APIServices", rules: ["api-service"], rights: ["patch apiservices.apiregistration.k8s.io"] },
  {
    topic: "Definitions and their conversion",
    rules: ["definition-change"],
    rights: ["patch customresourcedefinitions.apiextensions.k8s.io"],
  },
  {
    topic: "Services, EndpointSlices and pods of the operator",
    rules: ["operator-network"],
    rights: ["patch services", "create endpointslices.discovery.k8s.io", "patch pods/status"],
  },
  {
    topic: "Whom the operator takes for the API server",
    rules: ["front-proxy"],
    rights: ["patch configmaps extension-apiserver-authentication"],
  },
  { topic: "aws-auth", rules: ["aws-auth"], rights: ["patch configmaps aws-auth"] },
];

/** Those that a rule answers. */
export const ruleTopics = (rule: string): string[] =>
  auditTopics.filter(({ rules }) => rules.includes(rule)).map(({ topic }) => topic);
