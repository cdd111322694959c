// The switches of the operator's values that add definitions, rights and settings.

const splittings = [
  "sqs",
  "rmq",
  "kafka",
  "gcpPubsub",
  "azureServiceBus",
  "redisPubsub",
  "temporal",
  "bullmq",
] as const;

/** The databases that can be branched. The first three also have definitions of their own, from before there was one for all. */
export const databases = [
  "mysql",
  "mariadb",
  "pg",
  "mongodb",
  "dynamodb",
  "mssql",
  "redis",
  "spanner",
  "clickhouse",
  "cockroachdb",
  "generic",
] as const;

export type Database = (typeof databases)[number];

export type Feature =
  | `${(typeof splittings)[number]}Splitting`
  | `${Database}Branching`
  | "previewEnv"
  | "multiCluster"
  | "isolatePodsRestart"
  | "applicationPauseAutoSync"
  | "suspendFluxControllers"
  | "dbBranchingLiteralCredentials";

export const splittingFeatures = splittings.map((name) => `${name}Splitting` as const);

export const branchingFeatures = databases.map((name) => `${name}Branching` as const);
