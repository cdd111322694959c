// Ways that mirrord itself opens. What a session, a copy, a preview, a branch database or a patched workload does is the
// operator's, which is not here: what the API server says of each request that it takes is by SubjectAccessReview (marked so in
// the names), and the token of the pod's account, which the way ends with, is made by an administrator.
import t from "tap";
import type { AccessRequest } from "../../lib/kubernetes/access.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";
import { clusterRole, clusterRoleBinding, rule, user } from "../rbac/objects.ts";
import { review } from "../rbac/server.ts";
import { uniqueName } from "../control-plane/namespace.ts";
import { sharedControlPlane } from "../control-plane/start.ts";
import { ACCOUNT, pathWorld, walkAll, type Walk, type Walker } from "./path-world.ts";
import { tokenWalk } from "./token-walk.ts";

const plane = await sharedControlPlane();
const world = await pathWorld(plane);
t.teardown(() => world.close());

const OPERATOR = "operator.metalbear.co";
const PREVIEW = "preview.mirrord.metalbear.co";
const BRANCHES = "dbs.mirrord.metalbear.co";

type Request = Pick<Extract<AccessRequest, { verb: string; resource: string }>, "verb" | "apiGroup" | "resource"> & {
  name?: string;
  /** Not in a namespace. */
  wide?: true;
};

const operator: Request = {
  verb: "get",
  apiGroup: OPERATOR,
  resource: "mirrordoperators",
  name: "operator",
  wide: true,
};
const toOperator = rule(OPERATOR, "mirrordoperators", "get", "operator");

/** Whether the API server lets all requests through, and then what the account of the target's pod may. */
async function reviewedWalk({ name, namespace }: Walker, requests: readonly Request[]): Promise<number> {
  for (const { wide, ...request } of requests) {
    const identity = { name, groups: ["system:authenticated"] };
    const where = wide === true ? {} : { namespace };
    if (!(await review(world.server, { ...request, ...where, user: identity })).allowed) return 403;
  }
  return await tokenWalk(world, { namespace, send: world.admin });
}

/** A pod of the account, called web. */
function runsPod(namespace: string) {
  const spec = { serviceAccountName: ACCOUNT, containers: [{ name: "app", image: "app" }] };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "web" }, spec };
  return world.admin("POST", `/api/v1/namespaces/${namespace}/pods`, pod);
}

const reviewed = (name: string, edge: Walk["edge"], rules: PolicyRule[], requests: Request[]): Walk => ({
  name: `${name} (SubjectAccessReview)`,
  edge,
  rules,
  wide: true,
  prepare: runsPod,
  walk: (walker) => reviewedWalk(walker, requests),
});

const branchKinds = ["branchdatabases", "mysqlbranchdatabases", "pgbranchdatabases", "mongodbbranchdatabases"];

const ana = uniqueName("ana");

walkAll(t, world, [
  reviewed(
    "a session with a target has what its pod has",
    "session-identity",
    [rule(OPERATOR, "targets", "proxy"), toOperator],
    [operator, { verb: "proxy", apiGroup: OPERATOR, resource: "targets", name: "pod.web" }],
  ),
  reviewed(
    "a session with the one target that a rule names",
    "session-identity",
    [rule(OPERATOR, "targets", "proxy", "pod.web.container.app"), toOperator],
    [operator, { verb: "proxy", apiGroup: OPERATOR, resource: "targets", name: "pod.web.container.app" }],
  ),
  reviewed(
    "a copy of a target has what its pod has",
    "session-identity",
    [rule(OPERATOR, "copytargets", "create"), rule(OPERATOR, "copytargets", "proxy"), toOperator],
    [
      operator,
      { verb: "create", apiGroup: OPERATOR, resource: "copytargets" },
      { verb: "proxy", apiGroup: OPERATOR, resource: "copytargets", name: "copy-of-web" },
    ],
  ),
  reviewed(
    "a preview runs any image as the account of its target",
    "preview-image",
    [rule(PREVIEW, "previewsessions", "create"), toOperator],
    [operator, { verb: "create", apiGroup: PREVIEW, resource: "previewsessions" }],
  ),
  ...branchKinds.map((resource) =>
    reviewed(
      `a branch database is made with what its target has: ${resource}`,
      "branch-database",
      [rule(BRANCHES, resource, "create"), toOperator],
      [operator, { verb: "create", apiGroup: BRANCHES, resource }],
    ),
  ),
  reviewed(
    "the operator is asked to change a workload",
    "workload-patch",
    [rule("mirrord.metalbear.co", "mirrordclusterworkloadpatchrequests", "create")],
    [
      {
        verb: "create",
        apiGroup: "mirrord.metalbear.co",
        resource: "mirrordclusterworkloadpatchrequests",
        wide: true,
      },
    ],
  ),
  {
    name: "a connection to a target is sent as a user who may start sessions (constrained impersonation)",
    edge: "constrained-impersonation",
    rules: [
      rule("authentication.k8s.io", "users", "impersonate:user-info", ana),
      rule(OPERATOR, "targets", "impersonate-on:user-info:proxy"),
      toOperator,
    ],
    wide: true,
    more: (name) => [
      clusterRole(`${name}-ana`, [rule(OPERATOR, "targets", "proxy")]),
      clusterRoleBinding(`${name}-ana`, `${name}-ana`, [user(ana)]),
    ],
    goal: `${ana} sessions`,
    // Nobody serves these paths: whoever is let through is answered that there is nothing.
    async walk({ namespace, send }) {
      const operators = await send("GET", `/apis/${OPERATOR}/v1/mirrordoperators/operator`);
      if (operators.status === 403) return 403;
      const path = `/apis/${OPERATOR}/v1/proxy/namespaces/${namespace}/targets/pod.web`;
      const as = { "Impersonate-User": ana };
      const { status } = await send("GET", path, undefined, as);
      return status === 403 ? 403 : 200;
    },
  },
]);
