// Every rule that the audit has, by its id: a cluster in which it is found, and one that differs from it in one thing and has no such
// finding. A rule without both is a failure. What each rule says of whom is in the tests of its own file.
import t from "tap";
import { withoutExceptions } from "../../lib/audit/apply-configuration.ts";
import type { Exception } from "../../lib/audit/configuration.ts";
import { edges } from "../../lib/audit/edges.ts";
import type { EdgeRule } from "../../lib/audit/edges/edge.ts";
import { rights } from "../../lib/audit/edges/rights.ts";
import { auditFindings, type AuditFacts } from "../../lib/audit/findings.ts";
import type { AuditPod } from "../../lib/audit/path-facts.ts";
import { auditRules } from "../../lib/audit/rules.ts";
import type { CheckContext } from "../../lib/access/findings.ts";
import { annotations } from "../../lib/access/names.ts";
import { limitedTarget } from "../../lib/access/roles.ts";
import { hardeningFindings, type HardeningFacts } from "../../lib/install/verify/hardening.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { MirrordPolicy } from "../../lib/mirrord/policy.ts";
import { lintPolicies } from "../../lib/mirrord/policy/lint/lint.ts";
import { builtInSchema, policyTypes } from "../../lib/mirrord/policy/schema/crds.ts";
import { stockRules } from "../../lib/rbac/stock-rules.ts";
import type { PolicyRule, Subject } from "../../lib/rbac/types.ts";
import { intentWith } from "../access/grant.ts";
import { carriesIntent, changed, end, now, storedGrant, storedParts, withSpec } from "../access/stored-grant.ts";
import { policy } from "../mirrord/policy-fixtures.ts";
import { operatorRoles } from "../preview/objects.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  group,
  role,
  roleBinding,
  roleRef,
  rule,
  serviceAccount,
  user,
} from "../rbac/objects.ts";
import { auditFacts } from "./facts.ts";

interface Pair {
  found: AuditFacts;
  nearMiss: AuditFacts;
}

const OPERATOR = "operator.metalbear.co";
const RBAC = "rbac.authorization.k8s.io";
const ADMISSION = "admissionregistration.k8s.io";
const CERTIFICATES = "certificates.k8s.io";
const AUTHENTICATION = "authentication.k8s.io";

const everything: PolicyRule = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
const connect = [rule(OPERATOR, "mirrordoperators", "get"), rule(OPERATOR, "targets", "proxy")];

/** jim, bound to these rules in a namespace, or with "" in the whole cluster. */
const jim = (namespace: string, ...rules: PolicyRule[]): KubernetesObject[] => held([user("jim")], namespace, rules);

function held(subjects: Subject[], namespace: string, rules: PolicyRule[], name = "own"): KubernetesObject[] {
  return namespace === ""
    ? [clusterRole(name, rules), clusterRoleBinding(name, name, subjects)]
    : [role(namespace, name, rules), roleBinding(namespace, name, roleRef(name), subjects)];
}

/** An account in dev that may do everything, its pod and its stored token; a person and a group that may, too. */
const account = serviceAccount("deployer", "dev");
const there: KubernetesObject[] = [
  clusterRole("cluster-admin", [everything]),
  clusterRoleBinding("boss", "cluster-admin", [account, user("boss"), group("bosses")]),
];
const pod: AuditPod = {
  namespace: "dev",
  name: "web-1",
  account: "deployer",
  targets: ["pod.web-1", "deployment.web"],
};
const around: Partial<AuditFacts> = {
  accounts: [{ namespace: "dev", name: "deployer" }],
  pods: [pod],
  tokens: [{ namespace: "dev", secret: "stored", account: "deployer" }],
  awsAuth: true,
};

const bootstrapped = [clusterRoleBinding("join", "cluster-admin", [group("system:bootstrappers:nodes")])];

/** The same cluster with jim's rules one way and the other. */
const rules = (
  namespace: string,
  found: PolicyRule[],
  nearMiss: PolicyRule[],
  more: Partial<AuditFacts> = {},
): Pair => ({
  found: auditFacts([...there, ...jim(namespace, ...found)], { ...around, ...more }),
  nearMiss: auditFacts([...there, ...jim(namespace, ...nearMiss)], { ...around, ...more }),
});
const objects = (found: KubernetesObject[], nearMiss: KubernetesObject[]): Pair => ({
  found: auditFacts(found),
  nearMiss: auditFacts(nearMiss),
});

const paths: Record<keyof typeof edges, Pair> = {
  "impersonation-of-groups": rules(
    "",
    [rule("", "users", "impersonate"), rule("", "groups", "impersonate", "system:masters")],
    [rule("", "users", "impersonate"), rule("", "groups", "impersonate", "web")],
  ),
  impersonation: rules("", [rule("", "users", "impersonate", "boss")], [rule("", "users", "impersonate", "ana")]),
  "constrained-impersonation": rules(
    "",
    [
      rule(AUTHENTICATION, "users", "impersonate:user-info", "boss"),
      rule("", "serviceaccounts/token", "impersonate-on:user-info:create"),
    ],
    [
      rule(AUTHENTICATION, "users", "impersonate:user-info", "boss"),
      rule("", "serviceaccounts/token", "impersonate-on:user-info:get"),
    ],
  ),
  "impersonation-of-accounts": rules(
    "dev",
    [rule("", "serviceaccounts", "impersonate", "deployer")],
    [rule("", "serviceaccounts", "impersonate", "default")],
  ),
  "token-creation": rules(
    "dev",
    [rule("", "serviceaccounts/token", "create")],
    [rule("", "serviceaccounts", "create")],
  ),
  "token-secret": rules(
    "dev",
    [rule("", "secrets", "create"), rule("", "secrets", "get", "made")],
    [rule("", "secrets", "create"), rule("", "secrets", "update", "made")],
  ),
  "stored-token": rules("dev", [rule("", "secrets", "get", "stored")], [rule("", "secrets", "get", "config")]),
  "certificate-approval": rules(
    "",
    [
      rule(CERTIFICATES, "certificatesigningrequests", "create"),
      rule(CERTIFICATES, "certificatesigningrequests/approval", "update"),
      rule(CERTIFICATES, "signers", "approve", "kubernetes.io/*"),
    ],
    [
      rule(CERTIFICATES, "certificatesigningrequests", "create"),
      rule(CERTIFICATES, "certificatesigningrequests/approval", "update"),
      rule(CERTIFICATES, "signers", "approve", "kubernetes.io/kubelet-serving"),
    ],
  ),
  "node-identity": rules(
    "",
    [
      rule(CERTIFICATES, "certificatesigningrequests", "create"),
      rule(CERTIFICATES, "certificatesigningrequests/nodeclient", "create"),
    ],
    [
      rule(CERTIFICATES, "certificatesigningrequests", "create"),
      rule(CERTIFICATES, "certificatesigningrequests/selfnodeclient", "create"),
    ],
  ),
  "bootstrap-token": {
    found: auditFacts([...there, ...bootstrapped, ...jim("kube-system", rule("", "secrets", "create"))]),
    nearMiss: auditFacts([...there, ...bootstrapped, ...jim("dev", rule("", "secrets", "create"))]),
  },
  "pod-creation": rules("dev", [rule("batch", "cronjobs", "patch")], [rule("batch", "cronjobs/status", "patch")]),
  "pod-entry": rules("dev", [rule("", "pods/ephemeralcontainers", "patch")], [rule("", "pods/portforward", "create")]),
  "node-proxy": rules("", [rule("", "nodes/proxy", "get")], [rule("", "nodes/metrics", "get")]),
  "session-identity": rules(
    "",
    [rule(OPERATOR, "mirrordoperators", "get"), rule(OPERATOR, "targets", "proxy", "deployment.web.container.app")],
    [rule(OPERATOR, "mirrordoperators", "get"), rule(OPERATOR, "targets", "proxy", "deployment.web2")],
  ),
  "preview-image": rules(
    "",
    [rule(OPERATOR, "mirrordoperators", "get"), rule("preview.mirrord.metalbear.co", "previewsessions", "create")],
    [rule(OPERATOR, "mirrordoperators", "get"), rule("preview.mirrord.metalbear.co", "previewsessions", "watch")],
  ),
  "branch-database": rules(
    "",
    [rule(OPERATOR, "mirrordoperators", "get"), rule("dbs.mirrord.metalbear.co", "pgbranchdatabases", "create")],
    [rule(OPERATOR, "mirrordoperators", "get"), rule("dbs.mirrord.metalbear.co", "pgbranchdatabases", "delete")],
  ),
  "workload-patch": rules(
    "",
    [rule("mirrord.metalbear.co", "mirrordclusterworkloadpatchrequests", "create")],
    [rule("mirrord.metalbear.co", "mirrordclusterworkloadpatches", "create")],
  ),
  bind: rules(
    "dev",
    [rule(RBAC, "clusterroles", "bind", "cluster-admin"), rule(RBAC, "rolebindings", "create")],
    [rule(RBAC, "clusterroles", "bind", "view"), rule(RBAC, "rolebindings", "create")],
  ),
  escalate: rules(
    "",
    [rule(RBAC, "clusterroles", "escalate"), rule(RBAC, "clusterroles", "update")],
    [rule(RBAC, "clusterroles", "escalate"), rule(RBAC, "roles", "update")],
  ),
  aggregation: (() => {
    const made = [rule(RBAC, "clusterroles", "escalate"), rule(RBAC, "clusterroles", "create")];
    const takesIn = { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] } };
    const bound = roleBinding("dev", "v", clusterRoleRef("view"), [user("jim")]);
    return {
      found: auditFacts([...there, clusterRole("view", [], takesIn), bound, ...jim("", ...made)], around),
      nearMiss: auditFacts([...there, clusterRole("view", []), bound, ...jim("", ...made)], around),
    };
  })(),
  "mutating-admission": rules(
    "",
    [
      rule(ADMISSION, "mutatingadmissionpolicies", "create"),
      rule(ADMISSION, "mutatingadmissionpolicybindings", "create"),
    ],
    [rule(ADMISSION, "mutatingadmissionpolicies", "create")],
  ),
  "validating-webhook": rules(
    "",
    [rule(ADMISSION, "validatingwebhookconfigurations", "create")],
    [rule(ADMISSION, "validatingwebhookconfigurations", "list")],
  ),
  "guards-removable": rules(
    "",
    [rule(ADMISSION, "validatingadmissionpolicybindings", "delete", "kubectl-mirrord-grants")],
    [rule(ADMISSION, "validatingadmissionpolicybindings", "delete", "theirs")],
  ),
  "definition-change": rules(
    "",
    [rule("apiextensions.k8s.io", "customresourcedefinitions", "update")],
    [rule("apiextensions.k8s.io", "customresourcedefinitions/status", "update")],
  ),
  "api-service": rules(
    "",
    [rule("apiregistration.k8s.io", "apiservices", "patch", "v1.operator.metalbear.co")],
    [rule("apiregistration.k8s.io", "apiservices", "patch", "v1beta1.metrics.k8s.io")],
  ),
  "operator-network": {
    found: auditFacts(jim("mirrord", rule("discovery.k8s.io", "endpointslices", "create"))),
    nearMiss: auditFacts(jim("dev", rule("discovery.k8s.io", "endpointslices", "create"))),
  },
  "front-proxy": rules(
    "kube-system",
    [rule("", "configmaps", "update", "extension-apiserver-authentication")],
    [rule("", "configmaps", "update", "coredns")],
  ),
  "aws-auth": (() => {
    const given = jim("kube-system", rule("", "configmaps", "update", "aws-auth"));
    return { found: auditFacts(given, { awsAuth: true }), nearMiss: auditFacts(given, { awsAuth: false }) };
  })(),
};

const labelled = (name: string, labels: Record<string, string>, ...given: PolicyRule[]): KubernetesObject => ({
  ...clusterRole(name, given),
  metadata: { name, labels },
});
const stock = (...added: PolicyRule[]) =>
  clusterRole("system:node", [...(stockRules(clusterRole("system:node", [])) ?? []), ...added]);
const AGGREGATE = `${RBAC}/aggregate-to-edit`;
const limited = rule(OPERATOR, "targets", "proxy", "deployment.web");

const direct: Record<string, Pair> = {
  administrator: objects(
    [clusterRole("cluster-admin", [everything]), clusterRoleBinding("b", "cluster-admin", [user("boss")])],
    [clusterRole("cluster-admin", [everything]), clusterRoleBinding("b", "cluster-admin", [group("system:masters")])],
  ),
  // `*/*` is no wildcard of RBAC's: it names the subresource `*` of any resource.
  wildcard: rules(
    "dev",
    [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
    [{ apiGroups: ["*"], resources: ["*/*"], verbs: ["*"] }],
  ),
  everybody: objects(
    held([group("system:authenticated")], "dev", [rule(OPERATOR, "targets", "proxy")]),
    held([group("system:authenticated")], "dev", [rule(OPERATOR, "targets", "list")]),
  ),
  "system-binding-changed": objects(
    held([user("system:kube-scheduler"), user("eve")], "", [], "system:kube-scheduler"),
    held([user("system:kube-scheduler")], "", [], "system:kube-scheduler"),
  ),
  "system-role-widened": objects([stock(rule("", "serviceaccounts", "impersonate"))], [stock()]),
  "aggregated-role": objects(
    [labelled("x", { [AGGREGATE]: "true" }, limited)],
    [labelled("x", { [AGGREGATE]: "false" }, limited)],
  ),
  "cluster-wide-sessions": rules("", connect, [rule(OPERATOR, "mirrordoperators", "get"), limited]),
  "redundant-grant": objects(
    [...jim("", ...connect), ...held([user("jim")], "dev", [rule(OPERATOR, "targets", "proxy")], "more")],
    [...jim("", ...connect), ...held([user("ana")], "dev", [rule(OPERATOR, "targets", "proxy")], "more")],
  ),
  "void-target-limit": objects(
    [...jim("dev", limited), ...held([user("jim")], "dev", [rule(OPERATOR, "targets", "proxy")], "more")],
    [...jim("dev", limited), ...held([user("jim")], "qa", [rule(OPERATOR, "targets", "proxy")], "more")],
  ),
  "session-deletion": rules("", [rule(OPERATOR, "sessions", "deletecollection")], [rule(OPERATOR, "sessions", "list")]),
  "ci-keys": rules(
    "",
    [rule(OPERATOR, "mirrordoperators/certificate", "create")],
    [rule(OPERATOR, "mirrordoperators/certificate", "get")],
  ),
  "impersonation-of-extras": rules(
    "",
    [rule(AUTHENTICATION, "userextras/scopes", "impersonate")],
    [rule(AUTHENTICATION, "userextras", "impersonate")],
  ),
  "operator-secrets": objects(
    jim("mirrord", rule("", "secrets", "get", "mirrord-operator-tls")),
    jim("dev", rule("", "secrets", "get", "mirrord-operator-tls")),
  ),
  "collection-labels": rules("dev", [rule("", "namespaces", "patch")], [rule("", "namespaces", "get")], {
    openCollections: ["dev"],
  }),
  "dangling-binding": objects(
    [roleBinding("dev", "b", clusterRoleRef("gone"), [user("jim")])],
    [clusterRole("gone", []), roleBinding("dev", "b", clusterRoleRef("gone"), [user("jim")])],
  ),
  "missing-account": (() => {
    const given = held([serviceAccount("ci", "dev")], "dev", connect);
    return {
      found: auditFacts(given, { existingAccounts: new Set() }),
      nearMiss: auditFacts(given, { existingAccounts: new Set(["dev/ci"]) }),
    };
  })(),
  "same-name": objects(
    held([user("web"), group("web")], "dev", connect),
    held([user("web"), user("api")], "dev", connect),
  ),
  "look-alike": objects(
    held([user("jim"), user("Jim")], "dev", connect),
    held([user("jim"), user("tim")], "dev", connect),
  ),
  "operator-role-changed": objects(
    operatorRoles.map((each) => withRule(each, rule("", "secrets", "get"))),
    [...operatorRoles],
  ),
  "wider-operator-role": objects(
    [...operatorRoles],
    [clusterRole("mirrord-operator-user", [rule(OPERATOR, "targets", "get"), rule(OPERATOR, "targets", "proxy")])],
  ),
  unmanaged: objects(
    [...operatorRoles, roleBinding("dev", "hand", clusterRoleRef("mirrord-operator-user"), [user("jim")])],
    [...operatorRoles, roleBinding("dev", "hand", clusterRoleRef("edit"), [user("jim")])],
  ),
  "privileged-pods": rules("dev", [rule("", "pods", "create")], [rule("", "pods", "get")], { openNamespaces: ["dev"] }),
};

function withRule(object: KubernetesObject, added: PolicyRule): KubernetesObject {
  const given: unknown = object["rules"];
  return { ...object, rules: [...(Array.isArray(given) ? given : []), added] };
}

const permanent = storedParts(intentWith()).objects;
const temporary = storedParts(intentWith({ temporary: true })).objects;
const isBinding = ({ object }: { object: KubernetesObject }) => object.kind === "RoleBinding";
const isJob = ({ object }: { object: KubernetesObject }) => object.kind === "Job";
const withMetadata = (object: KubernetesObject, metadata: object): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, ...metadata },
});
const withNotes = (object: KubernetesObject, notes: Record<string, string>): KubernetesObject =>
  withMetadata(object, { annotations: { ...object.metadata.annotations, ...notes } });
const uids = changed(permanent, carriesIntent, (object) =>
  withNotes(object, { [annotations.namespaceUids]: JSON.stringify({ dev: "u1" }) }),
);

/** A grant with these objects, and as it was made, where nothing else is said. */
function grants(
  stored: typeof permanent,
  more: Partial<CheckContext> = {},
  miss: Partial<CheckContext> = {},
  near = permanent,
): Pair {
  const facts = (objectsOf: typeof permanent, context: Partial<CheckContext>) =>
    auditFacts([], {
      grants: [{ grant: storedGrant(objectsOf), context: { now, live: true, policies: false, ...context } }],
    });
  return { found: facts(stored, more), nearMiss: facts(near, miss) };
}

const web: KubernetesObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "dev" },
  spec: { template: { spec: { containers: [{ name: "a" }] } } },
};
const target = { kind: "deployment", name: "web" } as const;
const was = new Map([["dev", [limitedTarget(target, undefined)]]]);
const limitedParts = storedParts(intentWith({ targets: ["deployment/web"] }), was).objects;
const team = storedParts(intentWith({ subject: { kind: "Team", name: "acme/web" } }), undefined, [
  { kind: "User", name: "jim" },
]);
const member = { state: "known", subjects: [{ kind: "User", name: "jim" }] } as const;

const ofGrants: Record<string, Pair> = {
  "grant-unreadable": grants(
    changed(permanent, carriesIntent, (object) => withNotes(object, { [annotations.intent]: "{}" })),
  ),
  "grant-revoked-still-bound": grants(
    changed(permanent, carriesIntent, (object) => withNotes(object, { [annotations.revokedAt]: "x" })),
  ),
  "grant-expired-still-bound": grants(temporary, { now: end + 1 }, { now: end - 1 }, temporary),
  "grant-dangling": grants(team.objects, { membership: { state: "absent" } }, { membership: member }, team.objects),
  "grant-detached": grants(
    changed(permanent, isBinding, (object) => withMetadata(object, { finalizers: ["example.com/keep"] })),
    {},
    {
      platform: new Set(["RoleBinding example.com/keep"] as const),
    },
    changed(permanent, isBinding, (object) => withMetadata(object, { finalizers: ["example.com/keep"] })),
  ),
  "grant-unanchored": grants(
    changed(temporary, isJob, (object) => withSpec(object, { managedBy: "example.com/nobody" })),
    {},
    {},
    temporary,
  ),
  "grant-expiry-not-enforced": grants(
    changed(temporary, isJob, (object) => withSpec(object, { ttlSecondsAfterFinished: 9999 })),
    {},
    {},
    changed(temporary, isJob, (object) => withSpec(object, { ttlSecondsAfterFinished: 3650 })),
  ),
  "grant-expiry-unknown": grants(temporary, { anchorsRead: false }, { anchorsRead: true }, temporary),
  "grant-expiry-in-doubt": grants(
    temporary,
    { weakGroups: [{ group: "web", namespaces: ["dev"] }] },
    { weakGroups: [] },
    temporary,
  ),
  "grant-namespace-anew": grants(uids, { uids: { dev: "u9" } }, { uids: { dev: "u1" } }, uids),
  "grant-missing": grants(changed(permanent, isBinding, () => undefined)),
  "grant-outdated": grants(
    limitedParts,
    { limits: new Map([["dev", [limitedTarget(target, web)]]]) },
    { limits: was },
    limitedParts,
  ),
  "grant-unadopted": grants(
    changed(permanent, isBinding, (object) => withMetadata(object, { ownerReferences: [] })),
    {},
    { live: false },
    changed(permanent, isBinding, (object) => withMetadata(object, { ownerReferences: [] })),
  ),
  "grant-expired": grants(
    changed(temporary, isBinding, () => undefined),
    { now: end + 1 },
    { now: end + 1 },
    temporary,
  ),
};

const schemas = new Map(policyTypes.map(({ kind }) => [kind, builtInSchema]));
const policies = (found: object, nearMiss: object, profiles?: string[]): Pair => {
  const facts = (given: MirrordPolicy) =>
    auditFacts([], {
      policies: lintPolicies([given], { schemas, ...(profiles === undefined ? {} : { profiles: new Set(profiles) }) }),
    });
  return { found: facts(policy({ ...found })), nearMiss: facts(policy({ ...nearMiss })) };
};

const ofPolicies: Record<string, Pair> = {
  "policy-not-in-definition": policies({ targetpath: "x" }, { targetPath: "deploy/x*" }),
  "policy-invalid-value": policies({ fs: { local: ["("] } }, { fs: { local: ["/a"] } }),
  "policy-unchecked-value": policies({ fs: { local: ["[a&&b]"] } }, { fs: { local: ["[ab]"] } }),
  "policy-target-path-spelling": policies({ targetPath: "deployment/x" }, { targetPath: "deploy/x" }),
  "policy-target-path-container": policies({ targetPath: "deploy/x" }, { targetPath: "deploy/x/container/*" }),
  "policy-walk-around": policies({ block: ["steal"], targetPath: "deploy/web" }, { block: ["steal"], targetPath: "*" }),
  "policy-copy-target": policies({ block: ["steal"] }, { block: ["steal"], appliesToCopyTargets: true }),
  "policy-regex-everything": policies(
    { network: { incoming: { httpFilter: { headerFilter: "x*" } } } },
    { network: { incoming: { httpFilter: { headerFilter: "^x-user: .+" } } } },
  ),
  "policy-regex-nothing": policies({ fs: { readOnly: ["a^"] } }, { fs: { readOnly: ["^/a"] } }),
  "policy-unknown-profile": policies({ profileAllowlist: ["gone"] }, { profileAllowlist: ["safe"] }, ["safe"]),
  "policy-no-profile-left": policies(
    { requireProfile: true, profileAllowlist: [] },
    { requireProfile: true, profileAllowlist: ["a"] },
  ),
  "policy-profile-optional": policies({ profileAllowlist: ["a"] }, { profileAllowlist: ["a"], requireProfile: true }),
  "policy-no-limit": policies({ targetPath: "deploy/web" }, { targetPath: "deploy/web", block: ["steal"] }),
};

const namespace = (name: string, enforce?: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, ...(enforce === undefined ? {} : { labels: { "pod-security.kubernetes.io/enforce": enforce } }) },
});
const settings = (...on: string[]): HardeningFacts["settings"] => ({
  image: "operator",
  version: "3.187.0",
  environment: new Map(on.map((name) => [name, "true"])),
  features: new Set<never>(),
});
const apiService = (insecureSkipTLSVerify: boolean): KubernetesObject => ({
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  metadata: { name: "v1.operator.metalbear.co" },
  spec: { insecureSkipTLSVerify },
});
const FRONT = "OPERATOR_REQUIRE_FRONT_PROXY_CLIENT_CERT";
const TLS = "OPERATOR_AGENT_CONNECTION_TLS";
const hardened: HardeningFacts = {
  namespace: "mirrord",
  settings: settings(FRONT, TLS),
  apiService: apiService(false),
  ephemeralAgents: false,
  networkPolicies: [namespace("any")],
  namespaces: [namespace("dev", "baseline"), namespace("kube-system")],
  rbac: [],
  secureDefaults: "enforce",
};
/** An installation with one setting other than the hardened one. */
const hardening = (change: Partial<HardeningFacts>): Pair => ({
  found: auditFacts([], { hardening: hardeningFindings({ ...hardened, ...change }) }),
  nearMiss: auditFacts([], { hardening: hardeningFindings(hardened) }),
});

const ofInstallation: Record<string, Pair> = {
  "front-proxy-unchecked": hardening({ settings: settings(TLS) }),
  "unverified-server": hardening({ apiService: apiService(true) }),
  "agents-in-clear": hardening({ settings: settings(FRONT) }),
  "network-open": hardening({ networkPolicies: [] }),
  "pod-security": hardening({ namespaces: [namespace("dev", "privileged")] }),
  "operator-optional": hardening({ secureDefaults: "audit" }),
};

const pairs: Readonly<Record<string, Pair>> = { ...paths, ...direct, ...ofGrants, ...ofPolicies, ...ofInstallation };
/** These are about the file of exceptions, not about a cluster. */
const ofExceptions = ["exception-over", "exception-unused"];

t.test("every rule has a cluster in which it is found, and a near miss", async (t) => {
  t.same([...Object.keys(pairs), ...ofExceptions].toSorted(), Object.keys(auditRules).toSorted());
});

const foundRules = (facts: AuditFacts) => new Set(auditFindings(facts).findings.map((each) => each.rule));
for (const [id, { found, nearMiss }] of Object.entries(pairs))
  t.test(id, async (t) => {
    t.ok(foundRules(found).has(id), `found: ${[...foundRules(found)].join(", ")}`);
    t.notOk(foundRules(nearMiss).has(id), "near miss");
  });

t.test("exceptions: over, or fitting nothing, and neither", async (t) => {
  const { findings } = auditFindings(direct["wildcard"]?.found ?? auditFacts([]));
  const exception = (change: Partial<Exception>): Exception => ({
    rule: "wildcard",
    owner: "sec",
    reason: "INC-1",
    expires: now + 1,
    cluster: undefined,
    subject: undefined,
    object: undefined,
    ...change,
  });
  const said = (change: Partial<Exception>) =>
    withoutExceptions(findings, [exception(change)], now)
      .findings.map((each) => each.rule)
      .filter((each) => ofExceptions.includes(each));
  t.same(said({ expires: now }), ["exception-over"]);
  t.same(said({ rule: "aws-auth" }), ["exception-unused"]);
  t.same(said({}), []);
});

t.test(
  "of every way of every path each right is needed: with all of them there is the path, without one there is none by it",
  async (t) => {
    for (const [id, { ways }] of Object.entries<EdgeRule>(edges))
      for (const { rights: ids, reach, unverified = false } of ways) {
        const isNamed = ids.some((each) => each.endsWith(" by name"));
        const named = reach === "bootstrappers" ? "bootstrap-token-abcdef" : "made";
        // Beside an account's own pods are others; everybody else has none.
        const who = reach === "own-node-pods" ? serviceAccount("agent", "dev") : user("jim");
        const facts = {
          ...around,
          pods: [pod, { ...pod, name: "agent", account: "agent" }].map((each) => ({ ...each, node: "n1" })),
          // Whoever reads all Secrets would have stored tokens as well.
          tokens: id === "operator-network" ? [] : (around.tokens ?? []),
          operator: { namespace: "mirrord", name: "mirrord-operator", verified: !unverified },
        };
        const given = ids.flatMap((each) => {
          const right = rights[each];
          return right === undefined ? [] : [isNamed ? { ...right, name: named } : right];
        });
        const rulesOf = (some: typeof given) =>
          some.map(({ apiGroup, resource, subresource, verb, name = "" }) =>
            rule(
              apiGroup,
              subresource === undefined ? resource : `${resource}/${subresource}`,
              verb,
              ...(name === "" ? [] : [name]),
            ),
          );
        // As any person somebody would be an administrator in one step: nodes have accounts alone.
        const administrators =
          id === "node-identity"
            ? [clusterRole("cluster-admin", [everything]), clusterRoleBinding("boss", "cluster-admin", [account])]
            : there;
        const roles = [
          role("dev", "enough", [rule("", "pods", "create")]),
          role("dev", "empty", []),
          roleBinding("dev", "empty", roleRef("empty"), [user("jim")]),
          clusterRole("takes-in", [], { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] } }),
          clusterRoleBinding("takes-in", "takes-in", [user("jim")]),
          ...(reach === "bootstrappers" ? bootstrapped : []),
        ];
        const beginsWith = (some: typeof given) =>
          auditFindings(
            auditFacts([...administrators, ...roles, ...held([who], "", rulesOf(some))], facts),
          ).findings.some(({ rule: found, path }) => found === id && path !== undefined);
        t.ok(beginsWith(given), `${id}: ${ids.join(" and ")}`);
        for (const missing of given)
          t.notOk(
            beginsWith(given.filter((each) => each !== missing)),
            `${id} without ${missing.verb} ${missing.resource}`,
          );
      }
  },
);
