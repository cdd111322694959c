import type { FindingRule } from "../../../findings/finding.ts";

/** Every trap that is looked for, by its stable id. Source: operator contract, section 7. */
export const lintRules = {
  "not-in-definition": {
    severity: "error",
    summary: "A field or value is not in the installed definition.",
    explanation:
      "The API server drops a field that the installed definition does not have, without a word, and refuses an unknown value. The policy would be stored without its teeth.",
  },
  "invalid-value": {
    severity: "error",
    summary: "A value cannot be read by the operator.",
    explanation:
      "The schema takes any string; the operator reads regular expressions in Rust's dialect (no look-around, no back-references), address ranges and label selectors. What it cannot read does not limit anything for certain.",
  },
  "unchecked-value": {
    severity: "warning",
    summary: "A field or value could not be judged.",
    explanation:
      "It may well be valid, but what it does cannot be predicted here, or is newer than this program: previews say unknown.",
  },
  "namespace-cleared": {
    severity: "note",
    summary: "A cluster policy has a namespace.",
    explanation:
      "The API server clears the namespace of what is cluster-scoped; the policy applies in every namespace.",
  },
  "target-path-spelling": {
    severity: "error",
    summary: "The target path is spelled as no target ever is.",
    explanation:
      "The operator compares targetPath with <type>/<name>[/container/<container>], where the type is deploy, pod, rollout, statefulset, replicaset, job, cronjob, service or label, or with targetless. A policy for deployment/x never matches.",
  },
  "target-path-container": {
    severity: "warning",
    summary: "The target path leaves out sessions that name a container, or those that do not.",
    explanation:
      "The path ends in /container/<container> exactly when the user named a container: deploy/x does not match deploy/x/container/app.",
  },
  "target-path-prefix": {
    severity: "note",
    summary: "The target path also matches names that only begin alike.",
    explanation: "deploy/x* is meant to reach containers of deploy/x, and reaches deploy/x-1 as well.",
  },
  "walk-around": {
    severity: "warning",
    summary: "The workload can be targeted in another way that the policy does not match.",
    explanation:
      "Operators up to 3.192 compare a policy with the target as the user gave it: a policy on a deployment does not bind who targets its pod, replica set, service or labels.",
  },
  "copy-target": {
    severity: "warning",
    summary: "A copy of the target escapes the policy.",
    explanation:
      "Unless appliesToCopyTargets is true, a policy is skipped for sessions on a copy of the target; only copy-target-scale-down holds regardless.",
  },
  "regex-everything": {
    severity: "warning",
    summary: "A regular expression matches everything.",
    explanation:
      "An expression may match anywhere in the text. One that matches every text limits nothing, or everything.",
  },
  "regex-nothing": {
    severity: "error",
    summary: "A regular expression can never match.",
    explanation: "What it is compared with can never look like that, so it limits nothing, or allows nothing.",
  },
  "matches-no-object": {
    severity: "warning",
    summary: "The policy matches no object that exists now.",
    explanation: "The selectors are compared with the labels of the target itself (workload or pod) and with its path.",
  },
  "unknown-profile": {
    severity: "warning",
    summary: "The allowlist names a profile that does not exist.",
    explanation: "A bare name is a MirrordClusterProfile, namespace/name a MirrordProfile.",
  },
  "no-profile-left": {
    severity: "error",
    summary: "No profile is allowed, so no session with a profile can start.",
    explanation:
      "The profile of a session must be in the allowlists of all policies that apply; here nothing is in all of them.",
  },
  "profile-optional": {
    severity: "warning",
    summary: "A session without a profile escapes the allowlist.",
    explanation: "profileAllowlist only says which profiles may be used; requireProfile says that one has to be.",
  },
  "not-security": {
    severity: "note",
    summary: "The limit is a convenience, not security.",
    explanation:
      "env, fs and profile limits are carried out on the user's machine or by name only. Who can start a session can get at the same data in other ways; use RBAC to keep people out.",
  },
  hidden: {
    severity: "note",
    summary: "Another policy already says all of it.",
    explanation:
      "Every policy that matches binds, and none exempts from another: a namespaced policy cannot loosen a cluster policy.",
  },
  "no-limit": {
    severity: "warning",
    summary: "The policy limits nothing.",
    explanation: "block is the only required field, and it may be empty.",
  },
} as const satisfies Record<string, FindingRule>;

export type RuleId = keyof typeof lintRules;
