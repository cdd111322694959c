import t from "tap";
import { formatSubject } from "../../lib/access/subject.ts";
import { rights } from "../../lib/audit/edges/rights.ts";
import { accessPaths } from "../../lib/audit/paths.ts";
import { heldRights } from "../../lib/audit/rights.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { PolicyRule, Subject } from "../../lib/rbac/types.ts";
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

const AUTHENTICATION = "authentication.k8s.io";
const OPERATOR = "operator.metalbear.co";
const RBAC = "rbac.authorization.k8s.io";
const all: PolicyRule = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };

const wide = (subject: Subject, ...rules: PolicyRule[]): KubernetesObject[] => {
  const name = `w-${subject.name}`;
  return [clusterRole(name, rules), clusterRoleBinding(name, name, [subject])];
};
const inDev = (subject: Subject, ...rules: PolicyRule[]): KubernetesObject[] => [
  role("dev", `d-${subject.name}`, rules),
  roleBinding("dev", `d-${subject.name}`, roleRef(`d-${subject.name}`), [subject]),
];
const jim = user("jim");
/** An account in dev, a user and a group that may do everything. */
const there = [
  clusterRole("cluster-admin", [all]),
  clusterRoleBinding("boss", "cluster-admin", [serviceAccount("deployer", "dev"), user("boss"), group("bosses")]),
];
const asUser = (...names: string[]) => rule(AUTHENTICATION, "users", "impersonate:user-info", ...names);
const asGroup = (...names: string[]) => rule(AUTHENTICATION, "groups", "impersonate:user-info", ...names);
const asAccount = (...names: string[]) =>
  rule(AUTHENTICATION, "serviceaccounts", "impersonate:serviceaccount", ...names);
const tokensAs = (mode: string, ...names: string[]) =>
  rule("", "serviceaccounts/token", `impersonate-on:${mode}:create`, ...names);

const viaToken = (who: string) =>
  `jim -constrained-impersonation-> ${who} -token-creation-> sa:dev/deployer = administrator`;

const cases: { name: string; given: KubernetesObject[]; want: string[] }[] = [
  {
    name: "a request as a user who may send it",
    given: [...there, ...wide(jim, asUser("boss"), tokensAs("user-info"))],
    want: [viaToken("boss")],
  },
  { name: "as any user", given: [...there, ...wide(jim, asUser(), tokensAs("user-info"))], want: [viaToken("boss")] },
  {
    name: "as a group, beside a user of any name",
    given: [...there, ...wide(jim, asUser("nobody"), asGroup("bosses"), tokensAs("user-info"))],
    want: [viaToken("group:bosses")],
  },
  {
    name: "not as a group without a user",
    given: [...there, ...wide(jim, asGroup("bosses"), tokensAs("user-info"))],
    want: [],
  },
  {
    name: "as an account, by a binding in its namespace",
    given: [...there, ...inDev(jim, asAccount("deployer"), tokensAs("serviceaccount"))],
    want: [
      "jim -constrained-impersonation@dev-> sa:dev/deployer -token-creation@dev-> sa:dev/deployer = administrator",
    ],
  },
  {
    name: "not as an account elsewhere, nor as another",
    given: [
      ...there,
      role("qa", "q", [asAccount(), tokensAs("serviceaccount")]),
      roleBinding("qa", "q", roleRef("q"), [jim]),
      ...inDev(jim, asAccount("other"), tokensAs("serviceaccount")),
    ],
    want: [],
  },
  {
    name: "not by the verb of the other mode",
    given: [...there, ...wide(jim, asUser("boss"), asAccount(), tokensAs("nobody"))],
    want: [],
  },
  {
    name: "no other request than those that the rule names, and none where only the name may be taken",
    given: [...there, ...wide(jim, asUser("boss"), rule("", "pods", "impersonate-on:user-info:list"))],
    want: [],
  },
  {
    name: "not what the other may not do",
    given: [
      ...there,
      ...wide(user("eve"), rule("", "pods", "list")),
      ...wide(jim, asUser("eve"), tokensAs("user-info")),
    ],
    want: [],
  },
  {
    name: "only for the names of both, and where both are held",
    given: [
      ...there,
      ...inDev(user("ana"), rule("", "serviceaccounts/token", "create", "deployer", "x")),
      ...wide(jim, asUser("ana"), tokensAs("user-info", "deployer", "y")),
    ],
    want: ["jim -constrained-impersonation-> ana -token-creation@dev-> sa:dev/deployer = administrator"],
  },
  {
    name: "the names have none in common",
    given: [
      ...there,
      ...inDev(user("ana"), rule("", "serviceaccounts/token", "create", "deployer")),
      ...wide(jim, asUser("ana"), tokensAs("user-info", "y")),
    ],
    want: [],
  },
  {
    name: "the places have none in common",
    given: [
      ...there,
      clusterRole("q", [tokensAs("user-info")]),
      roleBinding("qa", "q", clusterRoleRef("q"), [jim]),
      ...inDev(user("ana"), rule("", "serviceaccounts/token", "create")),
      ...wide(jim, asUser("ana")),
    ],
    want: [],
  },
  {
    name: "bind is looked for in whoever the request is sent as",
    given: [
      ...there,
      ...wide(jim, asUser("boss"), rule(RBAC, "clusterrolebindings", "impersonate-on:user-info:create")),
    ],
    want: ["jim -constrained-impersonation-> boss -bind->  = administrator"],
  },
  {
    name: "bind of one and a request of the other do not add up",
    given: [
      ...there,
      ...wide(user("ana"), rule(RBAC, "clusterroles", "bind")),
      ...wide(
        jim,
        asUser("ana"),
        rule("", "pods", "impersonate-on:user-info:create"),
        rule(RBAC, "clusterrolebindings", "create"),
      ),
    ],
    want: [],
  },
  {
    name: "sessions: the connection as the other, and what is read of the operator in one's own name",
    given: [
      ...wide(user("ana"), rule(OPERATOR, "targets", "proxy")),
      ...wide(
        jim,
        asUser("ana"),
        rule(OPERATOR, "targets", "impersonate-on:user-info:proxy"),
        rule(OPERATOR, "mirrordoperators", "get"),
      ),
    ],
    want: ["jim -constrained-impersonation-> ana = sessions"],
  },
  {
    name: "a request that a group of everybody allows in the name of others",
    given: [
      ...there,
      ...wide(jim, asUser("boss")),
      clusterRole("open", [tokensAs("user-info")]),
      clusterRoleBinding("open", "open", [group("system:authenticated")]),
    ],
    want: [viaToken("boss")],
  },
  {
    name: "neither system:masters nor a node can be named",
    given: [
      clusterRole("cluster-admin", [all]),
      clusterRoleBinding("m", "cluster-admin", [group("system:masters"), user("system:node:a")]),
      ...wide(jim, asUser("x", "system:node:a"), asGroup("system:masters"), tokensAs("user-info")),
      ...inDev(serviceAccount("deployer", "dev"), rule("", "pods", "list")),
    ],
    want: [],
  },
  {
    name: "whoever has everything anyway is no start",
    given: [...there, ...wide(jim, all, asUser("boss"), tokensAs("user-info"))],
    want: [],
  },
];
for (const { name, given, want } of cases)
  t.test(name, async (t) => {
    const facts = auditFacts(given, { accounts: [{ namespace: "dev", name: "deployer" }] });
    const paths = accessPaths(facts, heldRights(given, rights)).filter(({ start }) => start.name === "jim");
    const found = paths.map(({ start, goal, steps }) =>
      [
        formatSubject(start),
        ...steps.map(
          ({ edge, becomes, namespace }) => `-${edge}${namespace === undefined ? "" : `@${namespace}`}-> ${becomes}`,
        ),
        `= ${goal}`,
      ].join(" "),
    );
    t.same(found, want);
  });
