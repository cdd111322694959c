import { OPERATOR_GROUP, PREVIEW_GROUP } from "../../mirrord/resources.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";
import type { Right } from "../rights.ts";
import { ACCESS_GROUP } from "../../access/privileged-options.ts";
import {
  ADMISSION,
  ANY_NODE,
  AUTHENTICATION,
  BIND_IN_NAMESPACE,
  BRANCHES,
  CERTIFICATES,
  CLIENT_SIGNERS,
  ESCALATE_NEW,
  EXTRAS,
  MIRRORD,
  NODES_GROUP,
  NODE_CLIENT,
  NODE_SIGNERS,
  SERVING_SECRET,
  TOKEN_AS_ANY_NODE,
  TOKEN_AS_OWN_NODE,
  branchKinds,
  changes,
  createByName,
  mutatingKinds,
  policyKinds,
  rightId,
  secretReads,
  templates,
  writes,
} from "./edge.ts";

/** Each verb on each resource (`pods/exec` with its subresource), by its id. */
function asRights(
  scope: Right["scope"],
  apiGroup: string,
  resources: readonly string[],
  verbs: readonly string[],
  name?: string,
): [string, Right][] {
  return resources.flatMap((path) => {
    const [resource = "", subresource] = path.split("/");
    return verbs.map((verb): [string, Right] => [
      rightId(verb, apiGroup, path, name),
      {
        scope,
        verb,
        apiGroup,
        resource,
        ...(subresource === undefined ? {} : { subresource }),
        ...(isNameless(verb, subresource) ? { name: "" } : name === undefined ? {} : { name }),
      },
    ]);
  });
}

/** What is created has no name in its request, nor has what is deleted with others: a rule with names does not allow it. */
const isNameless = (verb: string, subresource: string | undefined): boolean =>
  verb === "deletecollection" || (verb === "create" && subresource === undefined);

const namedCreation = (scope: Right["scope"], apiGroup: string, resource: string): [string, Right] => [
  createByName(apiGroup, resource),
  { scope, verb: "create", apiGroup, resource },
];

/** In whose name a token of an account is made. */
const tokenAs = (id: string, mode: string): [string, Right] => [
  id,
  {
    scope: "namespaced",
    verb: `impersonate-on:${mode}:create`,
    apiGroup: "",
    resource: "serviceaccounts",
    subresource: "token",
  },
];

/** Everything that is asked of every role. */
export const rights: Readonly<Record<string, Right>> = Object.fromEntries([
  ...asRights("cluster", "*", ["*"], ["*"]),
  ...asRights("cluster", ACCESS_GROUP, ["grants"], ["manage"]),
  ...asRights("cluster", OPERATOR_GROUP, ["mirrordoperators"], ["get"], "operator"),
  ...asRights(
    "cluster",
    OPERATOR_GROUP,
    ["mirrordclusteroperatorusercredentials", "mirrordoperators/certificate"],
    ["create"],
  ),
  ...asRights("cluster", OPERATOR_GROUP, ["sessions"], ["delete", "deletecollection"]),
  ...asRights("namespaced", OPERATOR_GROUP, ["targets"], ["proxy"]),
  ...asRights("namespaced", OPERATOR_GROUP, ["copytargets"], ["create", "proxy"]),
  ...asRights("namespaced", PREVIEW_GROUP, ["previewsessions"], ["create"]),
  ...asRights("namespaced", BRANCHES, branchKinds, ["create"]),
  ...asRights("cluster", MIRRORD, ["mirrordclusterworkloadpatchrequests"], ["create"]),
  ...asRights("cluster", "", ["users", "groups"], ["impersonate"]),
  ...asRights("cluster", "", ["groups"], ["impersonate"], NODES_GROUP),
  ...asRights("namespaced", "", ["serviceaccounts"], ["impersonate"]),
  ...asRights("cluster", AUTHENTICATION, ["uids"], ["impersonate"]),
  [
    EXTRAS,
    { scope: "cluster", verb: "impersonate", apiGroup: AUTHENTICATION, resource: "userextras", anySubresource: true },
  ],
  ...asRights("cluster", AUTHENTICATION, ["users", "groups"], ["impersonate:user-info"]),
  ...asRights("namespaced", AUTHENTICATION, ["serviceaccounts"], ["impersonate:serviceaccount"]),
  [ANY_NODE, { scope: "cluster", verb: "impersonate:arbitrary-node", apiGroup: AUTHENTICATION, resource: "nodes" }],
  ...asRights("cluster", AUTHENTICATION, ["nodes"], ["impersonate:associated-node"], "*"),
  tokenAs(TOKEN_AS_ANY_NODE, "arbitrary-node"),
  tokenAs(TOKEN_AS_OWN_NODE, "associated-node"),
  ...asRights("namespaced", "", ["serviceaccounts/token"], ["create"]),
  ...asRights("namespaced", "", ["secrets"], ["create", ...secretReads]),
  namedCreation("namespaced", "", "secrets"),
  ...asRights("namespaced", "", ["secrets"], secretReads, SERVING_SECRET),
  ...asRights("cluster", CERTIFICATES, ["certificatesigningrequests"], ["create"]),
  ...asRights("cluster", CERTIFICATES, ["certificatesigningrequests/approval"], changes),
  [
    NODE_CLIENT,
    {
      scope: "cluster",
      verb: "create",
      apiGroup: CERTIFICATES,
      resource: "certificatesigningrequests",
      subresource: "nodeclient",
      name: "",
    },
  ],
  ...new Set([...CLIENT_SIGNERS, ...NODE_SIGNERS])
    .values()
    .flatMap((name) => asRights("cluster", CERTIFICATES, ["signers"], ["approve"], name)),
  ...asRights("namespaced", "", ["pods"], writes),
  namedCreation("namespaced", "", "pods"),
  ...asRights("namespaced", "batch", ["jobs"], ["create", "patch"]),
  namedCreation("namespaced", "batch", "jobs"),
  ...asRights("namespaced", "apps", ["controllerrevisions"], ["create", "delete"]),
  ...templates.flatMap(([group, kinds]) => asRights("namespaced", group, kinds, writes)),
  ...asRights("namespaced", "", ["pods/exec", "pods/attach"], ["create", "get"]),
  ...asRights("namespaced", "", ["pods/ephemeralcontainers"], changes),
  ...asRights("cluster", "", ["nodes/proxy"], ["create", "get"]),
  ...asRights("cluster", RBAC_GROUP, ["clusterroles"], ["bind", "escalate", ...writes]),
  [ESCALATE_NEW, { scope: "cluster", verb: "escalate", apiGroup: RBAC_GROUP, resource: "clusterroles", name: "" }],
  namedCreation("cluster", RBAC_GROUP, "clusterroles"),
  // To bind a ClusterRole in a namespace is asked there.
  [BIND_IN_NAMESPACE, { scope: "namespaced", verb: "bind", apiGroup: RBAC_GROUP, resource: "clusterroles" }],
  ...asRights("cluster", RBAC_GROUP, ["clusterrolebindings"], writes),
  ...asRights("namespaced", RBAC_GROUP, ["roles"], ["bind", "escalate", ...writes]),
  ...asRights("namespaced", RBAC_GROUP, ["rolebindings"], writes),
  ...asRights("cluster", ADMISSION, ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"], writes),
  ...asRights("cluster", ADMISSION, mutatingKinds, writes),
  ...asRights("cluster", ADMISSION, policyKinds, [...writes, "delete", "deletecollection"]),
  ...asRights("cluster", "apiregistration.k8s.io", ["apiservices"], [...writes, "delete"]),
  ...asRights(
    "cluster",
    "apiextensions.k8s.io",
    ["customresourcedefinitions"],
    [...changes, "delete", "deletecollection"],
  ),
  ...asRights("namespaced", "", ["services"], [...changes, "create", "delete"]),
  ...asRights("namespaced", "", ["pods/status"], changes),
  ...asRights("namespaced", "discovery.k8s.io", ["endpointslices"], writes),
  ...asRights("namespaced", "", ["configmaps"], [...changes, "delete"], "extension-apiserver-authentication"),
  ...asRights("namespaced", "", ["configmaps"], [...changes, "delete"], "aws-auth"),
  ...asRights("namespaced", "", ["configmaps"], ["create"]),
  // A request for a Namespace is in the namespace of its name, so that a Role in it is enough.
  ...asRights("namespaced", "", ["namespaces"], changes),
]);
