/** What a test may change while the stand-in runs. */
export interface Settings {
  /** `spec.operator_version`. */
  version: string;
  /** `spec.supported_features`. */
  features: readonly string[];
  /** `spec.license.expire_at`, YYYY-MM-DD. */
  licenseExpiresAt: string;
  /**
   * An operator of 2024: no sessions routes, no user credentials, no proxy connects, and a status that writes locked
   * ports and copy targets as tuples.
   */
  legacy: boolean;
  /** How new copy targets fare. `polls`: so many GETs find it in progress first. */
  copyTargets: { phase: "Ready"; polls?: number } | { phase: "Failed"; message: string };
}

/** What operator 3.187.0 says of itself. Source: mirrord crd.rs `NewOperatorFeature`. */
export const defaultSettings: Settings = {
  version: "3.187.0",
  features: [
    "ProxyApi",
    "CopyTarget",
    "CopyTargetExcludeContainers",
    "SessionManagement",
    "LayerReconnect",
    "KafkaQueueSplittingDirect",
    "SqsQueueSplittingDirect",
    "ExtendableUserCredentials",
    "BypassCiCertificateVerification",
    "SqsQueueSplittingWithJqFilter",
    "KafkaQueueSplittingWithJqFilter",
    "UnifiedBranchDbCrd",
    "GcpPubSubQueueSplitting",
    "RedisPubSubQueueSplitting",
    "TemporalQueueSplitting",
    "ConnectParamsInHeader",
    "BullMqQueueSplitting",
    "CopyTargetFilterIsolation",
    "DbBranchCustomImage",
    "DbBranchProfiles",
    "DiagnosticPing",
    "KafkaQueueSplittingWithProtobufDecoding",
    "PgBranchQueryParams",
  ],
  licenseExpiresAt: "2099-12-31",
  legacy: false,
  copyTargets: { phase: "Ready" },
};

export function hasFeature({ legacy, features }: Settings, feature: string): boolean {
  return legacy ? feature === "CopyTarget" : features.includes(feature);
}
