import t from "tap";
import type { Intent } from "../../lib/access/intent.ts";
import { grantId } from "../../lib/access/intent.ts";
import { outlineGrant } from "../../lib/access/outline.ts";
import { grantObjects } from "../../lib/access/objects.ts";
import type { LimitedTarget } from "../../lib/access/roles.ts";
import { plainPlan, type Action } from "../../lib/mirrord/plan/session-plan.ts";
import { sessionRequests } from "../../lib/mirrord/session-requests.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";
import { authorizer } from "../../lib/rbac/authorizer.ts";
import { withImpliedGroups } from "../../lib/rbac/decide/implied-groups.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { stockRbac } from "../../lib/rbac/write/stock.ts";
import { intentWith, provenance } from "./grant.ts";
import { operatorClusterRoles } from "./operator-roles.ts";

const needed = (intent: Intent) => outlineGrant(intent).roles.needed;

const names = (intent: Intent, limits?: Map<string, LimitedTarget[]>, policies = false) =>
  grantObjects(outlineGrant(intent), provenance, limits, { policies }).map(
    ({ object: { kind, metadata, ...rest } }) => {
      const role = (rest["roleRef"] as { kind: string; name: string } | undefined)?.name.replace(
        outlineGrant(intent).name,
        "GRANT",
      );
      const name = (metadata.name ?? "").replace(outlineGrant(intent).name, "GRANT");
      return [kind, metadata.namespace, name, role].filter((part) => part !== undefined).join(" ");
    },
  );

t.test("a grant in a namespace is one ClusterRoleBinding and its RoleBindings", async (t) => {
  t.same(names(intentWith()), [
    "ClusterRole mirrord:role:reads",
    "ClusterRoleBinding GRANT mirrord-operator-user-basic",
    "RoleBinding dev GRANT mirrord-operator-user",
    "RoleBinding dev GRANT:reads mirrord:role:reads",
  ]);
});

const shapes: [name: string, change: Partial<Intent>, objects: string[]][] = [
  [
    "without reads",
    { reads: false },
    ["ClusterRoleBinding GRANT mirrord-operator-user-basic", "RoleBinding dev GRANT mirrord-operator-user"],
  ],
  [
    "in two namespaces",
    { set: { kind: "namespaces", namespaces: ["dev", "qa"] }, reads: false },
    [
      "ClusterRoleBinding GRANT mirrord-operator-user-basic",
      "RoleBinding dev GRANT mirrord-operator-user",
      "RoleBinding qa GRANT mirrord-operator-user",
    ],
  ],
  [
    "everywhere",
    { set: { kind: "all" } },
    [
      "ClusterRole mirrord:role:reads",
      "ClusterRoleBinding GRANT mirrord-operator-user",
      "ClusterRoleBinding GRANT:reads mirrord:role:reads",
    ],
  ],
  [
    "of role minimal",
    { role: "minimal" },
    [
      "ClusterRole mirrord:role:minimal-basic",
      "ClusterRole mirrord:role:minimal",
      "ClusterRole mirrord:role:reads",
      "ClusterRoleBinding GRANT mirrord:role:minimal-basic",
      "RoleBinding dev GRANT mirrord:role:minimal",
      "RoleBinding dev GRANT:reads mirrord:role:reads",
    ],
  ],
  [
    "of role view",
    { role: "view" },
    [
      "ClusterRole mirrord:role:view-basic",
      "ClusterRole mirrord:role:view",
      "ClusterRoleBinding GRANT mirrord:role:view-basic",
      "RoleBinding dev GRANT mirrord:role:view",
    ],
  ],
  [
    "of a role of somebody else, everywhere",
    { role: "clusterrole/team-mirrord", set: { kind: "all" }, reads: false },
    ["ClusterRoleBinding GRANT team-mirrord", "ClusterRoleBinding GRANT:basic mirrord-operator-user-basic"],
  ],
];
for (const [name, change, objects] of shapes) {
  t.test(`a grant ${name}`, async (t) => t.same(names(intentWith(change)), objects));
}

t.test("a limited grant has a Role of its own in the namespace", async (t) => {
  const intent = intentWith({ targets: ["deployment/web"] });
  t.same(names(intent, webLimit), [
    "ClusterRoleBinding GRANT mirrord-operator-user-basic",
    "Role dev GRANT",
    "RoleBinding dev GRANT GRANT",
  ]);
  const role = grantObjects(outlineGrant(intent), provenance, webLimit).find(({ object }) => object.kind === "Role");
  t.match(role?.object["rules"], [
    {
      resources: ["targets"],
      resourceNames: ["deploy.web", "deploy.web.container.nginx", "deployment.web", "deployment.web.container.nginx"],
      verbs: ["get", "proxy"],
    },
  ]);
});

const seesPolicies: [name: string, change: Partial<Intent>, seen: boolean][] = [
  ["a plain grant", {}, true],
  ["a limited grant", { targets: ["deployment/web"] }, true],
  ["a minimal grant", { role: "minimal" }, true],
  ["a grant without reads", { reads: false }, false],
  ["a view grant", { role: "view" }, false],
];
for (const [name, change, seen] of seesPolicies) {
  t.test(`where there are policies, ${name} ${seen ? "lets" : "does not let"} see the cluster-wide ones`, async (t) => {
    const more = new Set(names(intentWith(change), webLimit, true));
    const beside = ["ClusterRole mirrord:role:reads-basic", "ClusterRoleBinding GRANT:reads mirrord:role:reads-basic"];
    t.same(
      beside.filter((object) => more.has(object)),
      seen ? beside : [],
    );
    t.same(
      [...more].filter((object) => !beside.includes(object)),
      names(intentWith(change), webLimit),
      "and is the same in all else",
    );
  });
}

t.test("a grant everywhere reads policies by the binding that it has for reads", async (t) => {
  const everywhere = intentWith({ set: { kind: "all" } });
  t.same(names(everywhere, undefined, true), names(everywhere));
});

t.test("every object of a grant carries its id, and only the main binding its intent", async (t) => {
  const intent = intentWith();
  const labelled = grantObjects(outlineGrant(intent), { ...provenance, reason: "INC-42" }).filter(({ object }) =>
    object.kind.endsWith("Binding"),
  );
  t.ok(labelled.every(({ object }) => object.metadata.labels?.["kubectl-mirrord.io/grant"] === grantId(intent)));
  const [main, ...others] = labelled;
  t.match(main?.object.metadata.annotations, {
    "kubectl-mirrord.io/granted-by": "admin",
    "kubectl-mirrord.io/granted-at": provenance.grantedAt,
    "kubectl-mirrord.io/reason": "INC-42",
  });
  t.ok(others.every(({ object, part }) => part === "child" && object.metadata.annotations === undefined));
});

t.test("what must be there already is named", async (t) => {
  t.same(needed(intentWith()), ["mirrord-operator-user-basic", "mirrord-operator-user"]);
  t.same(needed(intentWith({ role: "minimal" })), []);
  t.same(needed(intentWith({ targets: ["deployment/web"] })), ["mirrord-operator-user-basic"]);
  t.same(needed(intentWith({ role: "clusterrole/x", set: { kind: "all" } })), ["x", "mirrord-operator-user-basic"]);
});

// What a grant is for: with it, and nothing else, these sessions work and these do not.
const webLimit = new Map([["dev", [{ target: { kind: "deployment" as const, name: "web" }, containers: ["nginx"] }]]]);
const sessions: [name: string, change: Partial<Intent>, allowed: string[], refused: string[]][] = [
  [
    "a user grant",
    {},
    [
      "mirror deployment/web dev",
      "steal pod/web-1 dev",
      "copy deployment/web dev",
      "mirror job/j dev",
      "targetless targetless dev",
      "mirror label/app=web dev",
    ],
    ["mirror deployment/web qa", "kill-sessions targetless dev"],
  ],
  ["a user grant without reads", { reads: false }, ["ci targetless dev"], ["mirror deployment/web dev"]],
  [
    "a user grant everywhere",
    { set: { kind: "all" } },
    ["mirror deployment/web qa", "kill-sessions targetless dev"],
    [],
  ],
  [
    "a minimal grant",
    { role: "minimal" },
    ["mirror deployment/web dev", "steal statefulset/db dev", "ci targetless dev"],
    ["copy deployment/web dev", "mirror cronjob/c dev", "kill-sessions targetless dev", "mirror deployment/web qa"],
  ],
  [
    "a view grant",
    { role: "view" },
    ["list-sessions targetless dev"],
    ["mirror deployment/web dev", "ci targetless dev"],
  ],
  [
    "a grant limited to a deployment",
    { targets: ["deployment/web"] },
    ["mirror deployment/web dev", "steal deployment/web/container/nginx dev"],
    [
      "mirror deployment/cart dev",
      "mirror deployment/web/container/other dev",
      "mirror pod/web-1 dev",
      "copy deployment/web dev",
      "mirror label/app=web dev",
      "targetless targetless dev",
    ],
  ],
];
sessions.push([
  "a limited grant with copies",
  { targets: ["deployment/web"], allowCopy: true },
  ["mirror deployment/web dev", "copy deployment/web dev"],
  ["mirror deployment/cart dev", "copy deployment/cart dev", "mirror job/j dev", "mirror label/app=web dev"],
]);
for (const [name, change, allowed, refused] of sessions) {
  t.test(`${name} allows what it says and nothing else`, async (t) => {
    const intent = intentWith(change);
    const objects = grantObjects(
      outlineGrant(intent),
      provenance,
      intent.targets.length > 0 ? webLimit : undefined,
    ).map(({ object }) => object);
    const can = sessionOracle([...stockRbac(), ...operatorClusterRoles, ...objects]);
    for (const session of allowed) t.ok(can(session), `${session} is allowed`);
    for (const session of refused) t.notOk(can(session), `${session} is refused`);
  });
}

function sessionOracle(objects: readonly KubernetesObject[]): (session: string) => boolean {
  const { authorize } = authorizer(objects);
  const user = withImpliedGroups({ name: "jim", groups: [] });
  return (session) => {
    const [action = "", target = "", namespace = ""] = session.split(" ");
    const requests = sessionRequests(plainPlan(action as Action, parseTarget(target), namespace));
    const deciding = action === "list-sessions" ? requests : requests.filter(({ required }) => required);
    return deciding.every(({ attributes }) => authorize({ user, ...attributes }).allowed);
  };
}
