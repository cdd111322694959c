import t from "tap";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import type { AccessAttributes, AccessRequest } from "../../../lib/kubernetes/access.ts";
import { authorizer } from "../../../lib/rbac/authorizer.ts";
import { minimalRules, type MinimalRules } from "../../../lib/rbac/decide/minimal-rules.ts";
import { generateQuestions } from "../generate-questions.ts";
import { generateWorld } from "../generate-world.ts";
import { clusterRole, clusterRoleBinding, role, roleBinding, roleRef, user } from "../objects.ts";
import { random } from "../random.ts";

const ask = (verb: string, resource: string, more: Partial<AccessAttributes> = {}): AccessAttributes => ({
  verb,
  apiGroup: "",
  resource,
  namespace: "dev",
  ...more,
});

t.test("requests become few rules, in a fixed order", async (t) => {
  const requests = [
    ask("list", "pods"),
    ask("get", "pods"),
    ask("get", "pods", { name: "web" }),
    ask("get", "services"),
    ask("list", "services"),
    ask("get", "secrets", { name: "b" }),
    ask("get", "secrets", { name: "a" }),
    ask("get", "nodes", { namespace: "" }),
    { verb: "get", path: "/version" },
  ];
  const want = {
    cluster: [
      { apiGroups: [""], resources: ["nodes"], verbs: ["get"] },
      { nonResourceURLs: ["/version"], verbs: ["get"] },
    ],
    namespaces: new Map([
      [
        "dev",
        [
          { apiGroups: [""], resources: ["pods", "services"], verbs: ["get", "list"] },
          { apiGroups: [""], resources: ["secrets"], verbs: ["get"], resourceNames: ["a", "b"] },
        ],
      ],
    ]),
  };
  t.same(minimalRules(requests), want);
  t.same(minimalRules(requests.toReversed()), want);
});

t.test("what is granted everywhere is not granted again in a namespace", async (t) => {
  const { cluster, namespaces } = minimalRules([
    ask("get", "pods"),
    ask("get", "pods", { namespace: "" }),
    ask("get", "pods", { subresource: "log" }),
  ]);
  t.same(cluster, [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }]);
  t.same([...namespaces], [["dev", [{ apiGroups: [""], resources: ["pods/log"], verbs: ["get"] }]]]);
});

t.test("nothing asked is nothing granted", async (t) =>
  t.same(minimalRules([]), { cluster: [], namespaces: new Map() }),
);

/** The rules, bound to a user. */
function granted({ cluster, namespaces }: MinimalRules): KubernetesObject[] {
  return [
    clusterRole("r", cluster),
    clusterRoleBinding("r", "r", [user("jane")]),
    ...[...namespaces].flatMap(([namespace, rules]) => [
      role(namespace, "r", rules),
      roleBinding(namespace, "r", roleRef("r"), [user("jane")]),
    ]),
  ];
}

t.test(
  "the rules allow every request, and of all others only what one of the requests alone would allow",
  async (t) => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const choices = random(seed);
      const world = generateWorld(choices, "", ["ns1", "ns2"]);
      const asJane = (request: AccessRequest): AccessRequest => ({ ...request, user: { name: "jane", groups: [] } });
      const [wanted, others] = [
        generateQuestions(choices, world, 8).map(asJane),
        generateQuestions(choices, world, 150).map(asJane),
      ];
      const engine = authorizer(granted(minimalRules(wanted)));
      const single = wanted.map((request) => authorizer(granted(minimalRules([request]))));
      for (const request of wanted)
        if (!engine.authorize(request).allowed) t.fail(`seed ${seed}: not allowed: ${JSON.stringify(request)}`);
      for (const request of others) {
        if (engine.authorize(request).allowed !== single.some((each) => each.authorize(request).allowed))
          t.fail(`seed ${seed}: ${JSON.stringify(request)}`);
      }
    }
  },
);
