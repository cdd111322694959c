import t from "tap";
import { objectFindings } from "../../lib/audit/object-findings.ts";
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
import { stockRules } from "../../lib/rbac/stock-rules.ts";
import { operatorRoles } from "../preview/objects.ts";
import { auditFacts, findingText, held } from "./facts.ts";

const OPERATOR = "operator.metalbear.co";
const connect = clusterRole("connect", [rule(OPERATOR, "targets", "proxy")]);
const reader = clusterRole("reader", [rule("", "nodes", "list")]);
const labelled = (label: string, value: string, ...rules: Parameters<typeof clusterRole>[1]): KubernetesObject => ({
  ...clusterRole("extra", rules),
  metadata: { name: "extra", labels: { [label]: value } },
});
/** A role as a new cluster has it, and what was added. */
function stockRole(name: string, ...added: Parameters<typeof clusterRole>[1]): KubernetesObject {
  return clusterRole(name, [...(stockRules(clusterRole(name, [])) ?? []), ...added]);
}
const TO_EDIT = "rbac.authorization.k8s.io/aggregate-to-edit";
const binds = (...subjects: Parameters<typeof clusterRoleBinding>[2]) => [
  connect,
  roleBinding("dev", "b", clusterRoleRef("connect"), subjects),
];

const BEYOND_PAGE =
  "note wider-operator-role ClusterRole mirrord-operator-user: beyond mirrord's page on access control it allows create mirrordclusteroperatorusercredentials; get, list, create, proxy copytargets; delete, deletecollection sessions; get mirrordprofiles";

const cases: { name: string; given: KubernetesObject[]; more?: Partial<AuditFacts>; want: string[] }[] = [
  { name: "nothing", given: [], want: [] },
  {
    name: "somebody was added to a binding of Kubernetes",
    given: [
      reader,
      clusterRoleBinding("system:controller:node-controller", "reader", [
        serviceAccount("node-controller", "kube-system"),
        user("eve"),
      ]),
    ],
    want: [
      "error system-binding-changed ClusterRoleBinding system:controller:node-controller: system:controller:node-controller also names eve",
    ],
  },
  ...(
    [
      ["system:node", rule("", "serviceaccounts", "impersonate"), "error", "impersonate serviceaccounts"],
      ["system:discovery", rule("", "secrets", "list"), "error", "list secrets"],
      ["system:controller:ttl-controller", rule("*", "*", "*"), "error", "do anything to everything of every group"],
      ["system:kube-scheduler", rule("", "pods", "create"), "error", "create pods"],
      ["system:basic-user", rule("", "nodes", "list"), "note", "list nodes"],
      ["system:monitoring", { verbs: ["get"], nonResourceURLs: ["/debug/*"] }, "note", "get /debug/*"],
    ] satisfies [string, Parameters<typeof clusterRole>[1][number], string, string][]
  ).map(([name, added, severity, words]) => ({
    name: `a rule was added to ${name}`,
    given: [stockRole(name, added)],
    want: [`${severity} system-role-widened ClusterRole ${name}: it also allows ${words}`],
  })),
  ...["system:node", "system:discovery", "system:controller:ttl-controller", "cluster-admin"].map((name) => ({
    name: `${name} is as it comes`,
    given: [stockRole(name)],
    want: [],
  })),
  {
    name: "a role of Kubernetes allows less, a role of a provider is called alike, and view is what is aggregated into it",
    given: [
      clusterRole("system:node", []),
      clusterRole("system:provider:agent", [rule("", "serviceaccounts", "impersonate")]),
      clusterRole("view", [rule("", "pods", "get"), rule("example.com", "widgets", "get")]),
      role("dev", "system:node", [rule("", "serviceaccounts", "impersonate")]),
    ],
    want: [],
  },
  {
    name: "a Role of Kubernetes in kube-system allows more",
    given: [
      role("kube-system", "system:controller:cloud-provider", [
        rule("", "configmaps", "create"),
        rule("", "configmaps", "update"),
      ]),
    ],
    want: [
      "error system-role-widened Role kube-system/system:controller:cloud-provider: it also allows update configmaps",
    ],
  },
  {
    name: "everybody in a binding that is not for everybody",
    given: [
      reader,
      clusterRoleBinding("cluster-admin", "reader", [group("system:masters"), group("system:authenticated")]),
    ],
    want: [
      "error system-binding-changed ClusterRoleBinding cluster-admin: cluster-admin also names group:system:authenticated",
    ],
  },
  {
    name: "as Kubernetes makes them",
    given: [
      reader,
      clusterRoleBinding("system:discovery", "reader", [group("system:authenticated")]),
      clusterRoleBinding("system:public-info-viewer", "reader", [
        group("system:authenticated"),
        group("system:unauthenticated"),
      ]),
      clusterRoleBinding("system:kube-scheduler", "reader", [user("system:kube-scheduler")]),
      roleBinding("kube-system", "system:controller:bootstrap-signer", clusterRoleRef("reader"), [
        serviceAccount("bootstrap-signer", "kube-system"),
      ]),
    ],
    want: [],
  },
  {
    name: "a binding of that name in another namespace is somebody's own",
    given: [reader, roleBinding("dev", "system:controller:x", clusterRoleRef("reader"), [user("eve")])],
    want: [],
  },
  {
    name: "a role of mirrord is aggregated",
    given: [labelled(TO_EDIT, "true", rule(OPERATOR, "targets", "proxy"))],
    want: ["error aggregated-role ClusterRole extra: its rules for mirrord are part of the role edit as well"],
  },
  {
    name: "a role of something else is, and one that says false",
    given: [labelled(TO_EDIT, "true", rule("apps", "x", "get"))],
    want: [],
  },
  { name: "the label says false", given: [labelled(TO_EDIT, "false", rule(OPERATOR, "targets", "proxy"))], want: [] },
  { name: "another label", given: [labelled("team", "true", rule(OPERATOR, "targets", "proxy"))], want: [] },
  { name: "the operator's roles as the chart makes them", given: [...operatorRoles], want: [BEYOND_PAGE] },
  {
    name: "a rule was added to one",
    given: operatorRoles.map((each) =>
      each.metadata.name === "mirrord-operator-user"
        ? { ...each, rules: [...(each["rules"] as object[]), rule("", "secrets", "get")] }
        : each,
    ),
    want: ["warning operator-role-changed ClusterRole mirrord-operator-user: it also allows get secrets", BEYOND_PAGE],
  },
  {
    name: "and one taken away",
    given: [clusterRole("mirrord-operator-user-basic", [rule(OPERATOR, "mirrordoperators", "get")])],
    want: [
      "warning operator-role-changed ClusterRole mirrord-operator-user-basic: it lacks create mirrordclusteroperatorusercredentials",
    ],
  },
  {
    name: "a role that does not exist, and one of mirrord that does not",
    given: [
      roleBinding("dev", "b", roleRef("gone"), [user("jim")]),
      clusterRoleBinding("m", "mirrord-operator-user", [user("jim")]),
    ],
    want: [
      "note dangling-binding RoleBinding dev/b: there is no role gone",
      "warning dangling-binding ClusterRoleBinding m: there is no clusterrole mirrord-operator-user",
    ],
  },
  {
    name: "roles that may not be listed are not missing",
    given: [roleBinding("dev", "b", roleRef("gone"), [user("jim")])],
    more: { unreadable: ["roles"] },
    want: [],
  },
  {
    name: "a service account that does not exist, with and without a right that matters",
    given: [
      ...binds(serviceAccount("ci", "dev")),
      reader,
      clusterRoleBinding("r", "reader", [serviceAccount("old", "ops")]),
    ],
    more: { existingAccounts: new Set(["dev/default"]) },
    want: [
      "warning missing-account RoleBinding dev/b: there is no service account dev/ci",
      "note missing-account ClusterRoleBinding r: there is no service account ops/old",
    ],
  },
  {
    name: "one that is there",
    given: binds(serviceAccount("ci", "dev")),
    more: { existingAccounts: new Set(["dev/ci"]) },
    want: [],
  },
  { name: "nobody may list accounts", given: binds(serviceAccount("ci", "dev")), want: [] },
  {
    name: "names that look alike",
    given: binds(user("jim"), user("Jim"), user("jіm"), user("ji\u200bm")),
    want: ["warning look-alike RoleBinding dev/b: jim and Jim and jіm and ji\u200bm look alike, and are not the same"],
  },
  { name: "names that do not", given: binds(user("jim"), user("jim1"), user("kim"), group("Jim2")), want: [] },
  {
    name: "a user and a group, and accounts of two namespaces",
    given: binds(user("ops"), group("ops"), serviceAccount("ci", "dev"), serviceAccount("ci", "qa")),
    want: [
      "note same-name RoleBinding dev/b: ops and group:ops have one name",
      "note same-name RoleBinding dev/b: sa:dev/ci and sa:qa/ci have one name",
    ],
  },
  {
    name: "default accounts, and names without a right that matters",
    given: [
      ...binds(serviceAccount("default", "dev"), serviceAccount("default", "qa")),
      reader,
      clusterRoleBinding("r", "reader", [user("ana"), group("ana"), user("Ana")]),
    ],
    want: [],
  },
];
for (const { name, given, more, want } of cases)
  t.test(name, async (t) => {
    const facts = auditFacts(given, more);
    t.same(objectFindings(facts, held(facts)).map(findingText), want);
  });
