import type { AccessAttributes } from "../kubernetes/access.ts";
import { OPERATOR_GROUP, PREVIEW_GROUP, PROFILES_GROUP } from "./resources.ts";
import type { ClientCommand, SessionPlan } from "./plan/session-plan.ts";
import { needs, operatorResource, type SessionRequest } from "./plan/session-request.ts";
import { legacyLookup, looksForContainer, nativeCheck, nativeRequests } from "./plan/target-requests.ts";
import { connectName, legacyName, workloadKinds, workloadType } from "./target.ts";

/**
 * The requests that a client sends to carry out the plan, with the attributes that the API server checks, and the
 * operator's own check of the native object. Pure; an empty list never comes back.
 * Source: operator contract sections 0 and 3; every request was seen in the vendor's client 3.250.0.
 */
export function sessionRequests(plan: SessionPlan): SessionRequest[] {
  if (plan.command !== undefined) return commandRequests(plan, plan.command);
  switch (plan.action) {
    case "list-sessions":
      return [...findOperator(plan), sessionList(plan)];
    case "kill-sessions":
      return [...findOperator(plan), ...sessionKills];
    case "ci":
      return [...findOperator(plan), ciKey];
    case "preview":
      return previewRequests(plan);
    default:
      return connectionRequests(plan);
  }
}

function connectionRequests(plan: SessionPlan): SessionRequest[] {
  return [
    ...profileRequests(plan),
    ...findOperator(plan),
    ...(plan.ciKey === true ? [] : [credential(plan)]),
    ...nativeRequests(plan),
    ...(plan.branchCredentials ? [branchCredentials] : []),
    ...(plan.copy ? copyRequests(plan) : [connect(plan)]),
    ...(plan.multiClusterPrimary ? [] : [nativeCheck(plan)]),
    version,
  ];
}

const operatorGet = needs(
  "operator-get",
  "find the operator",
  operatorResource("get", "mirrordoperators", { name: "operator" }),
);

// Every authenticated user may do it on a stock cluster (system:discovery), and a failure counts as "not installed".
const discovery = needs(
  "discovery",
  "see whether the operator is installed",
  { verb: "get", path: `/apis/${OPERATOR_GROUP}/v1` },
  { required: false },
);

function findOperator(plan: SessionPlan): SessionRequest[] {
  return plan.discovery === true ? [operatorGet, discovery] : [operatorGet];
}

// GET /version comes after the connection; system:public-info-viewer grants it to everybody on a stock cluster.
const version = needs("version", "read the cluster's version", { verb: "get", path: "/version" }, { required: false });

const branchCredentials = needs(
  "branchcredentials",
  "hand over the credentials of a database branch",
  operatorResource("create", "branchcredentials"),
);

const previewSecretMounts = needs(
  "previewsecretmounts",
  "hand over the preview's secrets",
  operatorResource("create", "previewsecretmounts"),
);

const ciKey = needs("ci-key", "create a CI key", operatorResource("create", "mirrordclusteroperatorusercredentials"));

// A cached credential skips this step, but nobody can see the cache of another machine: it counts as needed.
function credential(plan: SessionPlan): SessionRequest {
  const purpose = "get a certificate";
  return plan.features.has("ExtendableUserCredentials")
    ? needs("credential-new", purpose, operatorResource("create", "mirrordclusteroperatorusercredentials"))
    : needs(
        "credential-old",
        purpose,
        operatorResource("create", "mirrordoperators", {
          subresource: "certificate",
          name: "operator",
        }),
      );
}

function profileRequests({ profile }: SessionPlan): SessionRequest[] {
  if (profile === undefined) return [];
  const { name, namespace } = profile;
  const get = { verb: "get", apiGroup: PROFILES_GROUP, name };
  const purpose = `read the profile ${JSON.stringify(name)}`;
  return namespace === undefined
    ? [needs("profile-cluster", purpose, { ...get, resource: "mirrordclusterprofiles" })]
    : [needs("profile-ns", purpose, { ...get, resource: "mirrordprofiles", namespace })];
}

function connect({ target, namespace, features, legacyClient }: SessionPlan): SessionRequest {
  const name = legacyClient ? legacyName(target) : connectName(target);
  return features.has("ProxyApi")
    ? needs("connect-proxy", "connect to it", operatorResource("proxy", "targets", { namespace, name }))
    : needs("connect-get", "connect to it", operatorResource("get", "targets", { namespace, name }));
}

// Only the list of pods makes `mirrord ls` fail; other kinds are left out without a word.
function targetLists({ namespace, legacyClient }: SessionPlan): SessionRequest[] {
  if (legacyClient) {
    return [needs("targets-list-legacy", "list the targets", operatorResource("list", "targets", { namespace }))];
  }
  const natives = workloadKinds.map((kind) => {
    const { group, resource } = workloadType(kind);
    const attributes = { verb: "list", apiGroup: group, resource, namespace };
    return needs(`ls-${resource}`, `list ${resource}`, attributes, { required: kind === "pod" });
  });
  const everyNamespace = { verb: "list", apiGroup: "", resource: "namespaces" };
  return [...natives, needs("ls-namespaces", "offer the namespaces (IDE)", everyNamespace, { required: false })];
}

// The operator names the copy, so the questions carry no name: only a rule without resourceNames answers them,
// and only such a rule would let the session through.
function copyRequests({ namespace }: SessionPlan): SessionRequest[] {
  const copies = (verb: string) => operatorResource(verb, "copytargets", { namespace });
  return [
    needs("copy-list", "look for a copy that can be used again", copies("list")),
    needs("copy-create", "copy the target", copies("create")),
    // Only sent while the copy is being made: a copy that comes back ready is never polled (seen with the real client).
    needs("copy-poll", "wait for the copy", copies("get"), { required: false }),
    needs("copy-connect", "connect to the copy", copies("proxy")),
  ];
}

/**
 * What `mirrord preview start` sends: no profile is read, no client certificate is made, and sessions of the same key are listed before one is
 * created. Source: operator contract section 3.6, seen in the vendor's client 3.250.0.
 */
function previewRequests(plan: SessionPlan): SessionRequest[] {
  const namespace = plan.previewNamespace ?? plan.namespace;
  const previews = (verb: string): AccessAttributes => ({
    verb,
    apiGroup: PREVIEW_GROUP,
    resource: "previewsessions",
    namespace,
  });
  return [
    ...findOperator(plan),
    legacyLookup(plan, "target-get-preview"),
    ...(looksForContainer(plan) ? nativeRequests({ ...plan, copy: false }) : []),
    needs("preview-list", "look for previews of the same key", previews("list")),
    ...(plan.branchCredentials ? [branchCredentials] : []),
    needs("preview-create", "create the preview", previews("create")),
    ...(plan.previewSecretMounts ? [previewSecretMounts] : []),
    needs("preview-watch", "wait for the preview", previews("watch")),
    // A preview that is not ready in time is deleted; without the right the client warns and leaves it behind.
    needs("preview-delete", "delete a preview that is not ready in time", previews("delete"), { required: false }),
    ...(plan.multiClusterPrimary
      ? [needs("previews-view", "see the preview on its cluster", operatorResource("get", "previews", { namespace }))]
      : []),
  ];
}

// The client falls back to the operator's status when it may not list, so the list is not required to see sessions.
function sessionList({ namespace, allNamespaces }: SessionPlan): SessionRequest {
  const attributes = operatorResource("list", "sessions", allNamespaces ? {} : { namespace });
  return needs(allNamespaces ? "session-list-all" : "session-list-ns", "list the sessions", attributes, {
    required: false,
  });
}

// The client deletes by the cluster-wide path, even a session of one namespace: a role in that namespace is not enough.
const sessionKills: SessionRequest[] = [
  needs("session-stop", "stop a session", operatorResource("delete", "sessions")),
  needs("session-kill-all", "stop all sessions at once", operatorResource("deletecollection", "sessions"), {
    required: false,
  }),
  needs(
    "session-retain-active",
    "stop the inactive sessions",
    operatorResource("delete", "sessions", { name: "inactive" }),
    { required: false },
  ),
];

function commandRequests(plan: SessionPlan, command: ClientCommand): SessionRequest[] {
  const { namespace } = plan;
  switch (command) {
    case "list-targets":
      return [...findOperator(plan), credential(plan), ...targetLists(plan)];
    case "subscribe":
      return [
        ...findOperator(plan),
        needs("events", "follow the events of a session", operatorResource("watch", "events")),
      ];
    case "queues":
      return [
        ...findOperator(plan),
        needs("queues-list", "list the split queues", operatorResource("list", "queuesplits", { namespace })),
        needs("queues-get", "read a split queue", operatorResource("get", "queuesplits", { namespace })),
      ];
    case "diagnose":
      return [
        ...findOperator(plan),
        needs(
          "ping",
          "measure the way to the operator",
          operatorResource("get", "mirrordoperators", { subresource: "ping", name: "operator" }),
        ),
      ];
  }
}
