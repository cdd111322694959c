// Ways to become somebody else by a name, a token or a certificate.

import {
  CERTIFICATES,
  CLIENT_SIGNERS,
  changes,
  createByName,
  waysByVerb,
  rightId,
  secretReads,
  type EdgeRule,
  type Way,
} from "./edge.ts";

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
    ways: CLIENT_SIGNERS.flatMap((signer) =>
      changes.map((verb): Way => ({
        rights: [
          rightId("create", CERTIFICATES, "certificatesigningrequests"),
          rightId(verb, CERTIFICATES, "certificatesigningrequests/approval"),
          rightId("approve", CERTIFICATES, "signers", signer),
        ],
        reach: "people",
      })),
    ),
  },
} as const satisfies Record<string, EdgeRule>;
