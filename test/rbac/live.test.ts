// What the engine says beyond yes and no, beside what a real control plane says.
import { isJsonObject } from "../../lib/json.ts";
import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { UserInfo } from "../../lib/kubernetes/access.ts";
import { withAggregation } from "../../lib/rbac/decide/aggregation.ts";
import { authorizer } from "../../lib/rbac/authorizer.ts";
import { uncovered } from "../../lib/rbac/covers.ts";
import { roleRules } from "../../lib/rbac/decode.ts";
import { stockRules } from "../../lib/rbac/stock-rules.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";
import { stockRbac } from "../../lib/rbac/write/stock.ts";
import { storedForm } from "../../lib/rbac/write/stored-form.ts";
import { testNamespace, uniqueName } from "../control-plane/namespace.ts";
import { sharedControlPlane } from "../control-plane/start.ts";
import { canonical } from "./canonical.ts";
import { load } from "./differential-run.ts";
import { generateWorld } from "./generate-world.ts";
import { clusterRole, rule } from "./objects.ts";
import { random } from "./random.ts";
import { createAll, deleteAll, inParallel, openServer, readAll } from "./server.ts";
import { until } from "../until.ts";

const plane = await sharedControlPlane();
const server = openServer(plane);
t.teardown(() => server.close());

const spoken = (object: KubernetesObject | undefined): string => {
  const form = object === undefined ? "not there" : storedForm(object);
  return canonical(typeof form === "string" ? form : { ...form, metadata: { name: form.metadata.name } });
};

await t.test("the stock roles and bindings are those that the API server starts with", async (t) => {
  const aggregated = new Set(["admin", "edit", "view"]);
  let real: KubernetesObject[] = [];
  await until("the controller has filled the aggregated roles", async () => {
    real = await readAll(server);
    const filled = withAggregation(real).objects;
    return real.every(
      (object, at) => !aggregated.has(object.metadata.name ?? "") || spoken(object) === spoken(filled[at]),
    );
  });
  for (const stock of withAggregation(stockRbac()).objects) {
    const same = real.find(({ kind, metadata }) => kind === stock.kind && metadata.name === stock.metadata.name);
    t.equal(spoken(same), spoken(stock), `${stock.kind} ${stock.metadata.name}`);
  }
});

await t.test("the rules of roles that a cluster begins with are those that the API server starts with", async (t) => {
  const isStock = ({ kind, metadata }: KubernetesObject) =>
    kind.endsWith("Role") && metadata.labels?.["kubernetes.io/bootstrapping"] === "rbac-defaults";
  const roles = (await readAll(server)).filter(isStock);
  const words = (rules: readonly PolicyRule[]) => rules.map(canonical).toSorted();
  for (const role of roles) {
    const known = stockRules(role);
    const { name = "" } = role.metadata;
    if (known === undefined) t.ok(["admin", "edit", "view"].includes(name), `${name} is not known`);
    else
      t.same(
        { lacks: words(uncovered(known, roleRules(role))), adds: words(uncovered(roleRules(role), known)) },
        { lacks: [], adds: [] },
        `${role.kind} ${name}`,
      );
  }
  t.ok(roles.length > 70, String(roles.length));
});

await t.test("rulesFor lists what SelfSubjectRulesReview lists", async (t) => {
  const namespaces = [await testNamespace(plane, t), await testNamespace(plane, t)] as const;
  const world = generateWorld(random(7), `${uniqueName("rules")}-`, namespaces);
  const written = await load(server, world);
  t.teardown(() => deleteAll(server, written));
  const engine = authorizer(await readAll(server));
  const users: UserInfo[] = world.users.flatMap((name) => [
    { name, groups: ["system:authenticated"] },
    { name, groups: [...world.groups.slice(0, 3), "system:authenticated"] },
  ]);
  const listed = await inParallel(users, async ({ name, groups }) => {
    const { body } = await server.call({
      method: "POST",
      path: "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
      token: plane.token(name, ...groups.filter((group) => group !== "system:authenticated")),
      body: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectRulesReview",
        spec: { namespace: namespaces[0] },
      },
    });
    return isJsonObject(body["status"]) ? body["status"] : {};
  });
  const sorted = (rules: unknown): string[] => (Array.isArray(rules) ? rules : []).map(canonical).toSorted();
  let count = 0;
  for (const [position, user] of users.entries()) {
    const rules = engine.rulesFor(user, namespaces[0]);
    const resourceRules = rules.filter(({ resources = [] }) => resources.length > 0);
    const pathRules = rules.filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0);
    t.same(sorted(listed[position]?.["resourceRules"]), sorted(resourceRules));
    t.same(sorted(listed[position]?.["nonResourceRules"]), sorted(pathRules));
    count += resourceRules.length;
  }
  t.ok(count > users.length, `${count} rules compared`);
});

await t.test("aggregation computed is what the controller stores", async (t) => {
  const label = uniqueName("agg");
  const named = (name: string): string => `${label}-${name}`;
  const selected = (name: string, into: string, verb: string): KubernetesObject => ({
    ...clusterRole(named(name), [rule("", "pods", verb), rule("", "secrets", "get")]),
    metadata: { name: named(name), labels: { [label]: into } },
  });
  const aggregated = (name: string, selectors: unknown[], into = "none"): KubernetesObject => ({
    ...clusterRole(named(name), [rule("", "written-by-hand", "get")], {
      aggregationRule: { clusterRoleSelectors: selectors },
    }),
    metadata: { name: named(name), labels: { [label]: into } },
  });
  const objects = [
    selected("z", "one", "list"),
    selected("a", "one", "get"),
    selected("m", "two", "watch"),
    aggregated("ones", [{ matchLabels: { [label]: "one" } }], "two"),
    aggregated("twos", [{ matchExpressions: [{ key: label, operator: "In", values: ["two", "three"] }] }]),
    aggregated("both", [{ matchLabels: { [label]: "two" } }, { matchLabels: { [label]: "one" } }]),
    aggregated("nothing", [{ matchLabels: { [label]: "nobody" } }]),
  ];
  await createAll(server, objects);
  t.teardown(() => deleteAll(server, objects));
  const wanted = withAggregation(objects).objects;
  const stored = async (): Promise<(KubernetesObject | undefined)[]> => {
    const real = await readAll(server);
    return objects.map(({ metadata }) =>
      real.find((each) => each.kind === "ClusterRole" && each.metadata.name === metadata.name),
    );
  };
  await until("what is stored is what was written", async () =>
    (await stored()).every((each, position) => spoken(each) === spoken(wanted[position])),
  );
  t.same((await stored()).map(spoken), wanted.map(spoken));
});
