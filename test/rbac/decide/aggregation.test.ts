import t from "tap";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { withAggregation } from "../../../lib/rbac/decide/aggregation.ts";
import type { PolicyRule } from "../../../lib/rbac/types.ts";
import { authorizer } from "../../../lib/rbac/authorizer.ts";
import { clusterRole, clusterRoleBinding, role, rule, user } from "../objects.ts";

function labelled(name: string, labels: Record<string, string>, rules: PolicyRule[]): KubernetesObject {
  return { ...clusterRole(name, rules), metadata: { name, labels } };
}

function aggregated(
  name: string,
  into: string,
  rules: PolicyRule[] = [],
  labels: Record<string, string> = {},
): KubernetesObject {
  return {
    ...labelled(name, labels, rules),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: into } }] },
  };
}

const pods = rule("", "pods", "get");
const secrets = rule("", "secrets", "get");

function aggregatedRules(objects: readonly KubernetesObject[], name: string): unknown {
  return withAggregation(objects).objects.find((object) => object.metadata.name === name)?.["rules"];
}

t.test("rules come from the selected roles by name, each once", async (t) => {
  const objects = [
    aggregated("all", "x"),
    labelled("b", { to: "x" }, [secrets, pods]),
    labelled("a", { to: "x" }, [pods]),
    labelled("c", { to: "y" }, [rule("", "nodes", "get")]),
  ];
  t.same(aggregatedRules(objects, "all"), [pods, secrets]);
});

t.test("an absent list equals an empty one", async (t) => {
  const stored = { ...pods, resourceNames: [] };
  const objects = [aggregated("all", "x"), labelled("a", { to: "x" }, [pods]), labelled("b", { to: "x" }, [stored])];
  t.same(aggregatedRules(objects, "all"), [pods]);
});

t.test("what was stored is overwritten, and others are passed on untouched", async (t) => {
  const objects = [
    aggregated("all", "x", [rule("", "old", "get")]),
    labelled("a", { to: "x" }, [pods]),
    role("ns", "all", [secrets]),
  ];
  const filled = withAggregation(objects).objects;
  t.same(filled[0]?.["rules"], [pods]);
  t.equal(filled[1], objects[1]);
  t.equal(filled[2], objects[2]);
});

t.test("an aggregated role may be selected by another, in any order", async (t) => {
  const chain = [
    aggregated("admin", "admin"),
    aggregated("edit", "edit", [], { to: "admin" }),
    aggregated("view", "view", [], { to: "edit" }),
    labelled("z", { to: "view" }, [pods]),
    labelled("y", { to: "edit" }, [secrets]),
  ];
  t.same(aggregatedRules(chain, "admin"), [pods, secrets]);
  t.same(aggregatedRules(chain.toReversed(), "admin"), [pods, secrets]);
});

t.test("a role never selects itself", async (t) => {
  t.same(aggregatedRules([aggregated("self", "x", [pods], { to: "x" })], "self"), [pods]);
  t.same(
    aggregatedRules([aggregated("self", "x", [pods], { to: "x" }), labelled("a", { to: "x" }, [secrets])], "self"),
    [secrets],
  );
});

t.test("where nothing is selected, rules of somebody else stay and the controller's own go", async (t) => {
  const owned = (manager: string): KubernetesObject => {
    const object = aggregated("all", "x", [pods]);
    return {
      ...object,
      metadata: { ...object.metadata, managedFields: [{ manager, operation: "Apply", fieldsV1: { "f:rules": {} } }] },
    };
  };
  t.same(aggregatedRules([owned("kubectl")], "all"), [pods]);
  t.same(aggregatedRules([owned("clusterrole-aggregation-controller")], "all"), []);
});

/** Each has one rule of its own and selects the next, and one of no circle selects the first. */
const circle = [
  ...["a", "b", "c"].map((name, position) =>
    aggregated(name, String((position + 1) % 3), [rule("", name, "get")], { to: String(position) }),
  ),
  aggregated("above", "0"),
  labelled("source", { to: "1" }, [pods]),
];

t.test("roles that select each other, and what selects them, are not computed but named", async (t) => {
  const { objects, errors } = withAggregation(circle);
  t.equal(objects.length, circle.length, "no role is lost");
  for (const name of ["a", "b", "c", "above"]) t.same(aggregatedRules(circle, name), [], name);
  t.match(errors, [/select each other do not settle: "a", "above", "b", "c"/u]);
});

t.test("what such roles may come to hold is uncertain, and everything else is not", async (t) => {
  const bindings = [clusterRoleBinding("x", "b", [user("jim")]), clusterRoleBinding("y", "above", [user("ana")])];
  const other = [aggregated("d", "d", [rule("", "nodes", "get")], { to: "d" })];
  for (const objects of [circle, withAggregation(circle).objects]) {
    const { explain } = authorizer([...objects, ...bindings, ...other]);
    const answer = (name: string, resource: string) =>
      explain({ user: { name, groups: [] }, verb: "get", apiGroup: "", resource }).answer;
    t.equal(answer("jim", "pods"), "unknown");
    t.equal(answer("ana", "c"), "unknown");
    t.equal(answer("jim", "secrets"), "no");
    t.equal(answer("eve", "pods"), "no");
  }
});

t.test("hundreds of roles that all select one another end too", async (t) => {
  const all = Array.from({ length: 400 }, (_, position) => ({
    ...clusterRole(`r${position}`, [rule("", `x${position}`, "get")]),
    aggregationRule: { clusterRoleSelectors: [{}] },
  }));
  t.equal(withAggregation(all).objects.length, 400, "no role is lost");
});

t.test("a selector that is not valid leaves the role as it is and is reported", async (t) => {
  const selectors = { clusterRoleSelectors: [{ matchExpressions: [{ key: "to", operator: "Like", values: ["x"] }] }] };
  const objects = [
    { ...clusterRole("all", [pods]), aggregationRule: selectors },
    labelled("a", { to: "x" }, [secrets]),
  ];
  t.same(aggregatedRules(objects, "all"), [pods]);
  t.match(withAggregation(objects).errors, [
    /ClusterRole "all": aggregationRule\.clusterRoleSelectors\[0\] matchExpressions\[0\]\.operator: Invalid value/u,
  ]);
});
