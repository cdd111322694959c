import { isJsonObject, listIn, objectIn, textsIn } from "../../json.ts";
import { flagIn, optionalText, textList, wordIn, type Decoded, type Report } from "./decoded.ts";
import { envFlag, envList, envText, envWord, type Environment } from "./env.ts";
import {
  fileModes,
  type CopyTargetConfig,
  type DatabaseBranchesConfig,
  type EnvConfig,
  type FilesConfig,
  type PreviewConfig,
} from "./session-config.ts";

/** Reads `feature.fs`: a boolean, a mode, or an object. */
export function filesIn({ fs }: Decoded, env: Environment): FilesConfig {
  const files = objectIn(fs);
  const word = wordIn(fs, fileModes) ?? wordIn(files["mode"], fileModes);
  const patterns = (name: string, variable?: string) =>
    (variable === undefined ? undefined : envList(env, variable)) ?? textList(files[name]) ?? [];
  return {
    mode: fileModeVariables(env) ?? word ?? (fs === false ? "local" : "read"),
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
export function envIn(feature: Decoded, env: Environment, report: Report): EnvConfig {
  const config = objectIn(feature["env"]);
  const list = (name: string, variable: string) =>
    envList(env, variable) ?? textList(config[name])?.flatMap((text) => text.split(";"));
  const include = list("include", "MIRRORD_OVERRIDE_ENV_VARS_INCLUDE");
  const exclude = list("exclude", "MIRRORD_OVERRIDE_ENV_VARS_EXCLUDE");
  if (include !== undefined && exclude !== undefined) report("feature.env", "has both include and exclude");
  return {
    enabled: feature["env"] !== false,
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
  };
}

/** Reads `feature.copy_target`: off unless it is true or an object that does not say `enabled: false`. */
export function copyTargetIn({ copy_target: copy }: Decoded): CopyTargetConfig {
  const fields = objectIn(copy);
  return {
    enabled: flagIn(copy) ?? (isJsonObject(copy) && flagIn(fields["enabled"]) !== false),
    scaleDown: fields["scale_down"] === true,
    excludeContainers: textsIn(fields["exclude_containers"]),
    excludeInitContainers: textsIn(fields["exclude_init_containers"]),
  };
}

/** Whether `feature.split_queues` names a queue, in an object or in a list. */
export function splitsQueues({ split_queues: queues }: Decoded): boolean {
  return Object.keys(queues ?? {}).length > 0;
}

/** Reads `feature.db_branches` as far as requests depend on it. */
export function databaseBranchesIn(feature: Decoded): DatabaseBranchesConfig {
  const branches = listIn(feature["db_branches"]).map(objectIn);
  const literalCredentials = branches.some(
    ({ connection, iam_auth: identity }) => holdsLiteral(connection) || holdsLiteral(identity),
  );
  return { count: branches.length, literalCredentials };
}

/** A `value` anywhere in a connection is a credential in plain text. */
function holdsLiteral(part: unknown): boolean {
  if (Array.isArray(part)) return part.some(holdsLiteral);
  if (!isJsonObject(part)) return false;
  return typeof part["value"] === "string" || Object.values(part).some(holdsLiteral);
}

/** Reads `feature.preview` as far as requests depend on it. */
export function previewIn(feature: Decoded, env: Environment): PreviewConfig {
  const preview = objectIn(feature["preview"]);
  const image = envText(env, "MIRRORD_PREVIEW_IMAGE") ?? optionalText(preview["image"]);
  const secretMounts = listIn(preview["secret_mounts"]).length > 0;
  return { ...(image === undefined ? {} : { image }), secretMounts };
}
