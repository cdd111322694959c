// Ways to become somebody else by a name, a token or a certificate.

import {
  ANY_NODE,
  CERTIFICATES,
  CLIENT_SIGNERS,
  NODES_GROUP,
  NODE_CLIENT,
  NODE_SIGNERS,
  OWN_NODE,
  TOKEN_AS_ANY_NODE,
  TOKEN_AS_OWN_NODE,
  changes,
  createByName,
  waysByVerb,
  rightId,
  secretReads,
  type EdgeRule,
  type Way,
} from "./edge.ts";

/** A certificate is asked for, and approved for one of these signers by the same person. */
const approvedWays = (signers: readonly string[], reach: Way["reach"]): Way[] =>
  signers.flatMap((signer) =>
    changes.map((verb) => ({
      rights: [
        rightId("create", CERTIFICATES, "certificatesigningrequests"),
        rightId(verb, CERTIFICATES, "certificatesigningrequests/approval"),
        rightId("approve", CERTIFICATES, "signers", signer),
      ],
      reach,
    })),
  );

export const identityEdges = {
  "impersonation-of-groups": {
    severity: "error",
    summary: "Somebody may act as any group.",
    explanation: "Whoever may impersonate groups is in system:masters when they like, which passes every check.",
    by: "impersonating groups",
    fix: "Limit the rule to the groups that are meant, by resourceNames.",
    ways: [
      { rights: ["impersonate groups", "impersonate users"], reach: "named-groups" },
      { rights: ["impersonate groups", "impersonate serviceaccounts"], reach: "named-groups" },
    ],
  },
  impersonation: {
    severity: "error",
    summary: "Somebody may act as other users.",
    explanation: "An impersonated request has all rights of the other, and mirrord's operator sees only the other.",
    by: "impersonating them",
    fix: "Limit the rule to the users that are meant, by resourceNames.",
    ways: [{ rights: ["impersonate users"], reach: "named-people" }],
  },
  "constrained-impersonation": {
    severity: "error",
    summary: "Somebody may send requests as others, and these lead to more.",
    explanation:
      "With the verb impersonate:MODE somebody has the name of another, and with impersonate-on:MODE:VERB each request that a rule names is sent with the rights of the other (Kubernetes 1.35 and newer).",
    by: "sending requests in their name",
    fix: "Take the verb impersonate-on:MODE:VERB out of the role, or limit impersonate:MODE by resourceNames.",
    // What it leads to depends on what both may do: lib/audit/constrained.ts.
    ways: [],
  },
  "impersonation-of-accounts": {
    severity: "error",
    summary: "Somebody may act as a service account that can do more.",
    explanation:
      "The role edit holds this in every namespace that it is bound in: an account with more rights does not belong there.",
    by: "impersonating it",
    fix: "Move the account to a namespace where nobody else has this right.",
    ways: [{ rights: ["impersonate serviceaccounts"], reach: "named-accounts" }],
  },
  "token-creation": {
    severity: "error",
    summary: "Somebody may make tokens of a service account that can do more.",
    explanation: "A token works outside of the cluster as well, for as long as it was made for.",
    by: "making a token",
    fix: "Limit the rule to the accounts that are meant, by resourceNames.",
    ways: [{ rights: ["create serviceaccounts/token"], reach: "named-accounts" }],
  },
  "token-secret": {
    severity: "error",
    summary: "Somebody may have a token of a service account written into a Secret, and read it.",
    explanation:
      "Whoever may make a Secret of the type kubernetes.io/service-account-token and read it has a token that never ends. The API server answers with the Secret to patch, delete and deletecollection as well.",
    by: "making a Secret for its token",
    fix: "Take the right to make or to read Secrets away there.",
    ways: [
      ...waysByVerb(secretReads, "", ["secrets"], "accounts", "create secrets"),
      { rights: ["patch secrets", createByName("", "secrets")], reach: "accounts" },
    ],
  },
  "stored-token": {
    severity: "error",
    summary: "Somebody may read the stored token of a service account that can do more.",
    explanation:
      "A token in a Secret of the type kubernetes.io/service-account-token never ends. The API server answers with the Secret to patch, delete and deletecollection as well, in a dry run too.",
    by: "reading its token from a Secret",
    fix: "Delete the Secret: tokens of pods and of kubectl create token need none.",
    ways: waysByVerb(secretReads, "", ["secrets"], "tokens"),
  },
  "certificate-approval": {
    severity: "error",
    summary: "Somebody may make client certificates for others.",
    explanation:
      "A client certificate names its user and groups; whoever may ask for one and approve it is anybody but system:masters.",
    by: "approving a certificate in their name",
    fix: "Let one ask and another approve.",
    ways: approvedWays(CLIENT_SIGNERS, "people"),
  },
  "node-identity": {
    severity: "error",
    summary: "Somebody may be a node, and so make tokens for the accounts of its pods.",
    explanation:
      "The Node authorizer lets a node make tokens for the service accounts of the pods that run on it, by a client certificate (one with the right certificatesigningrequests/nodeclient is approved by Kubernetes itself) or by impersonation.",
    by: "being a node",
    fix: "Take certificatesigningrequests/nodeclient, the approval for this signer, and the impersonation of nodes out of the role.",
    ways: [
      ...approvedWays(NODE_SIGNERS, "node"),
      { rights: [rightId("create", CERTIFICATES, "certificatesigningrequests"), NODE_CLIENT], reach: "node" },
      { rights: ["impersonate users", rightId("impersonate", "", "groups", NODES_GROUP)], reach: "node-users" },
      { rights: [ANY_NODE, TOKEN_AS_ANY_NODE], reach: "node-pods" },
      { rights: [OWN_NODE, TOKEN_AS_OWN_NODE], reach: "own-node-pods" },
    ],
  },
  "bootstrap-token": {
    severity: "error",
    summary: "Somebody may make bootstrap tokens, and their groups can do more.",
    explanation:
      "A Secret of the type bootstrap.kubernetes.io/token in kube-system is a token of system:bootstrappers, and of each group of that name that it lists, where the API server takes such tokens: with kubeadm they become nodes.",
    by: "making a bootstrap token",
    fix: "Leave kube-system out of the binding.",
    ways: [
      { rights: ["create secrets"], reach: "bootstrappers" },
      { rights: ["patch secrets", createByName("", "secrets")], reach: "bootstrappers" },
    ],
  },
} as const satisfies Record<string, EdgeRule>;
