import t from "tap";
import { groupFinder } from "../../../lib/rbac/decide/group-finder.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  group,
  roleBinding,
  rule,
  serviceAccount,
  user,
} from "../objects.ts";

const getPods = { verb: "get", apiGroup: "", resource: "pods", namespace: "dev" };
const objects = [
  clusterRole("reads", [rule("", "pods", "get")]),
  clusterRole("web", [rule("", "pods", "get", "web")]),
  clusterRoleBinding("everywhere", "reads", [
    group("b"),
    user("jim"),
    group("system:masters"),
    serviceAccount("s", "n"),
  ]),
  roleBinding("dev", "here", clusterRoleRef("reads"), [group("a"), group("b")]),
  roleBinding("qa", "elsewhere", clusterRoleRef("reads"), [group("c")]),
  roleBinding("dev", "named", clusterRoleRef("web"), [group("d")]),
];

const questions: [what: string, attributes: object, groups: string[]][] = [
  ["in a namespace", {}, ["a", "b"]],
  ["of one name", { name: "web" }, ["a", "b", "d"]],
  ["elsewhere", { namespace: "qa" }, ["b", "c"]],
  ["everywhere", { namespace: "" }, ["b"]],
  ["what no rule allows", { verb: "delete" }, []],
];
for (const [what, attributes, groups] of questions) {
  t.test(`the groups that may, ${what}, each once and by name, without Kubernetes' own`, async (t) => {
    t.same(groupFinder({ objects, unreadable: [] })({ ...getPods, ...attributes }), { known: true, groups });
  });
}

const unknown: [rbac: Parameters<typeof groupFinder>[0], what: string][] = [
  [undefined, "RBAC objects"],
  [{ objects, unreadable: ["roles"] }, "roles"],
  [{ objects, unreadable: ["clusterroles", "clusterrolebindings"] }, "clusterroles, clusterrolebindings"],
];
for (const [rbac, what] of unknown) {
  t.test(`nobody knows the groups where ${what} may not be listed`, async (t) => {
    t.same(groupFinder(rbac)(getPods), { known: false, why: `you may not list ${what} to see what groups could add` });
  });
}
