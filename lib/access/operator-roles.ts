import { entryOf } from "../json.ts";
import { OPERATOR_GROUP, PREVIEW_GROUP, PROFILES_GROUP } from "../mirrord/resources.ts";
import { compactRules } from "../rbac/compact.ts";
import { uncovered } from "../rbac/covers.ts";
import type { PolicyRule } from "../rbac/types.ts";
import { operatorRoles } from "./names.ts";

const rule = (apiGroup: string, resources: string[], verbs: string[]): PolicyRule => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
});

// What the operator's chart has put into its user roles. Source: operator contract section 4.1 (chart 3.187.0).

const clusterRules = [
  rule(OPERATOR_GROUP, ["mirrordoperators"], ["get", "list"]),
  rule(OPERATOR_GROUP, ["mirrordoperators/certificate", "mirrordclusteroperatorusercredentials"], ["create"]),
  rule(OPERATOR_GROUP, ["events"], ["get", "list", "watch"]),
  rule(PROFILES_GROUP, ["mirrordclusterprofiles"], ["get", "list"]),
];

const namespacedRules = [
  rule(OPERATOR_GROUP, ["copytargets", "targets", "targets/port-locks"], ["get", "list"]),
  rule(OPERATOR_GROUP, ["copytargets"], ["create"]),
  rule(OPERATOR_GROUP, ["targets", "copytargets"], ["proxy"]),
  rule(OPERATOR_GROUP, ["sessions"], ["delete", "deletecollection"]),
  rule(PROFILES_GROUP, ["mirrordprofiles"], ["get", "list"]),
];

/** Only with some values of the chart, or in newer ones. */
const optionalRules = [
  rule(OPERATOR_GROUP, ["branchcredentials", "previewsecretmounts"], ["create"]),
  rule(OPERATOR_GROUP, ["sessions", "queuesplits", "previews", "mirrordoperators/ping"], ["get", "list"]),
  rule(PREVIEW_GROUP, ["previewsessions"], ["create", "delete", "get", "list", "watch"]),
  rule(
    "dbs.mirrord.metalbear.co",
    ["mysqlbranchdatabases", "pgbranchdatabases", "mongodbbranchdatabases", "branchdatabases"],
    ["get", "list", "create", "watch", "delete"],
  ),
];

/** What mirrord's own page on access control says that a user needs. Source: MIR-9 of docs/requirements.md. */
const pageRules = [
  rule(OPERATOR_GROUP, ["mirrordoperators", "targets", "targets/port-locks"], ["get", "list"]),
  rule(OPERATOR_GROUP, ["mirrordoperators/certificate"], ["create"]),
  rule(OPERATOR_GROUP, ["targets"], ["proxy"]),
];

/** What a session needs of each role; older charts lack some of the rest. */
const neededRules: Readonly<Record<string, PolicyRule[]>> = {
  [operatorRoles.user]: [
    rule(OPERATOR_GROUP, ["targets", "copytargets"], ["proxy"]),
    rule(OPERATOR_GROUP, ["copytargets"], ["create", "list"]),
  ],
  [operatorRoles.basic]: [
    rule(OPERATOR_GROUP, ["mirrordoperators"], ["get"]),
    rule(OPERATOR_GROUP, ["mirrordclusteroperatorusercredentials"], ["create"]),
  ],
};

export interface RoleDifference {
  /** What a session needs and the role does not hold. */
  lacks: PolicyRule[];
  /** What the role holds and no chart has given it. */
  adds: PolicyRule[];
  /** What the chart gives to users beyond mirrord's page on access control. */
  beyondPage: PolicyRule[];
}

/** How a role of the operator's chart differs from what the chart installs; undefined for a role that is not the chart's. */
export function operatorRoleDifference(name: string, rules: readonly PolicyRule[]): RoleDifference | undefined {
  const needed = entryOf(neededRules, name);
  if (needed === undefined) return undefined;
  const charted = [...clusterRules, ...(name === operatorRoles.user ? namespacedRules : []), ...optionalRules];
  const adds = uncovered(charted, rules);
  const beyondPage = name === operatorRoles.user ? uncovered([...pageRules, ...adds], rules) : [];
  return {
    lacks: compactRules(uncovered(rules, needed)),
    adds: compactRules(adds),
    beyondPage: compactRules(beyondPage),
  };
}
