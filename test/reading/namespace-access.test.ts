import t from "tap";
import { readNamespaceAccess } from "../../lib/reading/namespace-access.ts";
import { fakeCluster } from "../preview/fake-cluster.ts";
import { allRights, basicRules, bound, NAMESPACE, nativeRules, rule, user } from "../preview/objects.ts";

const jim = { name: "jim", groups: [] };

t.test("rights on one target are no rights on any", async (t) => {
  const limited = [rule("operator.metalbear.co", ["targets"], ["proxy"], ["deployment.web"]), ...nativeRules];
  const objects = [...bound("b", user("jim"), basicRules), ...bound("i", user("jim"), limited, NAMESPACE)];
  const target = { kind: "deployment", name: "web" } as const;
  const [whole, one] = await readNamespaceAccess(fakeCluster({ objects }), jim, [
    { namespace: NAMESPACE },
    { namespace: NAMESPACE, target },
  ]);
  t.equal(whole?.answer, "no");
  t.match(whole?.missing, [{ attributes: { verb: "proxy", resource: "targets" } }]);
  t.equal(one?.answer, "yes");
});

t.test("each place has its own answer, and what could not be asked is unknown", async (t) => {
  const answers = await readNamespaceAccess(fakeCluster({ objects: allRights(user("jim")) }), jim, [
    { namespace: NAMESPACE },
    { namespace: "qa" },
  ]);
  t.same(
    answers.map(({ namespace, answer }) => [namespace, answer]),
    [
      ["dev", "yes"],
      ["qa", "no"],
    ],
  );
  const silent = fakeCluster({ answer: () => ({ answer: "unknown", reason: "no" }) });
  t.match(await readNamespaceAccess(silent, jim, [{ namespace: "dev" }]), [
    { answer: "unknown", missing: [{ reason: "no" }] },
  ]);
});

t.test("a role that only looks is asked about its list of sessions", async (t) => {
  const [seen] = await readNamespaceAccess(
    fakeCluster({
      objects: bound("v", user("jim"), [rule("operator.metalbear.co", ["sessions"], ["list"]), ...basicRules]),
    }),
    jim,
    [{ namespace: "dev", view: true }],
  );
  t.equal(seen?.answer, "yes");
});
