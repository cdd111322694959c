import t from "tap";
import { accessFindings } from "../../lib/audit/access-findings.ts";
import type { AuditFacts } from "../../lib/audit/findings.ts";
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
import { auditFacts, findingText, held } from "./facts.ts";

const OPERATOR = "operator.metalbear.co";
const everything = clusterRole("cluster-admin", [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]);
const connect = clusterRole("connect", [rule(OPERATOR, "targets", "proxy"), rule(OPERATOR, "mirrordoperators", "get")]);
const limited = clusterRole("limited", [rule(OPERATOR, "targets", "proxy", "deployment.web")]);
const basic = clusterRole("basic", [rule(OPERATOR, "mirrordoperators", "get")]);
const deleter = clusterRole("deleter", [rule(OPERATOR, "sessions", "delete")]);
const keys = clusterRole("keys", [rule(OPERATOR, "mirrordclusteroperatorusercredentials", "create")]);
const labels = clusterRole("labels", [rule("", "namespaces", "patch")]);

const cases: { name: string; given: KubernetesObject[]; more?: Partial<AuditFacts>; want: string[] }[] = [
  { name: "nothing", given: [], want: [] },
  {
    name: "cluster-admin of a person is low",
    given: [everything, clusterRoleBinding("boss", "cluster-admin", [user("boss"), group("system:masters")])],
    want: ["note administrator ClusterRoleBinding boss: boss is bound to cluster-admin"],
  },
  {
    name: "the control plane's is none",
    given: [
      everything,
      clusterRoleBinding("cluster-admin", "cluster-admin", [
        group("system:masters"),
        serviceAccount("x", "kube-system"),
      ]),
    ],
    want: [],
  },
  {
    name: "nor is cluster-admin in one namespace",
    given: [
      everything,
      roleBinding("dev", "a", clusterRoleRef("cluster-admin"), [serviceAccount("mirrord-operator", "mirrord")]),
    ],
    want: [],
  },
  {
    name: "everything by another role",
    given: [
      clusterRole("god", [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]),
      clusterRoleBinding("g", "god", [user("jim")]),
    ],
    want: ["warning administrator ClusterRoleBinding g: jim may do everything, by clusterrole god"],
  },
  {
    name: "a wildcard of API groups in a namespace",
    given: [
      role("dev", "w", [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]),
      roleBinding("dev", "w", roleRef("w"), [user("jim"), user("ana")]),
    ],
    want: ["warning wildcard Role dev/w: role dev/w lets ana and jim connect to every target in dev by a wildcard"],
  },
  {
    name: "a wildcard of another group, and mirrord's rule by its name",
    given: [
      role("dev", "w", [{ apiGroups: ["apps"], resources: ["*"], verbs: ["*"] }, rule(OPERATOR, "targets", "proxy")]),
      roleBinding("dev", "w", roleRef("w"), [user("jim")]),
    ],
    want: [],
  },
  {
    name: "a group of everybody",
    given: [connect, roleBinding("dev", "c", clusterRoleRef("connect"), [group("system:authenticated")])],
    want: [
      "error everybody RoleBinding dev/c: group:system:authenticated may proxy targets.operator.metalbear.co in dev",
    ],
  },
  {
    name: "what holds for every name is not said again for one",
    given: [
      clusterRole("reads", [rule("", "secrets", "list")]),
      clusterRoleBinding("c", "reads", [group("system:unauthenticated")]),
    ],
    want: [
      "error everybody ClusterRoleBinding c: group:system:unauthenticated may list secrets",
      "warning operator-secrets ClusterRoleBinding c: group:system:unauthenticated may read the operator's Secrets in mirrord",
    ],
  },
  {
    name: "everything for everybody",
    given: [everything, clusterRoleBinding("oops", "cluster-admin", [group("system:serviceaccounts")])],
    want: [
      "note administrator ClusterRoleBinding oops: group:system:serviceaccounts is bound to cluster-admin",
      "error everybody ClusterRoleBinding oops: group:system:serviceaccounts may everything",
    ],
  },
  {
    name: "what a cluster gives everybody from the beginning",
    given: [
      clusterRole("system:basic-user", [rule("authorization.k8s.io", "selfsubjectaccessreviews", "create")]),
      clusterRoleBinding("system:basic-user", "system:basic-user", [group("system:authenticated")]),
    ],
    want: [],
  },
  {
    name: "sessions everywhere, and a binding that adds nothing",
    given: [
      connect,
      clusterRoleBinding("wide", "connect", [user("jim")]),
      roleBinding("dev", "c", clusterRoleRef("connect"), [user("jim")]),
    ],
    want: [
      "warning cluster-wide-sessions ClusterRoleBinding wide: jim may start sessions in every namespace",
      "note redundant-grant RoleBinding dev/c: jim may start sessions in dev by wide already",
    ],
  },
  {
    name: "sessions in namespaces are as they should be",
    given: [
      connect,
      basic,
      clusterRoleBinding("b", "basic", [user("jim")]),
      roleBinding("dev", "c", clusterRoleRef("connect"), [user("jim")]),
    ],
    want: [],
  },
  {
    name: "a limit that another binding makes void",
    given: [
      connect,
      limited,
      roleBinding("dev", "l", clusterRoleRef("limited"), [user("jim")]),
      roleBinding("dev", "c", clusterRoleRef("connect"), [user("jim")]),
    ],
    want: [
      "warning void-target-limit RoleBinding dev/l: jim is limited to 1 targets, and rolebinding c allows all of them",
    ],
  },
  {
    name: "a limit that a group of everybody makes void",
    given: [
      connect,
      limited,
      roleBinding("dev", "l", clusterRoleRef("limited"), [serviceAccount("ci", "dev")]),
      roleBinding("dev", "c", clusterRoleRef("connect"), [group("system:serviceaccounts:dev")]),
    ],
    want: [
      "error everybody RoleBinding dev/c: group:system:serviceaccounts:dev may proxy targets.operator.metalbear.co in dev",
      "warning void-target-limit RoleBinding dev/l: sa:dev/ci is limited to 1 targets, and rolebinding c allows all of them",
    ],
  },
  {
    name: "limits beside each other, and one of another namespace",
    given: [
      connect,
      limited,
      roleBinding("dev", "l", clusterRoleRef("limited"), [user("jim")]),
      roleBinding("dev", "m", clusterRoleRef("limited"), [user("jim")]),
      roleBinding("qa", "c", clusterRoleRef("connect"), [user("jim")]),
    ],
    want: [],
  },
  {
    name: "whoever may end everybody's sessions",
    given: [deleter, clusterRoleBinding("d", "deleter", [user("jim"), user("ana")])],
    want: [
      "warning session-deletion ClusterRole deleter: clusterrole deleter lets its holders end the sessions of everybody",
    ],
  },
  {
    name: "in one namespace it deletes nothing: clients use the path of the cluster",
    given: [deleter, roleBinding("dev", "d", clusterRoleRef("deleter"), [user("jim")])],
    want: [],
  },
  {
    name: "keys of CI",
    given: [keys, clusterRoleBinding("k", "keys", [serviceAccount("runner", "ci")])],
    want: ["note ci-keys ClusterRole keys: clusterrole keys lets its holders make CI keys, which outlive a grant"],
  },
  {
    name: "keys are not made by whoever is bound in a namespace",
    given: [keys, roleBinding("dev", "k", clusterRoleRef("keys"), [user("jim")])],
    want: [],
  },
  {
    name: "uids of others",
    given: [
      clusterRole("u", [rule("authentication.k8s.io", "uids", "impersonate")]),
      clusterRoleBinding("u", "u", [user("jim")]),
    ],
    want: [
      "note impersonation-of-extras ClusterRole u: clusterrole u lets its holders set the uid or extra fields of others",
    ],
  },
  ...["userextras/scopes", "userextras/example.org%2fproject", "*/scopes", "*"].map((resource) => ({
    name: `extra fields of others: ${resource}`,
    given: [
      clusterRole("u", [rule("authentication.k8s.io", resource, "impersonate", "x")]),
      clusterRoleBinding("u", "u", [user("jim")]),
    ],
    want: [
      "note impersonation-of-extras ClusterRole u: clusterrole u lets its holders set the uid or extra fields of others",
    ],
  })),
  {
    name: "extra fields without a key, and those of another resource",
    given: [
      clusterRole("u", [
        rule("authentication.k8s.io", "userextras", "impersonate"),
        rule("authentication.k8s.io", "others/scopes", "impersonate"),
      ]),
      clusterRoleBinding("u", "u", [user("jim")]),
    ],
    want: [],
  },
  {
    name: "uids in the wrong API group",
    given: [clusterRole("u", [rule("", "uids", "impersonate")]), clusterRoleBinding("u", "u", [user("jim")])],
    want: [],
  },
  {
    name: "Secrets of the operator",
    given: [
      clusterRole("s", [rule("", "secrets", "get")]),
      roleBinding("mirrord", "s", clusterRoleRef("s"), [user("jim")]),
      role("mirrord", "one", [rule("", "secrets", "get", "other", "mirrord-operator-tls")]),
      roleBinding("mirrord", "one", roleRef("one"), [user("ana")]),
    ],
    want: [
      "warning operator-secrets RoleBinding mirrord/s: jim may read the operator's Secrets in mirrord",
      "warning operator-secrets RoleBinding mirrord/one: ana may read the operator's Secrets in mirrord",
    ],
  },
  {
    name: "Secrets elsewhere, one of another name, and the operator itself",
    given: [
      clusterRole("s", [rule("", "secrets", "get")]),
      roleBinding("dev", "s", clusterRoleRef("s"), [user("jim")]),
      roleBinding("mirrord", "s", clusterRoleRef("s"), [serviceAccount("mirrord-operator", "mirrord")]),
      role("mirrord", "one", [rule("", "secrets", "get", "other"), rule("", "secrets", "create")]),
      roleBinding("mirrord", "one", roleRef("one"), [user("ana")]),
    ],
    want: [],
  },
  {
    name: "labels of namespaces that are in collections",
    given: [
      labels,
      clusterRoleBinding("l", "labels", [user("jim")]),
      roleBinding("dev", "l", clusterRoleRef("labels"), [user("ana")]),
      roleBinding("qa", "l", clusterRoleRef("labels"), [user("eve")]),
    ],
    more: { openCollections: ["dev"] },
    want: [
      "warning collection-labels ClusterRoleBinding l: jim may change the labels that put namespace dev into a collection",
      "warning collection-labels RoleBinding dev/l: ana may change the labels that put namespace dev into a collection",
    ],
  },
  {
    name: "where they are guarded, or another namespace is named",
    given: [labels, clusterRoleBinding("l", "labels", [user("jim")])],
    want: [],
  },
  {
    name: "a rule that names another namespace",
    given: [clusterRole("n", [rule("", "namespaces", "patch", "qa")]), clusterRoleBinding("n", "n", [user("jim")])],
    more: { openCollections: ["dev"] },
    want: [],
  },
];
for (const { name, given, more, want } of cases)
  t.test(name, async (t) => {
    const facts = auditFacts(given, more);
    t.same(accessFindings(facts, held(facts)).map(findingText), want);
  });
