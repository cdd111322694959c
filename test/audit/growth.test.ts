// Growth is counted in steps: what a cluster of ten times the size costs.
import t from "tap";
import type { Side } from "../../lib/audit/diff/diff.ts";
import type { AuditFacts } from "../../lib/audit/findings.ts";
import type { UnusedFacts } from "../../lib/audit/unused/unused.ts";
import { DAY_MILLISECONDS } from "../../lib/audit/usage/span.ts";
import { addRecord, noUsage } from "../../lib/audit/usage/totals.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { HtmlReport } from "../../lib/view/html/report.ts";
import { intentWith } from "../access/grant.ts";
import { operatorClusterRoles } from "../access/operator-roles.ts";
import { storedGrant, storedParts } from "../access/stored-grant.ts";
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
import { steps } from "../steps.ts";
import { auditFacts } from "./facts.ts";

const OPERATOR = "operator.metalbear.co";

const inNamespaces = <One>(count: number, make: (namespace: string, at: number) => One[]): One[] =>
  Array.from({ length: count }, (_, at) => make(`ns-${at}`, at)).flat();

/** Namespaces with a team, its sessions, a limited target, an account that another may act as, and pods. */
function company(namespaces: number): AuditFacts {
  const each = <One>(make: (at: number, namespace: string) => One[]): One[] =>
    inNamespaces(namespaces, (namespace, at) => make(at, namespace));
  const rbac = [
    clusterRole("basic", [rule(OPERATOR, "mirrordoperators", "get")]),
    clusterRole("connect", [rule(OPERATOR, "targets", "proxy")]),
    clusterRole("actor", [rule("", "serviceaccounts", "impersonate")]),
    clusterRole(
      "big",
      Array.from({ length: 800 }, (_, at) => rule("example.com", `kind-${at}`, "get")),
    ),
    clusterRoleBinding("open", "basic", [group("system:authenticated")]),
    ...each((at, namespace) => [
      role(namespace, "one", [rule(OPERATOR, "targets", "proxy", "deployment.web")]),
      roleBinding(namespace, "limited", roleRef("one"), [user(`user-${at}`)]),
      roleBinding(namespace, "team", clusterRoleRef("connect"), [group(`team-${at}`), serviceAccount("runner")]),
      roleBinding(namespace, "actor", clusterRoleRef("actor"), [user(`user-${at + 1}`)]),
      roleBinding(namespace, "big", clusterRoleRef("big"), [group(`team-${at}`)]),
    ]),
  ];
  return auditFacts(rbac, {
    accounts: each((_, namespace) => [{ namespace, name: "runner" }]),
    pods: each((_, namespace) =>
      ["web", "api"].map((name) => ({ namespace, name, account: "runner", targets: [`deployment.${name}`] })),
    ),
  });
}

/** One group in each namespace: limited to a target, and not limited. */
const limitedEverywhere = (namespaces: number): AuditFacts =>
  auditFacts([
    clusterRole("basic", [rule(OPERATOR, "mirrordoperators", "get")]),
    clusterRole("connect", [rule(OPERATOR, "targets", "proxy")]),
    clusterRole("one", [rule(OPERATOR, "targets", "proxy", "deployment.web")]),
    clusterRoleBinding("open", "basic", [group("team")]),
    ...inNamespaces(namespaces, (namespace) => [
      roleBinding(namespace, "limited", clusterRoleRef("one"), [group("team")]),
      roleBinding(namespace, "whole", clusterRoleRef("connect"), [group("team")]),
    ]),
  ]);

/** In each namespace somebody may act as an account by its name, bind a role by its name, and change the labels of the namespace, which is in a collection. */
const namedAccounts = (namespaces: number): AuditFacts =>
  auditFacts(
    inNamespaces(namespaces, (namespace, at) => [
      role(namespace, "actor", [rule("", "serviceaccounts", "impersonate", "runner")]),
      role(namespace, "labels", [rule("", "namespaces", "patch")]),
      role(namespace, "binder", [
        rule("rbac.authorization.k8s.io", "clusterroles", "bind", "view"),
        rule("rbac.authorization.k8s.io", "rolebindings", "create"),
      ]),
      roleBinding(namespace, "binder", roleRef("binder"), [user(`user-${at}`)]),
      roleBinding(namespace, "actor", roleRef("actor"), [user(`user-${at}`)]),
      roleBinding(namespace, "labels", roleRef("labels"), [user(`user-${at}`)]),
    ]),
    {
      accounts: inNamespaces(namespaces, (namespace) => [{ namespace, name: "runner" }]),
      openCollections: inNamespaces(namespaces, (namespace) => [namespace]),
    },
  );

/** A grant for each namespace, used or not, and what a log says of all. */
function grantsInUse(namespaces: number): UnusedFacts {
  const to = Date.parse("2026-06-01T12:00:00Z");
  const totals = noUsage();
  const grants = inNamespaces(namespaces, (namespace, at) => {
    const intent = intentWith({
      subject: { kind: "User", name: `user-${at}` },
      set: { kind: "namespaces", namespaces: [namespace] },
    });
    const request = { verb: "proxy", resource: "targets.operator.metalbear.co", refused: false, time: to - 1 };
    if (at % 2 === 0)
      addRecord(totals, { from: "api-server", user: `user-${at}`, namespace, target: "deployment/web", ...request });
    return [
      {
        grant: storedGrant(storedParts(intent).objects),
        context: { now: to, live: true, policies: false, namespaces: [namespace] },
      },
    ];
  });
  for (let day = 0; day < 90; day += 1) totals.days.apiServer.add(Math.floor(to / DAY_MILLISECONDS) - day);
  const roles = Array.from({ length: namespaces }, (_, at) => clusterRole(`role-${at}`, [rule("", "pods", "get")]));
  const window = { from: to - 80 * DAY_MILLISECONDS, to };
  return { grants, totals, window, roles: [...operatorClusterRoles, ...roles], connection: [] };
}

/** Two sides of a change that makes every binding to the big role anew. */
const twoSides = (namespaces: number): [Side, Side] => {
  const { rbac } = company(namespaces);
  const targets = inNamespaces(namespaces, (namespace) => [{ kind: "deployment" as const, name: "web", namespace }]);
  const isKept = ({ kind, metadata: { name } }: KubernetesObject) => kind !== "RoleBinding" || name === "actor";
  const both = { policies: [], targets };
  return [
    { ...both, rbac },
    { ...both, rbac: rbac.filter(isKept) },
  ];
};

/** A page about as many findings and subjects. */
const page = (count: number): HtmlReport => ({
  title: "Audit",
  place: "here",
  made: "2026-06-01T12:00:00Z",
  missing: [],
  facts: [],
  rules: [{ rule: "wildcard", summary: "s", explanation: "e", fix: "f" }],
  findings: {
    grades: ["high"],
    items: Array.from({ length: count }, (_, at) => ({
      grade: "high",
      rule: "wildcard",
      object: `rolebinding ns-${at}/b`,
      message: "m",
      fix: "f",
      who: [`user-${at}`],
      evidence: [],
      chain: [
        { kind: "subject", names: [`user-${at}`] },
        { kind: "binding", names: ["b"] },
      ],
    })),
  },
  matrix: {
    caption: "c",
    columns: ["subject", "mirror"],
    actionsFrom: 1,
    rows: Array.from({ length: count }, (_, at) => [`user-${at}`, `ns-${at}`]),
  },
});

const works: [
  what: string,
  module: string,
  name: string,
  make: (namespaces: number) => readonly unknown[],
  few?: number,
][] = [
  ["all findings", "audit/findings.ts", "auditFindings", (size) => [company(size)]],
  [
    "all findings about one group in each namespace",
    "audit/findings.ts",
    "auditFindings",
    (size) => [limitedEverywhere(size)],
    60,
  ],
  [
    "all findings about named accounts and collections",
    "audit/findings.ts",
    "auditFindings",
    (size) => [namedAccounts(size)],
    60,
  ],
  ["the matrix", "commands/audit/matrix-lines.ts", "subjectLines", (size) => [company(size).rbac]],
  ["the difference of two sides", "audit/diff/diff.ts", "accessDiff", twoSides, 3],
  ["unused grants", "audit/unused/unused.ts", "unusedGrants", (size) => [grantsInUse(size)]],
  ["the HTML page", "view/html/report.ts", "htmlReport", (size) => [page(size)]],
];
for (const [what, path, name, make, size = 20] of works) {
  t.test(`${what}: a cluster of ten times the size is ten times the work`, async (t) => {
    const module = import.meta.resolve(`../../lib/${path}`);
    const [few, many] = [await steps(module, name, ...make(size)), await steps(module, name, ...make(10 * size))];
    t.ok(few > 30, `${few} steps are counted`);
    t.ok(many < 11 * few, `${few} steps, then ${many}`);
  });
}
