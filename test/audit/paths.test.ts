import t from "tap";
import { formatSubject } from "../../lib/access/subject.ts";
import { rights } from "../../lib/audit/edges/rights.ts";
import type { PathFacts } from "../../lib/audit/path-facts.ts";
import { accessPaths, type AccessPath } from "../../lib/audit/paths.ts";
import { heldRights } from "../../lib/audit/rights.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
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

const facts = (rbac: KubernetesObject[], more: Partial<PathFacts> = {}): PathFacts => ({
  rbac,
  operator: { namespace: "mirrord", name: "mirrord-operator" },
  accounts: [],
  pods: [],
  tokens: [],
  awsAuth: false,
  guarded: true,
  ...more,
});

const text = ({ start, goal, place, steps }: AccessPath): string =>
  [
    formatSubject(start),
    ...steps.map(
      ({ edge, becomes, namespace }) => `-${edge}${namespace === undefined ? "" : `@${namespace}`}-> ${becomes}`,
    ),
    `= ${goal}${place === undefined ? "" : `@${place}`}`,
  ].join(" ");

function paths(rbac: KubernetesObject[], more: Partial<PathFacts> = {}): string[] {
  return accessPaths(facts(rbac, more), heldRights(rbac, rights)).map(text);
}

/** An account in dev that is an administrator. */
const deployer = [
  clusterRole("cluster-admin", [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]),
  clusterRoleBinding("deployer", "cluster-admin", [serviceAccount("deployer", "dev")]),
];
const pod = (account: string, name = "web-1", namespace = "dev") => ({
  namespace,
  name,
  account,
  targets: [`pod.${name}`, "deployment.web"],
});
const bound = (namespace: string, ...rules: ReturnType<typeof rule>[]) => [
  role(namespace, "r", rules),
  roleBinding(namespace, "b", roleRef("r"), [user("jim")]),
];
const everywhere = (...rules: ReturnType<typeof rule>[]) => [
  clusterRole("r", rules),
  clusterRoleBinding("b", "r", [user("jim")]),
];
const ADMISSION = "admissionregistration.k8s.io";
const RBAC = "rbac.authorization.k8s.io";
const OPERATOR = "operator.metalbear.co";
const CERTIFICATES = "certificates.k8s.io";
const AUTHENTICATION = "authentication.k8s.io";
const connects = [rule(OPERATOR, "mirrordoperators", "get"), rule(OPERATOR, "targets", "proxy")];
/** In dev. */
const sessions = [
  clusterRole("connect", connects),
  clusterRole("basic", [rule(OPERATOR, "mirrordoperators", "get")]),
  clusterRoleBinding("basic", "basic", [user("jim"), serviceAccount("runner", "dev")]),
];

const cases: { name: string; given: KubernetesObject[]; more?: Partial<PathFacts>; want: string[] }[] = [
  { name: "nothing is bound", given: deployer, want: [] },
  {
    name: "a pod runs as an administrator",
    given: [...deployer, ...bound("dev", rule("", "pods", "create"))],
    want: ["jim -pod-creation@dev-> sa:dev/deployer = administrator"],
  },
  {
    name: "a rule with names does not allow to create",
    given: [
      ...deployer,
      ...bound("dev", rule("", "pods", "create", "web"), rule("apps", "deployments", "create", "web")),
    ],
    want: [],
  },
  {
    name: "a pod under the one name that may be created is applied",
    given: [...deployer, ...bound("dev", rule("", "pods", "create", "web"), rule("", "pods", "patch", "web"))],
    want: ["jim -pod-creation@dev-> sa:dev/deployer = administrator"],
  },
  {
    name: "a pod under one name is created, under another patched",
    given: [...deployer, ...bound("dev", rule("", "pods", "create", "web"), rule("", "pods", "patch", "cart"))],
    want: [],
  },
  {
    name: "a revision is made anew",
    given: [
      ...deployer,
      ...bound("dev", rule("apps", "controllerrevisions", "delete"), rule("apps", "controllerrevisions", "create")),
    ],
    want: ["jim -pod-creation@dev-> sa:dev/deployer = administrator"],
  },
  ...["create", "delete", "patch"].map((verb) => ({
    name: `${verb} alone makes no revision anew`,
    given: [...deployer, ...bound("dev", rule("apps", "controllerrevisions", verb))],
    want: [],
  })),
  { name: "not from another namespace", given: [...deployer, ...bound("qa", rule("", "pods", "create"))], want: [] },
  ...[
    ["apps", "deployments"],
    ["apps", "daemonsets"],
    ["apps", "statefulsets"],
    ["apps", "replicasets"],
    ["batch", "cronjobs"],
    ["", "replicationcontrollers"],
    ["argoproj.io", "rollouts"],
  ].flatMap(([apiGroup = "", kind = ""]) =>
    ["create", "update", "patch"].map((verb) => ({
      name: `whoever may ${verb} ${kind}`,
      given: [...deployer, ...bound("dev", rule(apiGroup, kind, verb))],
      want: ["jim -pod-creation@dev-> sa:dev/deployer = administrator"],
    })),
  ),
  ...(
    [
      ["is created", [rule("batch", "jobs", "create")], true],
      ["is applied by its name", [rule("batch", "jobs", "create", "x"), rule("batch", "jobs", "patch", "x")], true],
      ["is changed, but for its template", [rule("batch", "jobs", "patch"), rule("batch", "jobs", "update")], false],
    ] as const
  ).map(([name, rules, isWay]) => ({
    name: `a Job ${name}`,
    given: [...deployer, ...bound("dev", ...rules)],
    want: isWay ? ["jim -pod-creation@dev-> sa:dev/deployer = administrator"] : [],
  })),
  {
    name: "reading kinds with a template is no way",
    given: [...deployer, ...bound("dev", rule("apps", "deployments", "get"), rule("", "pods", "list"))],
    want: [],
  },
  {
    name: "an image of a running pod is changed",
    given: [...deployer, ...bound("dev", rule("", "pods", "patch"))],
    more: { pods: [pod("deployer")] },
    want: ["jim -pod-creation@dev-> sa:dev/deployer = administrator"],
  },
  {
    name: "no pod runs as it",
    given: [...deployer, ...bound("dev", rule("", "pods", "patch"))],
    more: { pods: [pod("default")] },
    want: [],
  },
  ...["pods/exec", "pods/attach"].map((resource) => ({
    name: resource,
    given: [...deployer, ...bound("dev", rule("", resource, "create"))],
    more: { pods: [pod("deployer")] },
    want: ["jim -pod-entry@dev-> sa:dev/deployer = administrator"],
  })),
  {
    name: "ephemeral containers",
    given: [...deployer, ...bound("dev", rule("", "pods/ephemeralcontainers", "patch"))],
    more: { pods: [pod("deployer")] },
    want: ["jim -pod-entry@dev-> sa:dev/deployer = administrator"],
  },
  {
    name: "pods/log enters no pod, nor does exec of another pod",
    given: [...deployer, ...bound("dev", rule("", "pods/log", "get"), rule("", "pods/exec", "create", "other"))],
    more: { pods: [pod("deployer")] },
    want: [],
  },
  {
    name: "exec of the pod by its name",
    given: [...deployer, ...bound("dev", rule("", "pods/exec", "create", "web-1"))],
    more: { pods: [pod("deployer")] },
    want: ["jim -pod-entry@dev-> sa:dev/deployer = administrator"],
  },
  {
    name: "nodes/proxy enters pods everywhere",
    given: [...deployer, ...everywhere(rule("", "nodes/proxy", "get"))],
    more: { pods: [pod("deployer")] },
    want: ["jim -node-proxy-> sa:dev/deployer = administrator"],
  },
  {
    name: "nodes/metrics does not, nor nodes/proxy in a RoleBinding",
    given: [
      ...deployer,
      ...everywhere(rule("", "nodes/metrics", "get")),
      clusterRole("n", [rule("", "nodes/proxy", "get")]),
      roleBinding("dev", "n", clusterRoleRef("n"), [user("ana")]),
    ],
    more: { pods: [pod("deployer")] },
    want: [],
  },
  {
    name: "impersonating an account by edit's rule",
    given: [...deployer, ...bound("dev", rule("", "serviceaccounts", "impersonate"))],
    want: ["jim -impersonation-of-accounts@dev-> sa:dev/deployer = administrator"],
  },
  {
    name: "only the account that the rule names",
    given: [...deployer, ...bound("dev", rule("", "serviceaccounts", "impersonate", "other"))],
    more: {
      accounts: [
        { namespace: "dev", name: "other" },
        { namespace: "dev", name: "deployer" },
      ],
    },
    want: [],
  },
  {
    name: "a token of the account",
    given: [...deployer, ...bound("dev", rule("", "serviceaccounts/token", "create", "deployer"))],
    more: { accounts: [{ namespace: "dev", name: "deployer" }] },
    want: ["jim -token-creation@dev-> sa:dev/deployer = administrator"],
  },
  {
    name: "serviceaccounts is not serviceaccounts/token",
    given: [...deployer, ...bound("dev", rule("", "serviceaccounts", "create"))],
    want: [],
  },
  {
    name: "a Secret for a token is made and read",
    given: [...deployer, ...bound("dev", rule("", "secrets", "create"), rule("", "secrets", "get"))],
    want: ["jim -token-secret@dev-> sa:dev/deployer = administrator"],
  },
  {
    name: "Secrets are only made, or only read and none has a token",
    given: [
      ...deployer,
      ...bound("dev", rule("", "secrets", "create")),
      role("dev", "s", [rule("", "secrets", "list")]),
      roleBinding("dev", "s", roleRef("s"), [user("ana")]),
    ],
    want: [],
  },
  {
    name: "a Secret for a token is applied under the one name that may be, and is in the answer",
    given: [...deployer, ...bound("dev", rule("", "secrets", "create", "made"), rule("", "secrets", "patch", "made"))],
    want: ["jim -token-secret@dev-> sa:dev/deployer = administrator"],
  },
  {
    name: "a Secret is created under one name, and patched under another",
    given: [
      ...deployer,
      ...bound("dev", rule("", "secrets", "create", "made"), rule("", "secrets", "patch", "config")),
    ],
    want: [],
  },
  {
    name: "a stored token is read",
    given: [...deployer, ...bound("dev", rule("", "secrets", "list"))],
    more: { tokens: [{ namespace: "dev", secret: "t", account: "deployer" }] },
    want: ["jim -stored-token@dev-> sa:dev/deployer = administrator"],
  },
  ...["get", "watch", "patch", "delete", "deletecollection"].map((verb) => ({
    name: `the answer to ${verb} has the Secret in it`,
    given: [...deployer, ...bound("dev", rule("", "secrets", verb))],
    more: { tokens: [{ namespace: "dev", secret: "t", account: "deployer" }] },
    want: ["jim -stored-token@dev-> sa:dev/deployer = administrator"],
  })),
  {
    name: "deletecollection has no name in its request, and the answer to update is what was sent",
    given: [...deployer, ...bound("dev", rule("", "secrets", "deletecollection", "t"), rule("", "secrets", "update"))],
    more: { tokens: [{ namespace: "dev", secret: "t", account: "deployer" }] },
    want: [],
  },
  {
    name: "not that of a Secret of another name",
    given: [...deployer, ...bound("dev", rule("", "secrets", "get", "config"))],
    more: { tokens: [{ namespace: "dev", secret: "t", account: "deployer" }] },
    want: [],
  },
  {
    name: "groups are impersonated with a user",
    given: everywhere(rule("", "groups", "impersonate"), rule("", "users", "impersonate")),
    want: ["jim -impersonation-of-groups->  = administrator"],
  },
  {
    name: "groups alone, and uids alone, are no way",
    given: everywhere(rule("", "groups", "impersonate"), rule("authentication.k8s.io", "uids", "impersonate")),
    want: [],
  },
  {
    name: "a group that the rule names, beside a user: its rights, and no others",
    given: [
      ...deployer,
      clusterRoleBinding("boss", "cluster-admin", [group("bosses")]),
      ...everywhere(rule("", "groups", "impersonate", "bosses"), rule("", "users", "impersonate")),
    ],
    want: ["jim -impersonation-of-groups-> group:bosses = administrator"],
  },
  {
    name: "a group that may do nothing more, by its name",
    given: [
      ...deployer,
      clusterRoleBinding("boss", "cluster-admin", [group("bosses")]),
      ...everywhere(rule("", "groups", "impersonate", "web"), rule("", "users", "impersonate", "ana")),
    ],
    want: [],
  },
  {
    name: "system:masters by its name",
    given: everywhere(
      rule("", "groups", "impersonate", "web", "system:masters"),
      rule("", "users", "impersonate", "x"),
    ),
    want: ["jim -impersonation-of-groups->  = administrator"],
  },
  {
    name: "a user who may do more is impersonated",
    given: [
      ...deployer,
      clusterRoleBinding("boss", "cluster-admin", [user("boss")]),
      ...everywhere(rule("", "users", "impersonate")),
    ],
    want: ["jim -impersonation-> boss = administrator"],
  },
  {
    name: "only another user",
    given: [
      ...deployer,
      clusterRoleBinding("boss", "cluster-admin", [user("boss")]),
      ...everywhere(rule("", "users", "impersonate", "ana")),
    ],
    want: [],
  },
  {
    name: "certificates are asked for and approved",
    given: [
      ...deployer,
      clusterRoleBinding("boss", "cluster-admin", [group("bosses")]),
      ...everywhere(
        rule("certificates.k8s.io", "certificatesigningrequests", "create"),
        rule("certificates.k8s.io", "certificatesigningrequests/approval", "update"),
        rule("certificates.k8s.io", "signers", "approve", "kubernetes.io/kube-apiserver-client"),
      ),
    ],
    want: ["jim -certificate-approval-> group:bosses = administrator"],
  },
  {
    name: "no certificate is for system:masters",
    given: [
      clusterRole("cluster-admin", [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]),
      clusterRoleBinding("cluster-admin", "cluster-admin", [group("system:masters")]),
      ...everywhere(
        rule("certificates.k8s.io", "certificatesigningrequests", "create"),
        rule("certificates.k8s.io", "certificatesigningrequests/approval", "update"),
        rule("certificates.k8s.io", "signers", "approve", "kubernetes.io/kube-apiserver-client"),
      ),
    ],
    want: [],
  },
  {
    name: "certificates by a signer that is named by its domain",
    given: [
      ...deployer,
      clusterRoleBinding("boss", "cluster-admin", [group("bosses")]),
      ...everywhere(
        rule("certificates.k8s.io", "certificatesigningrequests", "create"),
        rule("certificates.k8s.io", "certificatesigningrequests/approval", "patch"),
        rule("certificates.k8s.io", "signers", "approve", "kubernetes.io/*"),
      ),
    ],
    want: ["jim -certificate-approval-> group:bosses = administrator"],
  },
  {
    name: "a signer of something else",
    given: [
      clusterRole("cluster-admin", [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]),
      clusterRoleBinding("boss", "cluster-admin", [group("bosses")]),
      ...everywhere(
        rule("certificates.k8s.io", "certificatesigningrequests", "create"),
        rule("certificates.k8s.io", "certificatesigningrequests/approval", "update"),
        rule(
          "certificates.k8s.io",
          "signers",
          "approve",
          "example.com/x",
          "example.com/*",
          "kubernetes.io/kubelet-serving",
        ),
      ),
    ],
    want: [],
  },
  ...(
    [
      ["that Kubernetes approves itself", rule(CERTIFICATES, "certificatesigningrequests/nodeclient", "create")],
      [
        "that they approve",
        rule(CERTIFICATES, "certificatesigningrequests/approval", "patch"),
        rule(CERTIFICATES, "signers", "approve", "kubernetes.io/kube-apiserver-client-kubelet"),
      ],
    ] as const
  ).map(([name, ...rules]) => ({
    name: `the certificate of a node ${name}`,
    given: [...deployer, ...everywhere(rule(CERTIFICATES, "certificatesigningrequests", "create"), ...rules)],
    more: { pods: [pod("deployer")] },
    want: ["jim -node-identity-> sa:dev/deployer = administrator"],
  })),
  ...(
    [
      ["is asked for by a rule with names", "certificatesigningrequests/nodeclient", "create", "x"],
      ["is approved only where it is one's own", "certificatesigningrequests/selfnodeclient", "create"],
      ["is for a node's server", "signers", "approve", "kubernetes.io/kubelet-serving"],
    ] as const
  ).map(([name, resource, verb, ...names]) => ({
    name: `the certificate of a node ${name}`,
    given: [
      ...deployer,
      ...everywhere(
        rule(CERTIFICATES, "certificatesigningrequests", "create"),
        rule(CERTIFICATES, "certificatesigningrequests/approval", "patch"),
        rule(CERTIFICATES, resource, verb, ...names),
      ),
    ],
    more: { pods: [pod("deployer")] },
    want: [],
  })),
  {
    name: "the certificate of a node is signed, and no pod runs as an account that can do more",
    given: [
      ...deployer,
      ...everywhere(
        rule(CERTIFICATES, "certificatesigningrequests", "create"),
        rule(CERTIFICATES, "certificatesigningrequests/nodeclient", "create"),
      ),
    ],
    more: { pods: [pod("default")] },
    want: [],
  },
  {
    name: "a node has what its group has",
    given: [
      ...deployer,
      clusterRoleBinding("nodes", "cluster-admin", [group("system:nodes")]),
      ...everywhere(
        rule(CERTIFICATES, "certificatesigningrequests", "create"),
        rule(CERTIFICATES, "certificatesigningrequests/nodeclient", "create"),
      ),
    ],
    want: ["jim -node-identity-> group:system:nodes = administrator"],
  },
  ...(
    [
      ["on which a pod runs as it", "system:node:n1", "system:nodes", true],
      ["on which none does", "system:node:n2", "system:nodes", false],
      ["without the group of nodes", "system:node:n1", "nodes", false],
      ["that is a user of another kind", "n1", "system:nodes", false],
    ] as const
  ).map(([name, node, nodes, isWay]) => ({
    name: `a node is impersonated ${name}`,
    given: [
      ...deployer,
      ...everywhere(rule("", "users", "impersonate", node), rule("", "groups", "impersonate", nodes)),
    ],
    more: { pods: [{ ...pod("deployer"), node: "n1" }] },
    want: isWay ? ["jim -node-identity-> sa:dev/deployer = administrator"] : [],
  })),
  ...(
    [
      ["any node", [], {}, true],
      ["the node on which a pod runs as it", ["n1"], { node: "n1" }, true],
      ["another node", ["n2"], { node: "n1" }, false],
      ["a node, and where the pod runs is not known", ["n2"], {}, true],
    ] as const
  ).map(([name, names, where, isWay]) => ({
    name: `a token is made as ${name} (constrained impersonation)`,
    given: [
      ...deployer,
      ...everywhere(
        rule(AUTHENTICATION, "nodes", "impersonate:arbitrary-node", ...names),
        rule("", "serviceaccounts/token", "impersonate-on:arbitrary-node:create"),
      ),
    ],
    more: { pods: [{ ...pod("deployer"), ...where }] },
    want: isWay ? ["jim -node-identity-> sa:dev/deployer = administrator"] : [],
  })),
  {
    name: "a node is impersonated for something else than tokens",
    given: [
      ...deployer,
      ...everywhere(
        rule(AUTHENTICATION, "nodes", "impersonate:arbitrary-node"),
        rule("", "pods", "impersonate-on:arbitrary-node:get"),
      ),
    ],
    more: { pods: [pod("deployer")] },
    want: [],
  },
  ...(
    [
      ["its own node", serviceAccount("agent", "dev"), [], "n1", ["sa:dev/agent"]],
      [
        "its own node, by its group",
        group("system:serviceaccounts:dev"),
        [],
        "n1",
        ["group:system:serviceaccounts:dev"],
      ],
      ["its own node, on which no other pod runs", serviceAccount("agent", "dev"), [], "n2", []],
      ["its own node, by its name, which is not asked", serviceAccount("agent", "dev"), ["n1"], "n1", []],
      ["the node of somebody who runs nowhere", user("agent"), [], "n1", []],
    ] as const
  ).map(([name, subject, names, node, who]) => ({
    name: `a token is made as ${name} (constrained impersonation)`,
    given: [
      ...deployer,
      clusterRole("r", [
        rule(AUTHENTICATION, "nodes", "impersonate:associated-node", ...names),
        rule("", "serviceaccounts/token", "impersonate-on:associated-node:create"),
      ]),
      clusterRoleBinding("b", "r", [subject]),
    ],
    more: {
      pods: [
        { ...pod("agent", "a"), node: "n1" },
        { ...pod("deployer"), node },
      ],
    },
    want: who.map((one) => `${one} -node-identity-> sa:dev/deployer = administrator`),
  })),
  {
    name: "a bootstrap token makes nodes, by rights of two of its groups",
    given: [
      ...deployer,
      clusterRole("asks", [rule(CERTIFICATES, "certificatesigningrequests", "create")]),
      clusterRole("approved", [rule(CERTIFICATES, "certificatesigningrequests/nodeclient", "create")]),
      clusterRoleBinding("asks", "asks", [group("system:bootstrappers")]),
      clusterRoleBinding("approved", "approved", [group("system:bootstrappers:kubeadm:default-node-token")]),
      ...bound("kube-system", rule("", "secrets", "create")),
    ],
    more: { pods: [pod("deployer")] },
    want: [
      "jim -bootstrap-token@kube-system-> group:system:bootstrappers:kubeadm:default-node-token -node-identity-> sa:dev/deployer = administrator",
    ],
  },
  ...(
    [
      ["applied under its name", "kube-system", ["bootstrap-token-abcdef"], "system:bootstrappers", true],
      ["under another name", "kube-system", ["token"], "system:bootstrappers", false],
      ["in another namespace", "qa", [], "system:bootstrappers", false],
      ["whose groups can do nothing more", "kube-system", [], "bootstrappers", false],
    ] as const
  ).map(([name, namespace, names, own, isWay]) => ({
    name: `a bootstrap token ${name}`,
    given: [
      ...deployer,
      clusterRoleBinding("nodes", "cluster-admin", [group(own)]),
      ...bound(namespace, rule("", "secrets", "create", ...names), rule("", "secrets", "patch", ...names)),
    ],
    want: isWay ? [`jim -bootstrap-token@kube-system-> group:${own} = administrator`] : [],
  })),
  {
    name: "bind, with a binding to write",
    given: everywhere(rule(RBAC, "clusterroles", "bind"), rule(RBAC, "clusterrolebindings", "create")),
    want: ["jim -bind->  = administrator"],
  },
  {
    name: "bind of a harmless role, and bindings without bind",
    given: [...everywhere(rule(RBAC, "clusterroles", "bind", "view"), rule(RBAC, "clusterrolebindings", "create"))],
    want: [],
  },
  {
    name: "bind of cluster-admin by its name",
    given: everywhere(rule(RBAC, "clusterroles", "bind", "cluster-admin"), rule(RBAC, "clusterrolebindings", "create")),
    want: ["jim -bind->  = administrator"],
  },
  {
    name: "escalate, with a role to write",
    given: everywhere(rule(RBAC, "clusterroles", "escalate"), rule(RBAC, "clusterroles", "patch")),
    want: ["jim -escalate->  = administrator"],
  },
  {
    name: "roles without escalate",
    given: everywhere(rule(RBAC, "clusterroles", "patch"), rule(RBAC, "clusterrolebindings", "create")),
    want: [],
  },
  {
    name: "escalate in a namespace by a ClusterRole, and no Role of one's own to write into",
    given: [
      ...deployer,
      clusterRole("w", [rule(RBAC, "roles", "escalate"), rule(RBAC, "roles", "patch")]),
      roleBinding("dev", "w", clusterRoleRef("w"), [user("jim")]),
      role("dev", "theirs", [rule("", "pods", "get")]),
      roleBinding("dev", "theirs", roleRef("theirs"), [user("ana")]),
    ],
    want: [],
  },
  {
    name: "escalate of Roles everywhere, and one of one's own by a group of everybody",
    given: [
      ...deployer,
      ...everywhere(rule(RBAC, "roles", "escalate"), rule(RBAC, "roles", "patch")),
      role("dev", "open", [rule("", "pods", "get")]),
      roleBinding("dev", "open", roleRef("open"), [group("system:authenticated")]),
    ],
    want: ["jim -escalate-> sa:dev/deployer = administrator"],
  },
  ...(
    [
      ["r", "r", " = administrator"],
      ["mine", "mine", "sa:dev/deployer = administrator"],
      ["theirs", "theirs", undefined],
      ["r", "theirs", undefined],
    ] as const
  ).map(([escalate, patch, end]) => ({
    name: `escalate of ${escalate}, patch of ${patch}`,
    given: [
      ...deployer,
      ...everywhere(rule(RBAC, "clusterroles", "escalate", escalate), rule(RBAC, "clusterroles", "patch", patch)),
      clusterRole("mine", []),
      roleBinding("dev", "mine", clusterRoleRef("mine"), [user("jim")]),
      clusterRole("theirs", []),
      clusterRoleBinding("theirs", "theirs", [user("ana")]),
    ],
    want: end === undefined ? [] : [`jim -escalate-> ${end}`],
  })),
  {
    name: "the one role that may be written is labelled for one's own",
    given: [
      ...deployer,
      clusterRole("view", [], { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] } }),
      roleBinding("dev", "v", clusterRoleRef("view"), [user("jim")]),
      clusterRole("part", []),
      ...everywhere(rule(RBAC, "clusterroles", "escalate", "part"), rule(RBAC, "clusterroles", "update", "part")),
    ],
    want: ["jim -escalate-> sa:dev/deployer = administrator"],
  },
  {
    name: "escalate in a namespace reaches its accounts",
    given: [...deployer, ...bound("dev", rule(RBAC, "roles", "escalate"), rule(RBAC, "roles", "update"))],
    want: ["jim -escalate@dev-> sa:dev/deployer = administrator"],
  },
  {
    name: "bind of a Role that is in the namespace, with sessions in it",
    given: [
      ...sessions,
      role("dev", "connect", connects),
      ...bound("dev", rule(RBAC, "roles", "bind"), rule(RBAC, "rolebindings", "create")),
    ],
    want: ["jim -bind@dev->  = sessions@dev"],
  },
  ...["", "dev"].map((namespace) => ({
    name: `bind of a Role that is enough for an account, held ${namespace === "" ? "everywhere" : "there"}`,
    given: [
      ...deployer,
      role("dev", "runs", [rule("apps", "deployments", "patch")]),
      role("qa", "runs", [rule("", "pods", "get")]),
      ...(namespace === ""
        ? everywhere(rule(RBAC, "roles", "bind"), rule(RBAC, "rolebindings", "create"))
        : bound("dev", rule(RBAC, "roles", "bind", "runs"), rule(RBAC, "rolebindings", "create"))),
    ],
    want: [`jim -bind${namespace === "" ? "" : "@dev"}-> sa:dev/deployer = administrator`],
  })),
  {
    name: "bind of Roles where none is enough: of another namespace, of another name, of one pod",
    given: [
      ...deployer,
      role("dev", "views", [rule("", "pods", "get"), rule("", "serviceaccounts", "impersonate", "other")]),
      role("dev", "runs", [rule("", "pods", "create")]),
      role("qa", "runs", [rule("", "pods", "create")]),
      ...bound("dev", rule(RBAC, "roles", "bind", "views"), rule(RBAC, "rolebindings", "create")),
    ],
    want: [],
  },
  ...(
    [
      ["edit", [rule("", "pods", "create")], "sa:dev/deployer = administrator"],
      ["escalator", [rule(RBAC, "clusterroles", "escalate"), rule(RBAC, "clusterroles", "patch")], " = administrator"],
      ["manager", [rule("access.kubectl-mirrord.io", "grants", "manage")], " = manage"],
    ] as const
  ).map(([name, rules, end]) => ({
    name: `bind in the whole cluster of what is enough for more: ${name}`,
    given: [
      ...deployer,
      clusterRole(name, [...rules]),
      ...everywhere(rule(RBAC, "clusterroles", "bind", name), rule(RBAC, "clusterrolebindings", "patch")),
    ],
    want: [`jim -bind-> ${end}`],
  })),
  ...(
    [
      ["any ClusterRole", rule(RBAC, "clusterroles", "bind")],
      ["cluster-admin by its name", rule(RBAC, "clusterroles", "bind", "cluster-admin")],
      ["edit, which is enough for its accounts", rule(RBAC, "clusterroles", "bind", "edit")],
    ] as const
  ).map(([name, bind]) => ({
    name: `bind of a ClusterRole in a namespace: ${name}`,
    given: [
      ...deployer,
      clusterRole("edit", [rule("", "pods", "create")]),
      ...bound("dev", bind, rule(RBAC, "rolebindings", "create")),
    ],
    want: ["jim -bind@dev-> sa:dev/deployer = administrator"],
  })),
  {
    name: "bind of a harmless ClusterRole in a namespace, and of any in another than where bindings are written",
    given: [
      ...deployer,
      clusterRole("view", [rule("", "pods", "get")]),
      ...bound("dev", rule(RBAC, "clusterroles", "bind", "view"), rule(RBAC, "rolebindings", "create")),
      role("qa", "b", [rule(RBAC, "clusterroles", "bind")]),
      roleBinding("qa", "b", roleRef("b"), [user("jim")]),
    ],
    want: [],
  },
  {
    name: "bind of any ClusterRole in a namespace is none in the whole cluster",
    given: [
      ...bound("dev", rule(RBAC, "clusterroles", "bind")),
      clusterRole("w", [rule(RBAC, "clusterrolebindings", "create")]),
      clusterRoleBinding("w", "w", [user("jim")]),
    ],
    want: [],
  },
  ...(
    [
      ["a webhook is made", rule(ADMISSION, "mutatingwebhookconfigurations", "create")],
      ["a policy that is bound is changed", rule(ADMISSION, "mutatingadmissionpolicies", "update")],
      [
        "a policy is made and bound",
        rule(ADMISSION, "mutatingadmissionpolicies", "create"),
        rule(ADMISSION, "mutatingadmissionpolicybindings", "create"),
      ],
      [
        "a policy is made, and a binding is changed to it",
        rule(ADMISSION, "mutatingadmissionpolicies", "create"),
        rule(ADMISSION, "mutatingadmissionpolicybindings", "patch"),
      ],
    ] as const
  ).map(([name, ...rules]) => ({
    name,
    given: everywhere(...rules),
    want: ["jim -mutating-admission->  = administrator"],
  })),
  ...["mutatingadmissionpolicies", "mutatingadmissionpolicybindings"].map((resource) => ({
    name: `half of a mutating policy does nothing: ${resource}`,
    given: everywhere(rule(ADMISSION, resource, "create")),
    want: [],
  })),
  {
    name: "a validating webhook reads tokens as they are written",
    given: [...deployer, ...everywhere(rule(ADMISSION, "validatingwebhookconfigurations", "update"))],
    want: ["jim -validating-webhook-> sa:dev/deployer = administrator"],
  },
  {
    name: "webhooks are only read",
    given: everywhere(rule(ADMISSION, "mutatingwebhookconfigurations", "list")),
    want: [],
  },
  {
    name: "policies that guard",
    given: everywhere(rule(ADMISSION, "validatingadmissionpolicies", "delete")),
    want: ["jim -guards-removable->  = guards"],
  },
  {
    name: "a policy is made and bound that refuses what ends a grant",
    given: everywhere(
      rule(ADMISSION, "validatingadmissionpolicies", "create"),
      rule(ADMISSION, "validatingadmissionpolicybindings", "create"),
    ),
    want: ["jim -guards-removable->  = guards"],
  },
  {
    name: "a validating webhook refuses what ends a grant, and sees the tokens of the operator's account",
    given: everywhere(rule(ADMISSION, "validatingwebhookconfigurations", "create")),
    want: ["jim -validating-webhook-> sa:mirrord/mirrord-operator = operator", "jim -validating-webhook->  = guards"],
  },
  ...["validatingadmissionpolicies", "validatingadmissionpolicybindings"].map((resource) => ({
    name: `half of a policy refuses nothing: ${resource}`,
    given: everywhere(rule(ADMISSION, resource, "create")),
    want: [],
  })),
  {
    name: "the definition of organizations, which is guarded itself",
    given: everywhere(
      rule("apiextensions.k8s.io", "customresourcedefinitions", "patch", "organizations.access.kubectl-mirrord.io"),
    ),
    want: [],
  },
  {
    name: "the definition of policies",
    given: everywhere(
      rule(
        "apiextensions.k8s.io",
        "customresourcedefinitions",
        "patch",
        "mirrordpolicies.policies.mirrord.metalbear.co",
      ),
    ),
    want: ["jim -definition-change->  = guards"],
  },
  {
    name: "a policy of somebody else, and no guards to remove",
    given: everywhere(rule(ADMISSION, "validatingadmissionpolicies", "delete", "theirs")),
    want: [],
  },
  {
    name: "no guards are installed",
    given: everywhere(rule(ADMISSION, "validatingadmissionpolicies", "delete")),
    more: { guarded: false },
    want: [],
  },
  {
    name: "definitions",
    given: everywhere(rule("apiextensions.k8s.io", "customresourcedefinitions", "patch")),
    want: ["jim -definition-change->  = guards"],
  },
  ...["delete", "deletecollection"].map((verb) => ({
    name: `definitions are gone with what they define: ${verb}`,
    given: everywhere(rule("apiextensions.k8s.io", "customresourcedefinitions", verb)),
    want: ["jim -definition-change->  = guards"],
  })),
  {
    name: "definitions are made, not changed",
    given: everywhere(rule("apiextensions.k8s.io", "customresourcedefinitions", "create")),
    want: [],
  },
  {
    name: "the operator's APIService",
    given: everywhere(rule("apiregistration.k8s.io", "apiservices", "update")),
    want: ["jim -api-service->  = operator"],
  },
  {
    name: "the operator's APIService is replaced",
    given: everywhere(
      rule("apiregistration.k8s.io", "apiservices", "create"),
      rule("apiregistration.k8s.io", "apiservices", "delete"),
    ),
    want: ["jim -api-service->  = operator"],
  },
  {
    name: "APIServices are only made, or only deleted",
    given: [
      ...everywhere(rule("apiregistration.k8s.io", "apiservices", "create")),
      clusterRole("d", [rule("apiregistration.k8s.io", "apiservices", "delete")]),
      clusterRoleBinding("d", "d", [user("ana")]),
    ],
    want: [],
  },
  {
    name: "another APIService",
    given: everywhere(rule("apiregistration.k8s.io", "apiservices", "update", "v1beta1.metrics.k8s.io")),
    want: [],
  },
  ...(
    [
      ["", "services", "patch"],
      ["discovery.k8s.io", "endpointslices", "create"],
      ["", "pods/status", "patch"],
    ] as const
  ).flatMap(([groupName, resource, verb]) => {
    const given = bound("mirrord", rule(groupName, resource, verb));
    const operator = { namespace: "mirrord", name: "mirrord-operator", verified: true };
    const withKey = [rule(groupName, resource, verb), rule("", "secrets", "get", "mirrord-operator-tls")];
    return [
      { name: `${resource} of the operator`, given, want: ["jim -operator-network@mirrord->  = operator"] },
      {
        name: `${resource}, and the API server checks the operator's certificate`,
        given,
        more: { operator },
        want: [],
      },
      {
        name: `${resource}, and the key of the operator's certificate`,
        given: bound("mirrord", ...withKey),
        more: { operator },
        want: ["jim -operator-network@mirrord->  = operator"],
      },
      {
        name: `${resource}, and the key of another certificate`,
        given: bound("mirrord", rule(groupName, resource, verb), rule("", "secrets", "get", "other-tls")),
        more: { operator },
        want: [],
      },
    ];
  }),
  {
    name: "the operator's Service is replaced",
    given: bound("mirrord", rule("", "services", "delete", "mirrord-operator"), rule("", "services", "create")),
    want: ["jim -operator-network@mirrord->  = operator"],
  },
  ...(
    [
      ["another Service", "services", "patch", "web"],
      ["a Service that is only made", "services", "create"],
      ["Endpoints, from which nothing is read", "endpoints", "update"],
      ["the status of a pod that is not the operator's", "pods/status", "patch", "web-1"],
    ] as const
  ).map(([name, resource, verb, ...names]) => ({
    name: `${name} beside the operator`,
    given: bound("mirrord", rule("", resource, verb, ...names)),
    more: { pods: [pod("default", "web-1", "mirrord")] },
    want: [],
  })),
  {
    name: "the operator's Service under the name that the APIService says",
    given: bound("mirrord", rule("", "services", "patch", "web")),
    more: { operator: { namespace: "mirrord", name: "mirrord-operator", service: "web" } },
    want: ["jim -operator-network@mirrord->  = operator"],
  },
  {
    name: "the status of the operator's pod by its name",
    given: bound("mirrord", rule("", "pods/status", "patch", "mirrord-operator-1")),
    more: { pods: [pod("mirrord-operator", "mirrord-operator-1", "mirrord")] },
    want: ["jim -operator-network@mirrord->  = operator"],
  },
  { name: "services elsewhere", given: bound("dev", rule("", "services", "patch")), want: [] },
  {
    name: "pods beside the operator",
    given: bound("mirrord", rule("", "pods", "create")),
    want: ["jim -pod-creation@mirrord-> sa:mirrord/mirrord-operator = operator"],
  },
  {
    name: "exec into the operator",
    given: bound("mirrord", rule("", "pods/exec", "create")),
    more: { pods: [pod("mirrord-operator", "mirrord-operator-1", "mirrord")] },
    want: ["jim -pod-entry@mirrord-> sa:mirrord/mirrord-operator = operator"],
  },
  {
    name: "whom the operator takes for the API server",
    given: bound("kube-system", rule("", "configmaps", "update", "extension-apiserver-authentication")),
    want: ["jim -front-proxy@kube-system->  = operator"],
  },
  {
    name: "another ConfigMap, and one elsewhere",
    given: [
      ...bound("kube-system", rule("", "configmaps", "update", "coredns")),
      ...bound("dev", rule("", "configmaps", "update")),
    ],
    want: [],
  },
  {
    name: "aws-auth where there is one",
    given: bound("kube-system", rule("", "configmaps", "patch", "aws-auth")),
    more: { awsAuth: true },
    want: ["jim -aws-auth@kube-system->  = administrator"],
  },
  {
    name: "aws-auth is deleted and made anew",
    given: bound("kube-system", rule("", "configmaps", "delete", "aws-auth"), rule("", "configmaps", "create")),
    more: { awsAuth: true },
    want: ["jim -aws-auth@kube-system->  = administrator"],
  },
  {
    name: "aws-auth is only deleted",
    given: bound("kube-system", rule("", "configmaps", "delete", "aws-auth")),
    more: { awsAuth: true },
    want: [],
  },
  {
    name: "aws-auth where there is none",
    given: bound("kube-system", rule("", "configmaps", "patch", "aws-auth")),
    want: [],
  },
  {
    name: "a session has the account of its target",
    given: [...deployer, ...everywhere(...connects)],
    more: { pods: [pod("deployer")] },
    want: ["jim -session-identity-> sa:dev/deployer = administrator"],
  },
  {
    name: "limited to a target that runs as it, by its container too",
    given: [
      ...deployer,
      ...everywhere(
        rule(OPERATOR, "mirrordoperators", "get"),
        rule(OPERATOR, "targets", "proxy", "deployment.web.container.app"),
      ),
    ],
    more: { pods: [pod("deployer")] },
    want: ["jim -session-identity-> sa:dev/deployer = administrator"],
  },
  {
    name: "limited to another target",
    given: [
      ...deployer,
      ...everywhere(rule(OPERATOR, "mirrordoperators", "get"), rule(OPERATOR, "targets", "proxy", "deployment.cart")),
    ],
    more: { pods: [pod("deployer")] },
    want: [],
  },
  {
    name: "proxy alone starts no session",
    given: [...deployer, ...everywhere(rule(OPERATOR, "targets", "proxy"))],
    more: { pods: [pod("deployer")] },
    want: [],
  },
  {
    name: "a copy has it as well",
    given: [
      ...deployer,
      ...everywhere(
        rule(OPERATOR, "mirrordoperators", "get"),
        rule(OPERATOR, "copytargets", "proxy"),
        rule(OPERATOR, "copytargets", "create"),
      ),
    ],
    more: { pods: [pod("deployer")] },
    want: ["jim -session-identity-> sa:dev/deployer = administrator"],
  },
  {
    name: "a preview",
    given: [
      ...deployer,
      ...everywhere(
        rule(OPERATOR, "mirrordoperators", "get"),
        rule("preview.mirrord.metalbear.co", "previewsessions", "create"),
      ),
    ],
    more: { pods: [pod("deployer")] },
    want: ["jim -preview-image-> sa:dev/deployer = administrator"],
  },
  {
    name: "previews are only listed",
    given: [
      ...deployer,
      ...everywhere(
        rule(OPERATOR, "mirrordoperators", "get"),
        rule("preview.mirrord.metalbear.co", "previewsessions", "list"),
      ),
    ],
    more: { pods: [pod("deployer")] },
    want: [],
  },
  {
    name: "a branch database",
    given: [
      ...deployer,
      ...everywhere(
        rule(OPERATOR, "mirrordoperators", "get"),
        rule("dbs.mirrord.metalbear.co", "branchdatabases", "create"),
      ),
    ],
    more: { pods: [pod("deployer")] },
    want: ["jim -branch-database-> sa:dev/deployer = administrator"],
  },
  {
    name: "the operator is asked to patch a workload",
    given: [...deployer, ...everywhere(rule("mirrord.metalbear.co", "mirrordclusterworkloadpatchrequests", "create"))],
    want: ["jim -workload-patch-> sa:dev/deployer = administrator"],
  },
  {
    name: "patches are only read",
    given: [...deployer, ...everywhere(rule("mirrord.metalbear.co", "mirrordclusterworkloadpatchrequests", "get"))],
    want: [],
  },
  {
    name: "an account that manages grants",
    given: [
      clusterRole("manager", [rule("access.kubectl-mirrord.io", "grants", "manage")]),
      clusterRoleBinding("gitops", "manager", [serviceAccount("argocd", "dev")]),
      ...bound("dev", rule("apps", "deployments", "patch")),
    ],
    want: ["jim -pod-creation@dev-> sa:dev/argocd = manage"],
  },
  {
    name: "sessions by an account that may start them where the user may not",
    given: [
      ...sessions,
      roleBinding("qa", "c", clusterRoleRef("connect"), [serviceAccount("runner", "dev")]),
      ...bound("dev", rule("", "serviceaccounts", "impersonate")),
    ],
    want: ["jim -impersonation-of-accounts@dev-> sa:dev/runner = sessions@qa"],
  },
  {
    name: "whoever has these sessions needs no path",
    given: [
      ...sessions,
      roleBinding("qa", "c", clusterRoleRef("connect"), [serviceAccount("runner", "dev"), user("jim")]),
      ...bound("dev", rule("", "serviceaccounts", "impersonate")),
    ],
    want: [],
  },
  {
    name: "two steps, and the shorter way where there is one",
    given: [
      ...deployer,
      ...bound("qa", rule("", "pods/exec", "create")),
      clusterRole("x", [rule("", "secrets", "list"), rule("", "secrets", "create")]),
      clusterRoleBinding("x", "x", [serviceAccount("worker", "qa")]),
    ],
    more: { pods: [pod("worker", "w", "qa")] },
    want: [
      "sa:qa/worker -token-secret-> sa:dev/deployer = administrator",
      "jim -pod-entry@qa-> sa:qa/worker -token-secret-> sa:dev/deployer = administrator",
    ],
  },
  {
    name: "a right of one's own and one of a group that everybody is in",
    given: [
      ...deployer,
      ...bound("dev", rule("", "secrets", "create")),
      clusterRole("open", [rule("", "secrets", "get")]),
      roleBinding("dev", "open", clusterRoleRef("open"), [group("system:authenticated")]),
    ],
    want: ["jim -token-secret@dev-> sa:dev/deployer = administrator"],
  },
  {
    name: "a right of an account and one of all accounts of its namespace",
    given: [
      ...deployer,
      role("dev", "maker", [rule("", "secrets", "create")]),
      roleBinding("dev", "maker", roleRef("maker"), [serviceAccount("ci", "tools")]),
      clusterRole("open", [rule("", "secrets", "get")]),
      clusterRoleBinding("open", "open", [group("system:serviceaccounts:tools")]),
    ],
    want: ["sa:tools/ci -token-secret@dev-> sa:dev/deployer = administrator"],
  },
  {
    name: "two groups that every account of a namespace is in",
    given: [
      ...deployer,
      role("dev", "maker", [rule("", "secrets", "create")]),
      roleBinding("dev", "maker", roleRef("maker"), [group("system:serviceaccounts:tools")]),
      clusterRole("open", [rule("", "secrets", "get")]),
      clusterRoleBinding("open", "open", [group("system:serviceaccounts")]),
    ],
    want: ["group:system:serviceaccounts:tools -token-secret@dev-> sa:dev/deployer = administrator"],
  },
  {
    name: "the second right is a group's that nobody is put in, or it holds elsewhere",
    given: [
      ...deployer,
      ...bound("dev", rule("", "secrets", "create")),
      clusterRole("open", [rule("", "secrets", "get")]),
      clusterRoleBinding("theirs", "open", [group("oidc:web"), group("system:serviceaccounts")]),
      roleBinding("qa", "open", clusterRoleRef("open"), [group("system:authenticated")]),
    ],
    want: [],
  },
  {
    name: "sessions that a group of everybody completes are one's own",
    given: [
      clusterRole("connect", connects),
      clusterRole("proxy", [rule(OPERATOR, "targets", "proxy")]),
      clusterRole("basic", [rule(OPERATOR, "mirrordoperators", "get")]),
      clusterRoleBinding("basic", "basic", [group("system:authenticated")]),
      roleBinding("qa", "p", clusterRoleRef("proxy"), [serviceAccount("runner", "dev")]),
      ...bound("dev", rule("", "serviceaccounts", "impersonate")),
    ],
    want: ["jim -impersonation-of-accounts@dev-> sa:dev/runner = sessions@qa"],
  },
  {
    name: "a new role is aggregated into one that somebody is bound to",
    given: [
      ...deployer,
      clusterRole("view", [], { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] } }),
      roleBinding("dev", "v", clusterRoleRef("view"), [user("jim")]),
      ...everywhere(rule(RBAC, "clusterroles", "escalate"), rule(RBAC, "clusterroles", "create")),
    ],
    want: ["jim -aggregation-> sa:dev/deployer = administrator"],
  },
  {
    name: "the aggregated role is bound in the whole cluster, by a group of everybody",
    given: [
      clusterRole("view", [], { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] } }),
      clusterRoleBinding("v", "view", [group("system:authenticated")]),
      ...everywhere(rule(RBAC, "clusterroles", "escalate"), rule(RBAC, "clusterroles", "create")),
    ],
    want: ["jim -aggregation->  = administrator"],
  },
  {
    name: "a role under the one name that may be created is aggregated",
    given: [
      clusterRole("view", [], { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] } }),
      clusterRoleBinding("v", "view", [user("jim")]),
      ...everywhere(
        rule(RBAC, "clusterroles", "escalate", "new"),
        rule(RBAC, "clusterroles", "create", "new"),
        rule(RBAC, "clusterroles", "patch", "new"),
      ),
    ],
    want: ["jim -aggregation->  = administrator"],
  },
  ...(
    [
      ["without escalate", rule(RBAC, "clusterroles", "create"), rule(RBAC, "clusterroles", "get")],
      ["without create", rule(RBAC, "clusterroles", "escalate"), rule(RBAC, "clusterroles", "get")],
      ["escalate of one role", rule(RBAC, "clusterroles", "escalate", "x"), rule(RBAC, "clusterroles", "create")],
    ] as const
  ).map(([name, ...rules]) => ({
    name: `nothing is aggregated ${name}`,
    given: [
      ...deployer,
      clusterRole("view", [], { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] } }),
      roleBinding("dev", "v", clusterRoleRef("view"), [user("jim")]),
      ...everywhere(...rules),
    ],
    want: [],
  })),
  {
    name: "a new role is aggregated into none that somebody is bound to",
    given: [
      ...deployer,
      clusterRole("view", [], { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] } }),
      clusterRole("plain", [rule("", "pods", "get")]),
      roleBinding("dev", "v", clusterRoleRef("plain"), [user("jim")]),
      ...everywhere(rule(RBAC, "clusterroles", "escalate"), rule(RBAC, "clusterroles", "create")),
    ],
    want: [],
  },
  {
    name: "the control plane, the operator and administrators are no start",
    given: [
      ...deployer,
      clusterRole("p", [rule("", "pods", "create")]),
      clusterRoleBinding("p", "p", [
        user("system:kube-scheduler"),
        serviceAccount("job-controller", "kube-system"),
        serviceAccount("mirrord-operator", "mirrord"),
        group("system:masters"),
        serviceAccount("deployer", "dev"),
      ]),
    ],
    want: [],
  },
  {
    name: "a group of everybody is the start, not its members",
    given: [
      ...deployer,
      clusterRole("p", [rule("", "pods", "create")]),
      clusterRoleBinding("p", "p", [group("system:authenticated")]),
      clusterRole("z", [rule("", "pods", "create")]),
      roleBinding("qa", "z", clusterRoleRef("z"), [user("ana")]),
    ],
    want: ["group:system:authenticated -pod-creation-> sa:dev/deployer = administrator"],
  },
  {
    name: "`*` and a wildcard of subresources count",
    given: [...deployer, ...bound("dev", { apiGroups: ["*"], resources: ["*/exec"], verbs: ["*"] })],
    more: { pods: [pod("deployer")] },
    want: ["jim -pod-entry@dev-> sa:dev/deployer = administrator"],
  },
  {
    name: "pods/* is no wildcard",
    given: [...deployer, ...bound("dev", rule("", "pods/*", "create"))],
    more: { pods: [pod("deployer")] },
    want: [],
  },
];
for (const { name, given, more, want } of cases) t.test(name, async (t) => t.same(paths(given, more), want));
