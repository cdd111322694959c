import type { FindingRule } from "../../findings/finding.ts";
import { OPERATOR_GROUP } from "../../mirrord/resources.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";

/**
 * Whom a way leads to. `accounts`: every service account of the namespace; `named-accounts`: those that the rule names;
 * `pods`: the accounts of running pods; `targets`: those of pods that are targets; `tokens`: those whose tokens are in
 * Secrets; `people`: every user and group; `named-people`, `named-groups`: those that the rule names; `bound-role`: what one of
 * the ClusterRoles that the rule names is enough for in the namespace, or any; `bound-everywhere`: the same in the whole cluster;
 * `bound-role-there`: what one of the Roles in the namespace is enough for;
 * `own-cluster-role`, `own-role`: whatever can be granted, where somebody is bound to a role that the rule names; `aggregate`:
 * where somebody is bound to a role that takes in others; `operator`: by its APIService; `operator-namespace`: only from the
 * operator's namespace, `operator-service` and `operator-pods` by its Service and its pods; `settings`: only from `kube-system`;
 * `guards`: those that the rule names; `any-guard`: where there are some; `node`: any node; `node-users`: nodes whose users the rule
 * names; `node-pods`: the accounts of pods on nodes that it names; `own-node-pods`: those of pods beside one's own pods;
 * `bootstrappers`: from `kube-system`, every group of bootstrap tokens.
 */
export type Reach =
  | "accounts"
  | "named-accounts"
  | "pods"
  | "targets"
  | "tokens"
  | "people"
  | "named-people"
  | "named-groups"
  | "bound-role"
  | "bound-everywhere"
  | "bound-role-there"
  | "own-cluster-role"
  | "own-role"
  | "administrator"
  | "aggregate"
  | "operator"
  | "operator-namespace"
  | "operator-service"
  | "operator-pods"
  | "settings"
  | "guards"
  | "any-guard"
  | "node"
  | "node-users"
  | "node-pods"
  | "own-node-pods"
  | "bootstrappers";

export interface Way {
  /** All are needed in one place, on one object where they are about one resource; the names that they are limited to are those of the first. */
  rights: readonly string[];
  reach: Reach;
  /** Only where the API server takes any certificate for the operator's. */
  unverified?: true;
}

export interface EdgeRule extends FindingRule {
  /** How it is done, behind "by": `making a pod`. */
  by: string;
  fix: string;
  ways: readonly Way[];
}

export const CERTIFICATES = "certificates.k8s.io";
export const ADMISSION = "admissionregistration.k8s.io";
export const AUTHENTICATION = "authentication.k8s.io";

/** The id of a right, in words: `create pods/exec`, `bind clusterroles.rbac.authorization.k8s.io`. */
export const rightId = (verb: string, apiGroup: string, resource: string, name?: string): string =>
  `${verb} ${resource}${apiGroup === "" ? "" : `.${apiGroup}`}${name === undefined ? "" : ` ${name}`}`;

/** Whoever may approve for `kubernetes.io/*` may for every signer of that domain. Source: plugin/pkg/admission/certificates/util.go. */
export const CLIENT_SIGNERS = ["kubernetes.io/kube-apiserver-client", "kubernetes.io/*"];

/** Certificates for nodes: with them somebody is the node. Those for its server (`kubelet-serving`) say nothing to the API server. */
export const NODE_SIGNERS = ["kubernetes.io/kube-apiserver-client-kubelet", "kubernetes.io/*"];

/** Asked by the controller that approves certificates of nodes, without a name. Source: pkg/controller/certificates/approver. */
export const NODE_CLIENT = rightId("create", CERTIFICATES, "certificatesigningrequests/nodeclient");

/** `associated-node` is asked for all nodes, by the name `*`. Source: apiserver pkg/endpoints/filters/impersonation/mode.go. */
export const ANY_NODE = rightId("impersonate:arbitrary-node", AUTHENTICATION, "nodes");
export const OWN_NODE = rightId("impersonate:associated-node", AUTHENTICATION, "nodes", "*");
export const TOKEN_AS_ANY_NODE = rightId("impersonate-on:arbitrary-node:create", "", "serviceaccounts/token");
export const TOKEN_AS_OWN_NODE = rightId("impersonate-on:associated-node:create", "", "serviceaccounts/token");
export const NODES_GROUP = "system:nodes";
export const BOOTSTRAPPERS_GROUP = "system:bootstrappers";

/** Where the chart puts the operator's certificate and its key. */
export const SERVING_SECRET = "mirrord-operator-tls";

/** Every extra field is a subresource of its own. */
export const EXTRAS = rightId("impersonate", AUTHENTICATION, "userextras/*");

/**
 * To create an object that the rule names: by server-side apply, which needs patch as well, and is asked about with the name.
 * Source: apiserver pkg/endpoints/handlers/patch.go.
 */
export const createByName = (apiGroup: string, resource: string): string =>
  `${rightId("create", apiGroup, resource)} by name`;

export const BIND_IN_NAMESPACE = `${rightId("bind", RBAC_GROUP, "clusterroles")} in a namespace`;

/** To write any rule into a role that is made: asked without its name. */
export const ESCALATE_NEW = `${rightId("escalate", RBAC_GROUP, "clusterroles")} of a new one`;

export const writes = ["create", "update", "patch"];
export const changes = ["update", "patch"];

/**
 * Verbs whose answer has the Secret in it. That of `patch` has the whole object, of `deletecollection` all that was deleted, and
 * of `delete` what waits for its dependents; with `dryRun=All` nothing is changed by any of them.
 */
export const secretReads = ["get", "list", "watch", "patch", "delete", "deletecollection"];

/** Kinds whose pods run as whichever account of the namespace the template says, which may be changed; that of a Job may not. */
export const templates: readonly [string, readonly string[]][] = [
  ["", ["replicationcontrollers"]],
  ["apps", ["deployments", "daemonsets", "statefulsets", "replicasets"]],
  ["batch", ["cronjobs"]],
  ["argoproj.io", ["rollouts"]],
];

export const BRANCHES = "dbs.mirrord.metalbear.co";
export const branchKinds = ["branchdatabases", "mysqlbranchdatabases", "pgbranchdatabases", "mongodbbranchdatabases"];
export const policyKinds = ["validatingadmissionpolicies", "validatingadmissionpolicybindings"];
export const mutatingKinds = ["mutatingadmissionpolicies", "mutatingadmissionpolicybindings"];
export const MIRRORD = "mirrord.metalbear.co";

export const waysByVerb = (
  verbs: readonly string[],
  group: string,
  resources: readonly string[],
  reach: Reach,
  ...more: string[]
): Way[] =>
  resources.flatMap((resource) =>
    verbs.map((verb): Way => ({ rights: [rightId(verb, group, resource), ...more], reach })),
  );

export const CONNECT = rightId("get", OPERATOR_GROUP, "mirrordoperators", "operator");
const PROXY = rightId("proxy", OPERATOR_GROUP, "targets");

/** All that a subject needs to start a session, as far as the API server decides. */
export const SESSION = [PROXY, CONNECT] as const;
