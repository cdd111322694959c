import { isJsonObject } from "../../json.ts";
import { envFlag, envList, envText, envWord, type Environment } from "./env.ts";
import { oneOrMoreTextsAt, toggleAt, wordAt } from "./fields.ts";
import {
  fieldAt,
  fieldsAt,
  flagAt,
  listAt,
  textAt,
  textsAt,
  type ObjectFields,
} from "../../kubernetes/object-fields.ts";
import {
  fileModes,
  type CopyTargetConfig,
  type DatabaseBranchesConfig,
  type EnvConfig,
  type FilesConfig,
  type PreviewConfig,
} from "./session-config.ts";

/** Reads `feature.fs`: a boolean, a mode, or an object. */
export function filesAt(feature: ObjectFields, env: Environment): FilesConfig {
  const isWord = typeof fieldAt(feature, "fs") === "string";
  const { enabled, fields } = isWord ? { enabled: undefined, fields: undefined } : toggleAt(feature, "fs");
  const files = fields ?? { values: {}, path: "feature.fs", report: feature.report };
  const word = isWord ? wordAt(feature, "fs", fileModes) : wordAt(files, "mode", fileModes);
  const patterns = (name: string, variable?: string) =>
    (variable === undefined ? undefined : envList(env, variable)) ?? oneOrMoreTextsAt(files, name) ?? [];
  return {
    mode: fileModeVariables(env) ?? word ?? (enabled === false ? "local" : "read"),
    readWrite: patterns("read_write", "MIRRORD_FILE_READ_WRITE_PATTERN"),
    readOnly: patterns("read_only", "MIRRORD_FILE_READ_ONLY_PATTERN"),
    local: patterns("local", "MIRRORD_FILE_LOCAL_PATTERN"),
    notFound: patterns("not_found"),
  };
}

function fileModeVariables(env: Environment): FilesConfig["mode"] | undefined {
  const mode = envWord(env, "MIRRORD_FILE_MODE", fileModes);
  const all = envFlag(env, "MIRRORD_FILE_OPS");
  const readOnly = envFlag(env, "MIRRORD_FILE_RO_OPS");
  if (mode !== undefined) return mode;
  if (all === true) return "write";
  if (readOnly === true) return "read";
  return all === false || readOnly === false ? "local" : undefined;
}

/** Reads `feature.env`; lists may be written as `A;B`. */
export function envAt(feature: ObjectFields, env: Environment): EnvConfig {
  const { enabled, fields } = toggleAt(feature, "env");
  const config = fields ?? { values: {}, path: "feature.env", report: feature.report };
  const list = (name: string, variable: string) =>
    envList(env, variable) ?? oneOrMoreTextsAt(config, name)?.flatMap((text) => text.split(";"));
  const include = list("include", "MIRRORD_OVERRIDE_ENV_VARS_INCLUDE");
  const exclude = list("exclude", "MIRRORD_OVERRIDE_ENV_VARS_EXCLUDE");
  if (include !== undefined && exclude !== undefined) config.report(config.path, "has both include and exclude");
  return {
    enabled: enabled ?? true,
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
  };
}

/** Reads `feature.copy_target`: off unless it is true or an object that does not say `enabled: false`. */
export function copyTargetAt(feature: ObjectFields): CopyTargetConfig {
  const { enabled, fields } = toggleAt(feature, "copy_target");
  if (fields === undefined) {
    return { enabled: enabled ?? false, scaleDown: false, excludeContainers: [], excludeInitContainers: [] };
  }
  return {
    enabled: flagAt(fields, "enabled") ?? true,
    scaleDown: flagAt(fields, "scale_down") ?? false,
    excludeContainers: textsAt(fields, "exclude_containers") ?? [],
    excludeInitContainers: textsAt(fields, "exclude_init_containers") ?? [],
  };
}

/** Whether `feature.split_queues` names a queue, in an object or in a list. */
export function splitQueuesAt(feature: ObjectFields): boolean {
  return Object.keys(fieldAt(feature, "split_queues") ?? {}).length > 0;
}

/** Reads `feature.db_branches` as far as requests depend on it. */
export function databaseBranchesAt(feature: ObjectFields): DatabaseBranchesConfig {
  const branches = listAt(feature, "db_branches") ?? [];
  const connections = branches.map((branch) =>
    isJsonObject(branch) ? [branch["connection"], branch["iam_auth"]] : [],
  );
  return { count: branches.length, literalCredentials: connections.some(holdsLiteral) };
}

/** A `value` anywhere in a connection is a credential in plain text. */
function holdsLiteral(part: unknown): boolean {
  const open: unknown[] = [part];
  for (let value = open.pop(); value !== undefined || open.length > 0; value = open.pop()) {
    if (isJsonObject(value) && typeof value["value"] === "string") return true;
    if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) open.push(inner);
  }
  return false;
}

/** Reads `feature.preview` as far as requests depend on it. */
export function previewAt(feature: ObjectFields, env: Environment): PreviewConfig {
  const preview = fieldsAt(feature, "preview");
  const image = envText(env, "MIRRORD_PREVIEW_IMAGE") ?? textAt(preview, "image");
  const secretMounts = (listAt(preview, "secret_mounts") ?? []).length > 0;
  return { ...(image === undefined ? {} : { image }), secretMounts };
}
