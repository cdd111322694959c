import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { withDefaultSignals } from "../../computing.ts";
import { UserError, usageError } from "../../errors.ts";
import { readNamedText, shownPath } from "../../kube/config/files.ts";
import { hasLicenseSource, withoutLicenseSources } from "../../install/license.ts";
import { secretHint } from "../../install/secrets.ts";
import { assign, mergeValues, parseAssignments } from "../../install/set-values.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import { parseDocuments } from "../../yaml.ts";

export interface ValueOptions {
  values?: readonly string[];
  set?: readonly string[];
  setString?: readonly string[];
  setFile?: readonly string[];
  licenseKeyFile?: string | undefined;
  licenseSecret?: string | undefined;
  roleNamespaces?: readonly string[];
  namespace?: string | undefined;
  image?: string | undefined;
  openshift?: boolean;
  /** What stands below all that was given; where the licence comes from only where no other one is given. */
  kept?: JsonObject;
}

/**
 * All values that were given: files in their order, then --set, --set-string, --set-file, then the flags with names of their
 * own.
 * @throws UserError "usage"; also for a secret on the command line, which everybody on the machine can read
 */
export const givenValues = (options: ValueOptions): JsonObject => withDefaultSignals(() => readGiven(options));

function readGiven(options: ValueOptions): JsonObject {
  let all: JsonObject = {};
  for (const path of options.values ?? []) all = mergeValues(all, readValuesFile(path));
  for (const text of options.set ?? []) all = withSet(all, text, "--set");
  for (const text of options.setString ?? []) all = withSet(all, text, "--set-string");
  for (const text of options.setFile ?? []) all = withFile(all, text);
  const given = mergeValues(all, ownFlags(options, all));
  return mergeValues(hasLicenseSource(given) ? withoutLicenseSources(options.kept ?? {}) : (options.kept ?? {}), given);
}

/** A secret that is given in place of the file that holds it is not shown: a bare word, or one with a folder that is not there. */
function readSecret(path: string, what: string): string {
  if (path === "-" || (path.includes("/") && existsSync(dirname(path)))) return readNamedText(path);
  try {
    return readNamedText(path, `the file of ${what}`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // Without its cause, which has the path.
    throw usageError(error.message, "Name a file that holds it, not the value itself.");
  }
}

function readValuesFile(path: string): JsonObject {
  const source = shownPath(path);
  const documents = parseDocuments(readNamedText(path), { source, dialect: "helm" });
  const [first = {}] = documents;
  if (documents.length > 1 || !isJsonObject(first)) {
    throw usageError(`${source}: values are one object`, "See: kubectl mirrord install values");
  }
  return first;
}

function withSet(all: JsonObject, text: string, flag: "--set" | "--set-string"): JsonObject {
  return parseAssignments(text, flag, flag === "--set-string").reduce((values, assignment) => {
    const { path, value } = assignment;
    const hint = value === null || value === "" ? undefined : secretHint(path);
    if (hint === undefined) return assign(values, assignment);
    throw usageError(`${flag} ${path.join(".")}: a secret does not belong on the command line`, hint);
  }, all);
}

function withFile(all: JsonObject, text: string): JsonObject {
  return parseAssignments(text, "--set-file", true).reduce(
    (values, { path, value }) => assign(values, { path, value: readSecret(String(value), path.join(".")) }),
    all,
  );
}

function ownFlags(options: ValueOptions, all: JsonObject): JsonObject {
  const { licenseKeyFile, licenseSecret, roleNamespaces = [], namespace, image, openshift } = options;
  const license = {
    ...(licenseKeyFile === undefined ? {} : { key: readKey(licenseKeyFile) }),
    ...(licenseSecret === undefined ? {} : { keyRef: licenseSecret }),
  };
  if (namespace !== undefined && typeof all["namespace"] === "string" && all["namespace"] !== namespace) {
    throw usageError(
      `the values say namespace ${all["namespace"]}, and -n says ${namespace}`,
      "Leave one of them out.",
    );
  }
  return {
    ...(Object.keys(license).length === 0 ? {} : { license }),
    ...(roleNamespaces.length === 0 ? {} : { roleNamespaces: [...roleNamespaces] }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(image === undefined ? {} : { operator: imageValues(image) }),
    ...(openshift === true ? { openshift } : {}),
  };
}

/** `registry/name:tag`; the tag is behind the last colon that no slash follows. */
function imageValues(image: string): JsonObject {
  const match = /^(.+):([^:/@]+)$/.exec(image);
  if (image.includes("@")) {
    throw usageError(`--image ${image}: an image of the operator is named by its tag, not by a digest`);
  }
  return match === null ? { image } : { image: match[1], imageTag: match[2] };
}

function readKey(path: string): string {
  const key = readSecret(path, "--license-key-file").trim();
  if (key === "" || /\s/.test(key)) {
    throw usageError(
      `${shownPath(path)} is not a licence key`,
      "A licence key is one word; for a licence file use --set-file license.file.data.license\\.pem=FILE",
    );
  }
  return key;
}
