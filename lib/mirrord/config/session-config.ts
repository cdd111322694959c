import type { HttpFilter } from "../plan/session-use.ts";
import type { Target } from "../target.ts";

/**
 * What a mirrord.json and the environment say about a session, as far as access depends on it. Source of every field: the
 * key of the same name, operator contract section 6.
 */
export interface SessionConfig {
  /** Without a target it is targetless. */
  target: Target;
  /** Left out, the client uses the kubeconfig's namespace; a targetless session in a single cluster uses `default`. */
  namespace: string | undefined;
  /** Left out, the client uses the operator where there is one. */
  operator: boolean | undefined;
  profile: ProfileName | undefined;
  /** False forces a single-cluster session. */
  multiCluster: boolean | undefined;
  kubeconfig: string | undefined;
  kubeContext: string | undefined;
  /** Which of these two the file itself says, and not the environment. */
  chosenByFile: ("kubeconfig" | "kubeContext")[];
  /** Environment variables whose values its templates took up. */
  variables: string[];
  acceptInvalidCertificates: boolean | undefined;
  useProxy: boolean;
  key: SessionKey;
  incoming: IncomingConfig;
  outgoing: OutgoingConfig;
  /** Names are looked up in the cluster. */
  dns: boolean;
  files: FilesConfig;
  env: EnvConfig;
  copyTarget: CopyTargetConfig;
  /** `feature.split_queues` names queues. */
  splitQueues: boolean;
  databaseBranches: DatabaseBranchesConfig;
  preview: PreviewConfig;
  /** MIRRORD_CI_API_KEY is set: it stands in for the client certificate. */
  ciKey: boolean;
  /** What the client goes on with, and what it would not do as it reads; whole sentences. */
  warnings: string[];
}

/** `name`, a MirrordClusterProfile, or `namespace/name`, a MirrordProfile. */
export interface ProfileName {
  name: string;
  namespace?: string;
}

/** Left out by everybody, the client makes one up; then `text` is only an example of what it makes. */
export interface SessionKey {
  text: string;
  isGenerated: boolean;
}

export const incomingModes = ["mirror", "steal", "off"] as const;
export const concurrentSteals = ["override", "continue", "abort"] as const;
export const fileModes = ["local", "localwithoverrides", "read", "write"] as const;

export interface IncomingConfig {
  mode: (typeof incomingModes)[number];
  filter?: HttpFilter;
  /** Ports that the filter is for; left out, all. */
  filterPorts?: number[];
  ports?: number[];
  ignorePorts: number[];
  onConcurrentSteal: (typeof concurrentSteals)[number];
}

export interface OutgoingConfig {
  tcp: boolean;
  udp: boolean;
  /** What goes out through the target (`remote`) or not (`local`), in the client's notation. */
  filter?: { side: "local" | "remote"; addresses: string[] };
}

export interface FilesConfig {
  mode: (typeof fileModes)[number];
  readWrite: string[];
  readOnly: string[];
  local: string[];
  notFound: string[];
}

export interface EnvConfig {
  enabled: boolean;
  include?: string[];
  exclude?: string[];
}

export interface CopyTargetConfig {
  enabled: boolean;
  scaleDown: boolean;
  excludeContainers: string[];
  excludeInitContainers: string[];
}

export interface DatabaseBranchesConfig {
  count: number;
  /** Some value is written in the file: the client posts those to the operator first. */
  literalCredentials: boolean;
}

export interface PreviewConfig {
  image?: string;
  /** The preview mounts secrets of its own. */
  secretMounts: boolean;
}
