import t from "tap";
import { formatSubject } from "../../lib/access/subject.ts";
import { heldRights, impliedGroupKeys, holderKey, wayPlaces, type Right } from "../../lib/audit/rights.ts";
import { authorizer } from "../../lib/rbac/authorizer.ts";
import { subjectIdentity } from "../../lib/access/subject.ts";
import { generateWorld } from "../rbac/generate-world.ts";
import { random } from "../rbac/random.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  group,
  roleBinding,
  rule,
  serviceAccount,
  user,
} from "../rbac/objects.ts";

const pods: Right = { scope: "namespaced", verb: "get", apiGroup: "", resource: "pods" };
const nodes: Right = { scope: "cluster", verb: "get", apiGroup: "", resource: "nodes" };

t.test("where each right is held, and for which names", async (t) => {
  const { holders } = heldRights(
    [
      clusterRole("r", [rule("", "pods", "get", "a", "b"), rule("", "nodes", "get")]),
      clusterRole("all", [rule("", "pods", "get")]),
      roleBinding("dev", "x", clusterRoleRef("r"), [user("jim")]),
      clusterRoleBinding("y", "r", [user("ana")]),
      roleBinding("dev", "z", clusterRoleRef("all"), [user("jim"), serviceAccount("ci")]),
      roleBinding("dev", "gone", clusterRoleRef("gone"), [user("eve")]),
    ],
    { pods, nodes, a: { ...pods, name: "a" }, c: { ...pods, name: "c" } },
  );
  const shown = [...holders.values()].map(({ subject, rights }) => [
    formatSubject(subject),
    ...[...rights].map(
      ([id, held]) =>
        `${id}: ${held.map(({ namespace, names }) => `${namespace || "*"}${names === undefined ? "" : ` ${[...names].join("+")}`}`).join(", ")}`,
    ),
  ]);
  t.same(shown, [
    ["jim", "pods: dev a+b, dev", "a: dev, dev", "c: dev"],
    ["sa:dev/ci", "pods: dev", "a: dev", "c: dev"],
    ["ana", "pods: * a+b", "nodes: *", "a: *"],
  ]);
});

t.test("several rights at once: in the places where all are held", async (t) => {
  const { holders } = heldRights(
    [
      clusterRole("p", [rule("", "pods", "get")]),
      clusterRole("s", [rule("", "secrets", "get")]),
      clusterRole("n", [rule("", "nodes", "get")]),
      clusterRoleBinding("p", "p", [user("wide")]),
      clusterRoleBinding("n", "n", [user("wide")]),
      roleBinding("dev", "s", clusterRoleRef("s"), [user("wide"), user("jim")]),
      roleBinding("qa", "p", clusterRoleRef("p"), [user("jim")]),
      roleBinding("dev", "p", clusterRoleRef("p"), [user("jim")]),
    ],
    { pods, secrets: { ...pods, resource: "secrets" }, nodes },
  );
  const places = (name: string, ...ids: string[]) => {
    const holder = holders.get(`User ${name}`);
    return holder && wayPlaces(holder, ids).map(({ namespace }) => namespace);
  };
  t.same(places("wide", "pods", "secrets"), ["dev"]);
  t.same(places("wide", "pods", "nodes"), [""]);
  t.same(places("wide", "nodes", "secrets"), ["dev"]);
  t.same(places("jim", "pods", "secrets"), ["dev"]);
  t.same(places("jim", "pods", "nodes"), []);
  t.same(places("jim", "absent"), []);
});

t.test("rights on one resource are for the names that all of them are for", async (t) => {
  const names = (...rules: ReturnType<typeof rule>[]) => {
    const { holders } = heldRights([clusterRole("r", rules), clusterRoleBinding("r", "r", [user("jim")])], {
      "get pods": { ...pods, verb: "get" },
      "delete pods": { ...pods, verb: "delete" },
      "get secrets": { ...pods, resource: "secrets" },
    });
    const holder = holders.get("User jim");
    const ids = rules.map(({ verbs, resources = [] }) => `${verbs.join()} ${resources.join()}`);
    return holder && wayPlaces(holder, ids).map((place) => place.names && [...place.names]);
  };
  t.same(names(rule("", "pods", "get"), rule("", "pods", "delete")), [undefined]);
  t.same(names(rule("", "pods", "get"), rule("", "pods", "delete", "a")), [["a"]]);
  t.same(names(rule("", "pods", "get", "a", "b"), rule("", "pods", "delete", "b", "c")), [["b"]]);
  t.same(names(rule("", "pods", "get", "a"), rule("", "pods", "delete", "c")), [[]]);
  t.same(names(rule("", "pods", "get", "a"), rule("", "secrets", "get", "c")), [["a"]], "of another resource");
});

t.test("the groups that somebody is always in", async (t) => {
  t.same(impliedGroupKeys({ kind: "User", name: "jim" }), ["Group group:system:authenticated"]);
  t.same(impliedGroupKeys({ kind: "Group", name: "system:authenticated" }), []);
  t.same(impliedGroupKeys({ kind: "Group", name: "system:unauthenticated" }), []);
  t.equal(impliedGroupKeys({ kind: "ServiceAccount", namespace: "dev", name: "ci" }).length, 3);
  t.same(impliedGroupKeys({ kind: "User", name: "system:anonymous" }), ["Group group:system:unauthenticated"]);
  t.same(impliedGroupKeys(undefined), []);
});

t.test("of a random world each subject has what the authorizer allows it, and nobody else", async (t) => {
  let yes = 0;
  for (let seed = 1; seed <= 15; seed += 1) {
    const world = generateWorld(random(seed), "", ["one", "two"]);
    const rights = Object.fromEntries(
      ["get", "list", "create", "delete"].flatMap((verb) =>
        ["pods", "secrets", "configmaps", "deployments"].map((resource): [string, Right] => [
          `${verb} ${resource}`,
          { scope: "namespaced", verb, apiGroup: resource === "deployments" ? "apps" : "", resource, name: "" },
        ]),
      ),
    );
    const { holders } = heldRights(world.objects, rights);
    const engine = authorizer(world.objects);
    for (const name of world.users)
      for (const [id, right] of Object.entries(rights))
        for (const namespace of ["one", "two"]) {
          const asker = { ...subjectIdentity({ kind: "User", name }), groups: [] };
          const { allowed } = engine.authorize({ ...right, namespace, user: asker });
          const held = holders.get(holderKey({ kind: "User", name }))?.rights.get(id) ?? [];
          const isHeld = held.some(
            (one) => one.names === undefined && (one.namespace === "" || one.namespace === namespace),
          );
          if (allowed !== isHeld) t.fail(`seed ${seed}: ${name} ${id} in ${namespace}: ${allowed}`);
          if (allowed) yes += 1;
        }
  }
  t.ok(yes > 100, `${yes} times yes`);
});
t.test("groups are holders of their own", async (t) => {
  const { holders } = heldRights(
    [clusterRole("p", [rule("", "pods", "get")]), clusterRoleBinding("p", "p", [group("web")])],
    { pods },
  );
  t.same([...holders.keys()], ["Group group:web"]);
});
