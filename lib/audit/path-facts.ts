import type { KubernetesObject } from "../kubernetes/object.ts";

/** A pod that runs, or that a template makes. */
export interface AuditPod {
  namespace: string;
  name: string;
  /** Its service account. */
  account: string;
  /** The names under which sessions connect to it, without those of its containers: `pod.web-1`, `deployment.web`. */
  targets: readonly string[];
  /** Left out: not known, or none yet. */
  node?: string;
}

interface Account {
  namespace: string;
  name: string;
}

/** What paths lead through, beside roles and bindings. */
export interface PathFacts {
  /** All roles and bindings. */
  rbac: readonly KubernetesObject[];
  operator: Account & {
    /** The API server checks its certificate. */
    verified?: boolean;
    /** Of its Service. Default: that of its account. */
    service?: string;
  };
  /** Those that exist, as far as they may be listed; whoever a binding names is known anyway. */
  accounts: readonly Account[];
  pods: readonly AuditPod[];
  /** Secrets with the token of an account: never the token. */
  tokens: readonly { namespace: string; secret: string; account: string }[];
  /** There is a ConfigMap aws-auth. */
  awsAuth: boolean;
  /** Admission policies of ours are installed. */
  guarded: boolean;
}
