import type { FileAccess, Incoming, OutgoingConnection, RelatedTarget } from "./session-use.ts";
import type { Target } from "../target.ts";

/** What somebody wants to do. `ci` is the minting of a CI key; `preview` is `mirrord preview start`. */
export const actions = [
  "mirror",
  "steal",
  "copy",
  "copy-scale-down",
  "preview",
  "ci",
  "targetless",
  "list-sessions",
  "kill-sessions",
] as const;
export type Action = (typeof actions)[number];

/** Other things that the client is started for: they read, and make no session. Source: operator contract section 3.6. */
export type ClientCommand = "list-targets" | "subscribe" | "queues" | "diagnose";

/**
 * Everything about a session that decides which requests its client sends. lib/preview/resolve.ts makes it from what
 * was asked and what the cluster shows.
 */
export interface SessionPlan {
  action: Action;
  target: Target;
  /** Where the connection goes. */
  namespace: string;
  /** MirrordOperator.spec.supported_features, or the stock ones when it could not be read. */
  features: ReadonlySet<string>;
  /** The client makes a copy of the workload and connects to that instead. */
  copy: boolean;
  scaleDown: boolean;
  /** A Deployment that has no replicas at all also makes the client look for an Argo Rollout of its name. */
  rolloutProbe: boolean;
  /** mirrord.json `profile`; without a namespace it is a MirrordClusterProfile. */
  profile?: { name: string; namespace?: string };
  /** The workload that a Rollout's `spec.workloadRef` names: the client reads that too. */
  workloadRef?: { group: string; resource: string; name: string };
  /** Clients up to 3.118.0: they look the target up at the operator and connect by the legacy name. */
  legacyClient: boolean;
  /** A primary of several clusters resolves the target itself: no native requests and no native check. */
  multiClusterPrimary: boolean;
  /** Literal credentials for a database branch are posted before the session. */
  branchCredentials: boolean;
  /** Where preview sessions are created: the operator's namespace when it has one, else the target's. */
  previewNamespace?: string;
  /** The operator was seen to find the container of a preview's target, so that the client need not look itself. */
  operatorNamesContainer?: boolean;
  /** A preview mounts secrets of its own. */
  previewSecretMounts: boolean;
  /** `list-sessions` and `kill-sessions` over every namespace. */
  allNamespaces: boolean;
  /** Instead of the action. */
  command?: ClientCommand;
  /** The operator could not be read, so the client looks whether its API is there at all. */
  discovery?: boolean;
  /** What becomes of incoming traffic; left out, what the action says. Only policies look at this and the next three. */
  incoming?: Incoming;
  /** Connections that the application would make through the target. */
  outgoing?: readonly OutgoingConnection[];
  /** Environment variables of the target that the application would want. */
  env?: readonly string[];
  /** Files of the target that the application would open. */
  files?: readonly FileAccess[];
  /** A CI key, `MIRRORD_CI_API_KEY`, stands in for the client certificate. */
  ciKey?: boolean;
  /** The other objects of the workload, when they could be read: policies may reach the session through them. */
  related?: readonly RelatedTarget[];
  /** There are more of them, which could not be read. */
  relatedIncomplete?: boolean;
}

/** The plan of a plain session: current client, current operator, nothing special about the target. */
export function plainPlan(action: Action, target: Target, namespace: string): SessionPlan {
  return {
    action,
    target,
    namespace,
    features: new Set(["ProxyApi", "ExtendableUserCredentials", "CopyTarget", "SessionManagement"]),
    copy: action === "copy" || action === "copy-scale-down" || target.kind === "job" || target.kind === "cronjob",
    scaleDown: action === "copy-scale-down",
    rolloutProbe: false,
    legacyClient: false,
    multiClusterPrimary: false,
    branchCredentials: false,
    previewSecretMounts: false,
    allNamespaces: false,
  };
}
