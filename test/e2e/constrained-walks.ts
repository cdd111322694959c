// Walks by constrained impersonation: Kubernetes 1.35 has it behind a feature gate, 1.36 serves it.
import { clusterRoleBinding, rule, user } from "../rbac/objects.ts";
import { until } from "../until.ts";
import { administrators, boss, bosses } from "./administrators.ts";
import { ACCOUNT, type PathWorld, type Walk } from "./path-world.ts";
import { tokenWalk } from "./token-walk.ts";

const AUTHENTICATION = "authentication.k8s.io";
const RBAC = "rbac.authorization.k8s.io";

/** As whom the rules let somebody send requests, and which. */
export const asUser = (...names: string[]) => rule(AUTHENTICATION, "users", "impersonate:user-info", ...names);
export const asGroup = (...names: string[]) => rule(AUTHENTICATION, "groups", "impersonate:user-info", ...names);
export const makesTokens = rule("", "serviceaccounts/token", "impersonate-on:user-info:create");

const toAccount = `token-creation sa:.*/${ACCOUNT} administrator`;

export const constrainedWalks = (world: PathWorld): Walk[] => [
  {
    name: "a request is sent as a user (constrained impersonation)",
    edge: "constrained-impersonation",
    rules: [asUser(boss), makesTokens],
    wide: true,
    more: administrators,
    goal: `${boss} ${toAccount}`,
    walk: (walker) => tokenWalk(world, walker, { "Impersonate-User": boss }),
  },
  {
    name: "a request is sent as one of a group (constrained impersonation)",
    edge: "constrained-impersonation",
    rules: [asUser("nobody"), asGroup(bosses), makesTokens],
    wide: true,
    more: administrators,
    goal: `group:${bosses} ${toAccount}`,
    walk: (walker) => tokenWalk(world, walker, { "Impersonate-User": "nobody", "Impersonate-Group": bosses }),
  },
  {
    name: "a request is sent as an account (constrained impersonation)",
    edge: "constrained-impersonation",
    rules: [
      rule(AUTHENTICATION, "serviceaccounts", "impersonate:serviceaccount", ACCOUNT),
      rule("", "serviceaccounts/token", "impersonate-on:serviceaccount:create", ACCOUNT),
    ],
    goal: `sa:.*/${ACCOUNT} ${toAccount}`,
    walk: (walker) =>
      tokenWalk(world, walker, { "Impersonate-User": `system:serviceaccount:${walker.namespace}:${ACCOUNT}` }),
  },
  {
    name: "a binding is written as a user who may bind what it names (constrained impersonation)",
    edge: "constrained-impersonation",
    rules: [asUser(boss), rule(RBAC, "clusterrolebindings", "impersonate-on:user-info:create")],
    wide: true,
    more: administrators,
    goal: `${boss} bind administrator`,
    async walk({ name, send }) {
      const binding = clusterRoleBinding(`${name}-walk`, "cluster-admin", [user(name)]);
      const as = { "Impersonate-User": boss };
      const made = await send("POST", `/apis/${RBAC}/v1/clusterrolebindings`, binding, as);
      if (made.status !== 201) return made.status;
      return await until("the binding counts", async () => {
        const { status } = await send("GET", "/api/v1/nodes");
        return status === 200 && status;
      });
    },
  },
];
