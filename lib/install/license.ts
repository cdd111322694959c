import { usageError } from "../errors.ts";
import { objectIn, type JsonObject } from "../json.ts";
import { withoutValue } from "./set-values.ts";
import type { Values } from "./values.ts";

/** The sources of one thing, of which only one may be given. */
const families: readonly { paths: readonly string[]; words: string }[] = [
  {
    paths: ["license.key", "license.keyRef", "license.keyGsmRef"],
    words: "license.key, license.keyRef, or license.keyGsmRef",
  },
  {
    paths: ["license.file.data", "license.pemRef", "license.pemGsmRef", "license.gsmRef"],
    words: "license.pemGsmRef, license.file.data, or license.pemRef",
  },
  {
    paths: ["cloud.apiKey.key", "cloud.apiKey.keyRef", "cloud.apiKey.gsmRef"],
    words: "cloud.apiKey.key, cloud.apiKey.keyRef, or cloud.apiKey.gsmRef",
  },
];

const isSet = (values: Values, path: string): boolean => {
  const value = values.get(path);
  return typeof value === "string" ? value !== "" : value !== undefined && Object.keys(values.object(path)).length > 0;
};

/**
 * Refuses what the operator's chart refuses. Source: operator contract, section 4.4.
 * @throws UserError "usage"
 */
export function checkLicense(values: Values): void {
  for (const { paths, words } of families) {
    const set = paths.filter((path) => isSet(values, path));
    if (set.length < 2) continue;
    const message =
      set.includes("license.pemGsmRef") && set.includes("license.gsmRef")
        ? "license.pemGsmRef and license.gsmRef are the same by two names; only one can be set"
        : `only one of ${words} can be set, and ${set.join(" and ")} are`;
    throw usageError(message, "Leave all but one out of the values.");
  }
  if (hasLicense(values)) return;
  throw usageError("there is no licence and no cloud API key", [
    "Name a Secret that holds the licence key as OPERATOR_LICENSE_KEY: --license-secret NAME",
    "or give the key itself: --license-key-file FILE",
    "or set license.pemRef, license.keyGsmRef, license.pemGsmRef, cloud.apiKey.keyRef or cloud.apiKey.gsmRef.",
  ]);
}

/** Whether there is anything that can be a licence. */
export const hasLicense = (values: Values): boolean =>
  families.some(({ paths }) => paths.some((path) => isSet(values, path)));

/** Whether values that are not read yet say where a licence comes from. */
export const hasLicenseSource = (given: JsonObject): boolean =>
  families.some(({ paths }) => paths.some((path) => (valueAt(given, path.split(".")) ?? null) !== null));

/** The values without where the licence comes from; what else is said of it stays. */
export function withoutLicenseSources(given: JsonObject): JsonObject {
  const paths = families.flatMap((family) => family.paths.map((path) => path.split(".")));
  return paths.reduce((values, path) => withoutValue(values, path), given);
}

function valueAt(values: JsonObject, path: readonly string[]): unknown {
  return path.reduce((value: unknown, key) => objectIn(value)[key], values);
}
