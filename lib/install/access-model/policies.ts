import type { V1ValidatingAdmissionPolicy, V1ValidatingAdmissionPolicyBinding } from "@kubernetes/client-node";
import { accessModel, COLLECTION_LABEL, COLLECTION_MEMBER_PREFIX, COLLECTIONS } from "../../access/names.ts";
import { organizationType } from "../../access/organizations/definition.ts";
import type { ApiObject } from "../../kubernetes/api-types.ts";
import { administrator, quote, type Variable } from "../secure-defaults/expressions.ts";
import {
  binding,
  isNothingOf,
  policy,
  rule,
  type Exempt,
  type Operation,
  type PolicyParts,
} from "../secure-defaults/policy-parts.ts";
import { either, isAnchor, isGrant, isNamed, isRole, labels, labelsDiffer, where } from "./conditions.ts";

// Only administrators: RBAC lets whoever holds a right, and may write bindings, give it away. Each policy guards one thing that
// says who has access; the controllers that each lets go on were found by running without them (access model, 2.4).

const RBAC = "rbac.authorization.k8s.io";
const { sync } = accessModel;

const { group, resource: organizations } = organizationType;

const written: Operation[] = ["CREATE", "UPDATE", "DELETE"];

/** It takes owners and finalizers off what is left behind, and deletes what belonged to something that is gone. */
const collector: Exempt = { controllers: ["generic-garbage-collector"], operations: ["UPDATE", "DELETE"] };
/** It empties a namespace that is being deleted. */
const emptying: Exempt = { controllers: ["namespace-controller"], operations: ["DELETE"] };
const byController = (controller: string, ...operations: Operation[]): Exempt => ({
  controllers: [controller],
  operations,
});

const everywhere = {};
const inSync = {
  matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: [sync.namespace] }],
};

const isMoving = labelsDiffer(
  `k.startsWith('kubectl-mirrord.io/') || k.startsWith(${quote(COLLECTION_MEMBER_PREFIX)})`,
);
const namespaces = rule("", ["namespaces", "namespaces/status", "namespaces/finalize"]);

const who = "request.userInfo.username";
const did = `${who} + ' ' + request.operation + ' ' + request.resource.resource + ' ' + ${where}`;
const change = (valueExpression: string) => [{ key: "change", valueExpression }];

/** What an administrator alone may do: RBAC has let the request through already. */
interface Guard extends Pick<PolicyParts, "name" | "rules"> {
  /** Left out: everything that the rules match. */
  guarded?: string;
  exempt: readonly Exempt[];
  /** Ends the sentence: only an administrator can. */
  can: string;
  /** Left out: who did what to which object. */
  change?: string;
  namespaceSelector?: PolicyParts["namespaceSelector"];
}

const bound = (object: string) =>
  `${object}.roleRef.kind + ' ' + ${object}.roleRef.name + (has(${object}.subjects) ? ' for ' + ${object}.subjects.map(s, s.kind + ' ' + (has(s.namespace) ? s.namespace + '/' : '') + s.name).join(', ') : '')`;
const collectionIn = (object: string) =>
  `(${quote(COLLECTION_LABEL)} in ${labels(object)} ? ${labels(object)}[${quote(COLLECTION_LABEL)}] : 'none')`;

/** Of ConfigMaps the list of collections, of Secrets tokens, and of the rest what it runs: others have theirs in every namespace. */
const inSyncGuarded = `request.resource.resource == 'configmaps' ? ${either((object) => isNamed(object, COLLECTIONS.name))}
  : request.resource.resource == 'secrets' ? object.type == 'kubernetes.io/service-account-token'
  : request.operation != 'UPDATE' || object.spec != oldObject.spec`;

const guards: readonly Guard[] = [
  {
    name: accessModel.policy,
    rules: [rule(RBAC, ["rolebindings", "clusterrolebindings"], written)],
    guarded: either((object) => isGrant(object, sync.namespace)),
    exempt: [collector, emptying],
    can: "manage grants",
    change: `${did} + ': ' + (object == null ? ${bound("oldObject")} : ${bound("object")})`,
  },
  {
    name: accessModel.rolePolicy,
    rules: [rule(RBAC, ["roles", "clusterroles"], written)],
    guarded: either((object) => isRole(object, sync.namespace)),
    exempt: [collector, emptying, byController("clusterrole-aggregation-controller", "UPDATE")],
    can: "define roles of mirrord",
  },
  {
    name: accessModel.anchorPolicy,
    rules: [rule("batch", ["jobs", "jobs/status"], written)],
    guarded: either(isAnchor),
    exempt: [
      collector,
      emptying,
      byController("job-controller", "UPDATE"),
      byController("ttl-after-finished-controller", "DELETE"),
    ],
    can: "change when a grant ends",
  },
  {
    name: accessModel.namespacePolicy,
    rules: [namespaces],
    // By what changed, never by what is there: a namespace that is in a collection can be deleted like any other.
    guarded: isMoving,
    exempt: [],
    can: "move a namespace into or out of a collection",
    change: `${who} + ' moved namespace ' + object.metadata.name + ' from ' + ${collectionIn("oldObject")} + ' to ' + ${collectionIn("object")}`,
  },
  {
    name: accessModel.organizationPolicy,
    rules: [
      rule(group, [organizations, `${organizations}/*`], written),
      rule("apiextensions.k8s.io", ["customresourcedefinitions"], written),
    ],
    guarded: `request.resource.group == ${quote(group)} || ${either((object) => isNamed(object, `${organizations}.${group}`))}`,
    exempt: [collector],
    can: "manage organizations and teams",
  },
  {
    // Whoever runs something as the account of sync, or says what sync runs, is an administrator.
    name: accessModel.syncPolicy,
    rules: [
      rule("batch", ["cronjobs"], written),
      rule("", ["configmaps"], written),
      rule("batch", ["jobs"]),
      rule("apps", ["deployments", "daemonsets", "statefulsets", "replicasets"]),
      rule("", ["replicationcontrollers", "pods", "pods/ephemeralcontainers"]),
      rule("", ["pods/exec", "pods/attach"], ["CONNECT"]),
      rule("", ["secrets", "serviceaccounts/token"], ["CREATE"]),
    ],
    namespaceSelector: inSync,
    guarded: inSyncGuarded,
    exempt: [
      collector,
      emptying,
      byController("cronjob-controller", "CREATE", "UPDATE"),
      byController("job-controller", "CREATE"),
      byController("deployment-controller", "CREATE", "UPDATE"),
    ],
    can: `change what runs in namespace ${sync.namespace}`,
  },
];

function guard({ name, rules, guarded, exempt, can, namespaceSelector = everywhere, ...more }: Guard): PolicyParts {
  return {
    name,
    rules,
    conditions: [
      ...(guarded === undefined ? [] : [{ name: "guarded", expression: guarded }]),
      ...(exempt.length === 0 ? [] : [{ name: "by-no-controller", expression: isNothingOf(exempt) }]),
      ...(name === accessModel.syncPolicy ? [{ name: "by-no-node", expression: isNoNode }] : []),
    ],
    variables: [administrator],
    expression: "variables.administrator",
    message: { text: `only an administrator can ${can}` },
    namespaceSelector,
    auditAnnotations: change(more.change ?? did),
  };
}

/** A kubelet has tokens made for the pods that it runs. */
const isNoNode =
  "request.resource.resource != 'serviceaccounts' || !has(request.userInfo.groups) || !('system:nodes' in request.userInfo.groups)";

const segment = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const member = quote(COLLECTION_MEMBER_PREFIX);

/** Of what was written: what is left of another path is taken away by sync. */
const labelVariables: Variable[] = [
  { name: "after", expression: labels("object") },
  { name: "before", expression: labels("oldObject") },
  {
    name: "path",
    expression: `${quote(COLLECTION_LABEL)} in variables.after ? variables.after[${quote(COLLECTION_LABEL)}] : ''`,
  },
  {
    name: "added",
    expression: `variables.after.filter(k, k.startsWith(${member}) && !(k in variables.before)).map(k, k.substring(${COLLECTION_MEMBER_PREFIX.length}))`,
  },
];

const collectionLabels: PolicyParts = {
  name: accessModel.labelPolicy,
  rules: [namespaces],
  conditions: [{ name: "moving", expression: isMoving }],
  variables: [administrator, ...labelVariables],
  // Whoever may not move it at all is told that, and not how.
  expression: `!variables.administrator || (${[
    `(!(${quote(COLLECTION_LABEL)} in variables.after) || variables.path.matches(${quote(String.raw`^${segment}(\.${segment})*$`)}))`,
    "variables.added.all(c, variables.path == c || variables.path.startsWith(c + '.'))",
  ].join(" && ")})`,
  message: {
    text: `the label ${COLLECTION_LABEL} is a path such as prod.web, and the labels ${COLLECTION_MEMBER_PREFIX}… are those of collections above it; kubectl mirrord grant collection writes them`,
  },
  namespaceSelector: everywhere,
};

const all: readonly PolicyParts[] = [...guards.map(guard), collectionLabels];

/** Policies of the access model, and what makes them hold. */
export interface GuardObjects {
  policies: ApiObject<V1ValidatingAdmissionPolicy>[];
  /** Of the same names. */
  bindings: ApiObject<V1ValidatingAdmissionPolicyBinding>[];
}

/** The policies that only let administrators say who has access, and their bindings. */
export function guardObjects(): GuardObjects {
  return { policies: all.map(policy), bindings: all.map(({ name }) => binding(name, "enforce")) };
}
