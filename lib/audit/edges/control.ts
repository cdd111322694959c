// Ways to decide what others may do, or what the API server believes.

import { RBAC_GROUP } from "../../kubernetes/resources.ts";
import {
  ADMISSION,
  BIND_IN_NAMESPACE,
  ESCALATE_NEW,
  SERVING_SECRET,
  changes,
  createByName,
  waysByVerb,
  policyKinds,
  rightId,
  secretReads,
  writes,
  type EdgeRule,
  type Way,
} from "./edge.ts";

const API_REGISTRATION = "apiregistration.k8s.io";

/** A ConfigMap is changed, or deleted and made anew. */
const settingWays = (name: string): Way[] =>
  [
    ...changes.map((verb) => [rightId(verb, "", "configmaps", name)]),
    [rightId("delete", "", "configmaps", name), rightId("create", "", "configmaps")],
  ].map((rights) => ({ rights, reach: "settings" }));

/** What says where the operator's API is. */
const networkWays: readonly Way[] = [
  ...waysByVerb(changes, "", ["services"], "operator-service"),
  { rights: [rightId("delete", "", "services"), rightId("create", "", "services")], reach: "operator-service" },
  ...waysByVerb(writes, "discovery.k8s.io", ["endpointslices"], "operator-namespace"),
  ...waysByVerb(changes, "", ["pods/status"], "operator-pods"),
];

export const controlEdges = {
  bind: {
    severity: "error",
    summary: "Somebody may bind roles that they do not hold.",
    explanation: "The verb bind lifts the check that nobody grants more than they have.",
    by: "binding any role",
    fix: "Limit the rule to the roles that are meant, by resourceNames.",
    ways: writes.flatMap((verb): Way[] => [
      {
        rights: [rightId("bind", RBAC_GROUP, "clusterroles"), rightId(verb, RBAC_GROUP, "clusterrolebindings")],
        reach: "bound-everywhere",
      },
      { rights: [BIND_IN_NAMESPACE, rightId(verb, RBAC_GROUP, "rolebindings")], reach: "bound-role" },
      {
        rights: [rightId("bind", RBAC_GROUP, "roles"), rightId(verb, RBAC_GROUP, "rolebindings")],
        reach: "bound-role-there",
      },
    ]),
  },
  escalate: {
    severity: "error",
    summary: "Somebody may put any rule into a role that they are bound to.",
    explanation: "The verb escalate lifts the check that nobody writes a rule that they do not hold.",
    by: "writing any rule into a role",
    fix: "Take escalate out of the role.",
    ways: changes.flatMap((verb): Way[] => [
      {
        rights: [rightId("escalate", RBAC_GROUP, "clusterroles"), rightId(verb, RBAC_GROUP, "clusterroles")],
        reach: "own-cluster-role",
      },
      {
        rights: [rightId("escalate", RBAC_GROUP, "roles"), rightId(verb, RBAC_GROUP, "roles")],
        reach: "own-role",
      },
    ]),
  },
  aggregation: {
    severity: "error",
    summary: "Somebody may add any rule to a role that they are bound to, by a label.",
    explanation:
      "A new ClusterRole with a label such as aggregate-to-view becomes part of the role view, for all who are bound to it; with the verb escalate its rules may be such as nobody holds.",
    by: "a new role that is aggregated into theirs",
    fix: "Take escalate out of the role.",
    ways: [
      {
        rights: [rightId("create", RBAC_GROUP, "clusterroles"), ESCALATE_NEW],
        reach: "aggregate",
      },
      {
        rights: [
          rightId("escalate", RBAC_GROUP, "clusterroles"),
          createByName(RBAC_GROUP, "clusterroles"),
          rightId("patch", RBAC_GROUP, "clusterroles"),
        ],
        reach: "aggregate",
      },
    ],
  },
  "mutating-admission": {
    severity: "error",
    summary: "Somebody may change what others write.",
    explanation:
      "A mutating webhook or policy rewrites every object on its way in: the account of a pod, the subjects of a binding. A policy needs a binding; whoever may change policies is taken to find one that is bound.",
    by: "changing what others write",
    fix: "Leave webhooks and mutating policies to administrators.",
    ways: [
      ...waysByVerb(writes, ADMISSION, ["mutatingwebhookconfigurations"], "administrator"),
      ...waysByVerb(changes, ADMISSION, ["mutatingadmissionpolicies"], "administrator"),
      ...waysByVerb(
        writes,
        ADMISSION,
        ["mutatingadmissionpolicybindings"],
        "administrator",
        rightId("create", ADMISSION, "mutatingadmissionpolicies"),
      ),
    ],
  },
  "validating-webhook": {
    severity: "error",
    summary: "Somebody may read all that is written.",
    explanation:
      "A validating webhook is sent every object, Secrets with their tokens included, and may refuse what ends a grant.",
    by: "reading Secrets as they are written",
    fix: "Leave webhooks to administrators.",
    ways: [
      ...waysByVerb(writes, ADMISSION, ["validatingwebhookconfigurations"], "accounts"),
      ...waysByVerb(writes, ADMISSION, ["validatingwebhookconfigurations"], "any-guard"),
    ],
  },
  "guards-removable": {
    severity: "error",
    summary: "Somebody may switch off what guards grants and privileged pods.",
    explanation:
      "The access model and the secure defaults are admission policies; who may change or delete them is bound by none, and whoever may add one and bind it can have the end of every grant refused.",
    by: "changing admission policies",
    fix: "Leave admission policies to administrators.",
    ways: [
      ...waysByVerb(["update", "patch", "delete", "deletecollection"], ADMISSION, policyKinds, "guards"),
      ...waysByVerb(
        ["create"],
        ADMISSION,
        ["validatingadmissionpolicybindings"],
        "any-guard",
        rightId("create", ADMISSION, "validatingadmissionpolicies"),
      ),
    ],
  },
  "definition-change": {
    severity: "error",
    summary: "Somebody may change what stored policies and organizations say.",
    explanation:
      "A definition names the webhook that converts its objects: whoever may change it answers for every policy; and whoever deletes it deletes them all.",
    by: "converting or deleting stored objects",
    fix: "Leave definitions to administrators.",
    ways: waysByVerb(
      [...changes, "delete", "deletecollection"],
      "apiextensions.k8s.io",
      ["customresourcedefinitions"],
      "guards",
    ),
  },
  "api-service": {
    severity: "error",
    summary: "Somebody may answer in the operator's place.",
    explanation:
      "An APIService says who serves the operator's API: the other sees credentials and traffic of every session.",
    by: "serving its API",
    fix: "Leave APIServices to administrators.",
    ways: [
      ...waysByVerb(changes, API_REGISTRATION, ["apiservices"], "operator"),
      {
        rights: [
          rightId("delete", API_REGISTRATION, "apiservices"),
          rightId("create", API_REGISTRATION, "apiservices"),
        ],
        reach: "operator",
      },
    ],
  },
  "operator-network": {
    severity: "error",
    summary: "Somebody may lead requests for the operator elsewhere.",
    explanation:
      "The operator's Service, its EndpointSlices and the status of its pods say where its API is. Where the API server checks the operator's certificate, only whoever has its key can answer. Endpoints alone lead nowhere: its Service selects pods, and then nothing is read from them.",
    by: "leading its requests elsewhere",
    fix: "Leave the operator's namespace out of the binding, and have the API server check the operator's certificate: tls.apiService.insecureSkipTLSVerify=false.",
    ways: [
      ...networkWays.map((way): Way => ({ ...way, unverified: true })),
      ...networkWays.flatMap(({ rights, reach }) =>
        secretReads.map((verb): Way => ({ rights: [...rights, rightId(verb, "", "secrets", SERVING_SECRET)], reach })),
      ),
    ],
  },
  "front-proxy": {
    severity: "error",
    summary: "Somebody may decide whom the operator takes for the API server.",
    explanation:
      "The operator reads from ConfigMap extension-apiserver-authentication whose certificate may name the user of a request.",
    by: "changing whom it takes for the API server",
    fix: "Leave kube-system out of the binding.",
    ways: settingWays("extension-apiserver-authentication"),
  },
  "aws-auth": {
    severity: "error",
    summary: "Somebody may decide who is an administrator by ConfigMap aws-auth.",
    explanation: "On EKS it maps identities of AWS to users and groups, system:masters among them.",
    by: "changing ConfigMap aws-auth",
    fix: "Leave kube-system out of the binding.",
    ways: settingWays("aws-auth"),
  },
} as const satisfies Record<string, EdgeRule>;
