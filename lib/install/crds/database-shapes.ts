// Branches of databases. Source: operator contract, Appendix A (chart 3.187.0).

import { owner, target, textMap, texts } from "./common-shapes.ts";
import type { Shape } from "./shape.ts";

export const branchStatus: Shape = {
  "error?": "string",
  "expireTime!": "date-time",
  "migrations?": { "error?": "string", "observedGeneration!": "int64", "phase!": "enum:Running|Succeeded|Failed" },
  "phase!": "enum:Init|Pending|Ready|Failed",
  "podName?": "string",
  sessionInfo: { "<>": { "id!": "string", "owner!": owner }, $default: {} },
};

const branchTarget: Shape = {
  "container?": "string",
  cron_job: "string",
  deployment: "string",
  job: "string",
  pod: "string",
  replica_set: "string",
  rollout: "string",
  service: "string",
  stateful_set: "string",
  $oneOf: ["deployment", "pod", "rollout", "job", "cron_job", "stateful_set", "service", "replica_set"],
  $enum: ["targetless"],
};

const connectionSource: Shape = {
  params: { database: "any", extra: { "<>": "any" }, host: "any", password: "any", port: "any", user: "any" },
  url: "any",
  $oneOf: ["url", "params"],
};

const schemaCopy: Shape = {
  "mode!": "enum:empty|schema|all",
  "tables?": { "<>": { "filter?": "string" } },
  $default: { mode: "empty" },
};

const sqlCopy: Shape = {
  "dumpArgs?": texts,
  "items?": { "<>": { "filter?": "string" } },
  "mode!": "enum:empty|schema|all",
  $default: { mode: "empty" },
};

const itemsCopy: Shape = {
  "items?": { "<>": { "filter?": "string" } },
  "mode!": "enum:empty|all",
  $default: { mode: "empty" },
};

const iamAuth: Shape = { "type!": "enum:aws_rds|gcp_cloud_sql", $more: true };

export const mysqlBranch: Shape = {
  "connectionSource!": connectionSource,
  copy: schemaCopy,
  "databaseName?": "string",
  "id!": "string",
  "mysqlVersion?": "string",
  "target!": branchTarget,
  "ttlSecs!": "uint64",
};

export const pgBranch: Shape = {
  "connectionSource!": connectionSource,
  copy: schemaCopy,
  "databaseName?": "string",
  "iamAuth?": iamAuth,
  "id!": "string",
  "postgresVersion?": "string",
  "target!": branchTarget,
  "ttlSecs!": "uint64",
};

export const mongodbBranch: Shape = {
  "connectionSource!": connectionSource,
  copy: { "collections?": { "<>": { "filter?": "string" } }, "mode!": "enum:empty|all", $default: { mode: "empty" } },
  "databaseName?": "string",
  "id!": "string",
  "mongodbVersion?": "string",
  "target!": branchTarget,
  "ttlSecs!": "uint64",
};

export const branch: Shape = {
  "clickhouseOptions?": { copy: sqlCopy },
  "cockroachdbOptions?": { copy: sqlCopy },
  "connectionSource!": connectionSource,
  "databaseName?": "string",
  "dynamodbOptions?": { copy: itemsCopy, "iamAuth?": iamAuth },
  "genericOptions?": {
    "args?": texts,
    "command?": texts,
    env: textMap,
    "image!": "string",
    "port!": "uint16",
    "readiness?": { "exec?": { "command!": texts }, "httpGet?": { "path!": "string", "port?": "uint16" } },
  },
  "id!": "string",
  "image?": "string",
  "mariadbOptions?": { copy: sqlCopy, "iamAuth?": iamAuth },
  "migrations?": { "flavor!": "enum:flyway|container", $more: true },
  "mongodbOptions?": { copy: itemsCopy },
  "mssqlOptions?": { copy: sqlCopy },
  "mysqlOptions?": { copy: sqlCopy, "iamAuth?": iamAuth },
  "postgresOptions?": { connectionSettings: textMap, copy: sqlCopy, "iamAuth?": iamAuth },
  "redisOptions?": { copy: { "mode!": "enum:empty|all", "patterns?": texts, $default: { mode: "empty" } } },
  "spannerOptions?": { copy: sqlCopy, "emulatorHostVar?": "string" },
  "target!": target,
  "ttlSecs!": "uint64",
  "version?": "string",
};
