import t from "tap";
import {
  ruleNames,
  sessionRights,
  sessionWays,
  withoutAnyName,
  type SessionsPlace,
} from "../../lib/access/session-ways.ts";
import type { AccessAttributes } from "../../lib/kubernetes/access.ts";
import { operatorResource } from "../../lib/mirrord/plan/session-request.ts";
import { describeAttributes } from "../attributes-text.ts";
import { saysKept } from "../kept-text.ts";

const rule = (apiGroup: string, resource: string, verbs: string[], resourceNames?: string[]) => ({
  apiGroups: [apiGroup],
  resources: [resource],
  verbs,
  ...(resourceNames === undefined ? {} : { resourceNames }),
});
const group = "operator.metalbear.co";
const place: SessionsPlace = {
  namespace: "dev",
  lists: false,
  operator: { features: new Set(), namespace: "mirrord" },
};
const connects = (...names: string[]) => rule(group, "targets", ["proxy"], names);

const shownWays = (...given: Parameters<typeof sessionWays>) =>
  sessionWays(...given).map(({ use, target, needs }) => [`${use} ${target}`.trim(), ...needs.map(describeAttributes)]);

const places: [what: string, rules: Parameters<typeof sessionWays>[0], place: SessionsPlace][] = [
  ["a deployment that a rule names", [connects("deployment.web")], place],
  ["a container of it", [connects("deployment.web.container.main")], place],
  ["a workload that only a native read names", [rule("apps", "deployments", ["get"], ["cart", ""])], place],
  ["all namespaces, with looking at sessions", [connects("pod.p")], { ...place, namespace: "", lists: true }],
  [
    "a primary of several clusters",
    [connects("deployment.web")],
    { ...place, operator: { features: new Set(["MultiClusterPrimary"]), namespace: "mirrord" } },
  ],
  [
    "an operator whose namespace nobody knows",
    [],
    { ...place, operator: { features: new Set(), namespace: undefined } as never },
  ],
];
for (const [what, rules, where] of places) {
  t.test(`every way to start a session: ${what}`, async (t) => {
    const all = shownWays(rules, where);
    const named = all.filter(([way = ""]) => !/ any /.test(way));
    saysKept(t, import.meta.filename, `ways: ${what}`, () => named);
    saysKept(t, import.meta.filename, `with any name: ${what}`, () => [
      ...new Set(all.map(([way]) => way).filter((way) => / any /.test(way ?? ""))),
    ]);
  });
  t.test(`the rights that decide alone: ${what}`, async (t) => {
    saysKept(t, import.meta.filename, `rights: ${what}`, () =>
      sessionRights(rules, where).map(({ right, target, attributes }) =>
        [right, target ?? "", describeAttributes(attributes)].join(" | "),
      ),
    );
  });
}

t.test("only rules for the same verb, group and resource name something, each name once", async (t) => {
  const wanted = operatorResource("proxy", "targets", { namespace: "dev" });
  const names = (...rules: Parameters<typeof ruleNames>[0]) => ruleNames(rules, wanted);
  t.same(names(connects("a", "b"), connects("b")), ["a", "b"]);
  t.same(names(rule(group, "targets", ["*"], ["a"])), ["a"]);
  t.same(names(rule(group, "targets", ["get"], ["a"])), []);
  t.same(names(rule("apps", "targets", ["proxy"], ["a"])), []);
  t.same(names(rule(group, "sessions", ["proxy"], ["a"])), []);
  t.same(names(rule(group, "targets", ["proxy"])), []);
});

t.test("a name that stands for any is not told, any other is", async (t) => {
  const any: AccessAttributes = { verb: "get", apiGroup: "", resource: "pods", name: "pod.kubectl-mirrord-any" };
  t.same(withoutAnyName(any), { verb: "get", apiGroup: "", resource: "pods" });
  t.same(withoutAnyName({ ...any, name: "web" }), { ...any, name: "web" });
  t.same(withoutAnyName({ verb: "get", path: "/healthz" }), { verb: "get", path: "/healthz" });
});
