// Everything that the audit looks for, by its stable id: docs/audit-findings.md is made of this table.

import { grantRules } from "../access/grant-rules.ts";
import type { FindingRule } from "../findings/finding.ts";
import { installationRules, type InstallationRule } from "../install/installation-rules.ts";
import { lintRules } from "../mirrord/policy/lint/rules.ts";
import { edges } from "./edges.ts";

export interface AuditRule extends FindingRule {
  /** What to do, as a sentence. */
  fix: string;
}

const direct = {
  administrator: {
    severity: "note",
    summary: "Somebody beside system:masters is bound to cluster-admin.",
    explanation: "Administrators pass every check of mirrord as well, guards of grants included.",
    fix: "Nothing, if they are meant to be administrators; else take them out of the binding.",
  },
  wildcard: {
    severity: "warning",
    summary: "A wildcard includes mirrord.",
    explanation:
      "A rule with * allows what nobody thought of when it was written, and what is installed later: here it lets sessions start.",
    fix: "Name API groups, resources and verbs in the role.",
  },
  everybody: {
    severity: "error",
    summary: "A group of everybody holds a right that is not for everybody.",
    explanation:
      "system:authenticated is whoever can log in, on some providers whoever has an account there; system:serviceaccounts is every pod.",
    fix: "Bind a group of your own.",
  },
  "system-binding-changed": {
    severity: "error",
    summary: "A binding that Kubernetes installs names somebody else.",
    explanation:
      "The API server puts back at its start what is missing, and leaves what was added: nobody looks for people in these bindings.",
    fix: "Take them out, and give them a binding of their own.",
  },
  "system-role-widened": {
    severity: "error",
    summary: "A role that Kubernetes installs allows more than it comes with.",
    explanation:
      "The API server puts back at its start what such a role lacks, and leaves what was added: whoever is bound to it has that, the control plane and groups of everybody too.",
    fix: "Take the rule out, and put it into a role of your own; a note may only mean that the cluster is newer than what it was compared with.",
  },
  "aggregated-role": {
    severity: "error",
    summary: "A role with mirrord's rules is aggregated into a role of everybody.",
    explanation:
      "The label aggregate-to-view, -edit or -admin gives its rules to whoever is bound to that role anywhere, and lets administrators of a namespace hand them on.",
    fix: "Take the label off.",
  },
  "cluster-wide-sessions": {
    severity: "warning",
    summary: "Somebody may start sessions in every namespace.",
    explanation: "That includes namespaces that come later, kube-system and the operator's own.",
    fix: "Grant the namespaces that are needed: kubectl mirrord grant SUBJECT --ns NAMESPACE",
  },
  "redundant-grant": {
    severity: "note",
    summary: "A binding for one namespace adds nothing.",
    explanation: "Its subject may start sessions everywhere already; whoever revokes only one of both changes nothing.",
    fix: "Revoke one of them.",
  },
  "void-target-limit": {
    severity: "warning",
    summary: "A limit to targets is void.",
    explanation: "Another binding lets the same subject connect to every target there: RBAC only adds.",
    fix: "Revoke the other one.",
  },
  "session-deletion": {
    severity: "warning",
    summary: "A role lets everybody who holds it end the sessions of all others.",
    explanation: "RBAC cannot say whose session may be deleted, and the operator's chart gives its users both verbs.",
    fix: "Grant the role minimal: kubectl mirrord grant SUBJECT --role minimal --ns NAMESPACE",
  },
  "ci-keys": {
    severity: "note",
    summary: "A role lets its holders make CI keys.",
    explanation:
      "Every user of mirrord can make one, and a key works as long as its own certificate says, whatever becomes of the grant. RBAC does not see which kind of credential is made.",
    fix: "Revoke the cluster-wide part of grants that have ended: kubectl mirrord grant sync",
  },
  "impersonation-of-extras": {
    severity: "note",
    summary: "Somebody may set the uid or the extra fields of others.",
    explanation: "Webhooks that decide access, and some admission policies, trust them.",
    fix: "Limit the rule to the values that are meant, by resourceNames.",
  },
  "operator-secrets": {
    severity: "warning",
    summary: "Somebody may read the Secrets of the operator.",
    explanation:
      "Its licence is there, and the key of its certificate, with which others can answer in its place; with several clusters also what it logs in to them with.",
    fix: "Leave the operator's namespace out of the binding.",
  },
  "collection-labels": {
    severity: "warning",
    summary: "Others than administrators may change which collection a namespace is in.",
    explanation:
      "A grant on a collection follows the labels of namespaces: whoever changes them decides where it holds.",
    fix: "Install the guards: kubectl mirrord install --access-model.",
  },
  "dangling-binding": {
    severity: "note",
    summary: "A binding names a role that does not exist.",
    explanation: "Whoever creates a role of that name decides what its subjects may do.",
    fix: "Delete the binding, or create the role.",
  },
  "missing-account": {
    severity: "note",
    summary: "A binding names a service account that does not exist.",
    explanation: "Whoever creates an account of that name has its rights.",
    fix: "Take it out of the binding, or create the account.",
  },
  "same-name": {
    severity: "note",
    summary: "A user and a group, or accounts of two namespaces, have one name.",
    explanation: "They are strangers to each other, and easily taken for one in a list.",
    fix: "Look whether both bindings are meant.",
  },
  "look-alike": {
    severity: "warning",
    summary: "The names of two subjects look alike.",
    explanation:
      "Kubernetes compares names byte by byte: another letter case, a blank or a letter of another alphabet is somebody else.",
    fix: "Look which of them your identity provider knows, and delete the other binding.",
  },
  "operator-role-changed": {
    severity: "warning",
    summary: "A role of the operator's chart holds other rules than the chart installs.",
    explanation: "Grants bind these roles by name, so that whoever changes one changes every grant.",
    fix: "Install it again: kubectl mirrord install; see who changed it: kubectl get clusterrole NAME -o yaml --show-managed-fields.",
  },
  "wider-operator-role": {
    severity: "note",
    summary: "The operator's role for users allows more than mirrord's page on access control says.",
    explanation:
      "The chart has come to give its users more than the page lists: copies of targets, the end of everybody's sessions, profiles. Whoever decided by the page has decided about less.",
    fix: "Nothing, if that is meant; else grant the role minimal: kubectl mirrord grant SUBJECT --role minimal --ns NAMESPACE",
  },
  unmanaged: {
    severity: "warning",
    summary: "Access to mirrord that no grant gives.",
    explanation: "A binding made by hand is in no list of grants, has no end and no reason.",
    fix: "Grant it, and delete the binding.",
  },
  "privileged-pods": {
    severity: "warning",
    summary: "Users may run privileged pods, and so use mirrord without the operator.",
    explanation:
      "Without the operator mirrord makes its agent itself, past every grant and policy. Neither the secure defaults nor Pod Security keep them from it.",
    fix: "Run kubectl mirrord install --secure-defaults=enforce.",
  },
  "exception-over": {
    severity: "warning",
    summary: "An exception is over.",
    explanation: "What it was for is found again.",
    fix: "Take it out of the file, or have its owner set a new end.",
  },
  "exception-unused": {
    severity: "note",
    summary: "An exception fits nothing.",
    explanation: "What it was for is gone, or it is written in another way than the finding.",
    fix: "Take it out of the file.",
  },
} as const satisfies Record<string, AuditRule>;

/** Those of an installation that are about how safe it is, not about whether it works. */
export const hardeningRules = [
  "front-proxy-unchecked",
  "unverified-server",
  "agents-in-clear",
  "network-open",
  "pod-security",
  "operator-optional",
] as const satisfies readonly InstallationRule[];

const hardening = Object.fromEntries(
  hardeningRules.map((id): [string, AuditRule] => [
    id,
    { ...installationRules[id], fix: "Change the values of the installation: kubectl mirrord install." },
  ]),
);

const grantWhy =
  "Its objects are compared with what was granted: kubectl mirrord grant describe says what each of these words means.";

const ofGrants = Object.fromEntries(
  Object.entries(grantRules).flatMap(([id, { severity, word, fix }]): [string, AuditRule][] =>
    id === "platform-finalizer"
      ? []
      : [
          [
            `grant-${id}`,
            { severity, summary: `A grant is not as it should be: ${word}.`, explanation: grantWhy, fix },
          ],
        ],
  ),
);

// What objects a policy matches is looked at by policy lint.
const ofPolicies = Object.fromEntries(
  Object.entries(lintRules).flatMap(([id, { severity, summary, explanation }]): [string, AuditRule][] =>
    severity === "note" || id === "matches-no-object"
      ? []
      : [[`policy-${id}`, { severity, summary, explanation, fix: "See kubectl mirrord policy lint." }]],
  ),
);

/** In the order of the page. */
export const auditRules: Readonly<Record<string, AuditRule>> = {
  ...edges,
  ...direct,
  ...ofGrants,
  ...ofPolicies,
  ...hardening,
};
