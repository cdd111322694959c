import { usageError } from "../../errors.ts";
import { NAME } from "../../install/installed.ts";
import { keptLicense } from "../../install/kept-values.ts";
import { withoutLicenseSources } from "../../install/license.ts";
import { renderOperator } from "../../install/render.ts";
import { inlineSecrets, secretHint } from "../../install/secrets.ts";
import { mergeValues, withoutValue } from "../../install/set-values.ts";
import { installedObject, type InstallationStatus } from "../../install/status.ts";
import { changedSettings, storedValues } from "../../install/stored-values.ts";
import { readValues, type Values } from "../../install/values.ts";
import type { JsonObject } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { givenValues, type ValueOptions } from "./given-values.ts";

/**
 * The values that stand below those that are given: where it is, where it has its licence from, and, without a file of values, all
 * that it was installed with.
 * @throws UserError "usage" where something would be lost
 */
export function keptValues({ installed }: InstallationStatus, options: ValueOptions): JsonObject {
  const { namespace } = installed;
  const deployment = installedObject(installed, "Deployment", NAME);
  if (deployment === undefined) return { namespace };
  const place = mergeValues({ namespace }, keptLicense(deployment));
  if ((options.values ?? []).length > 0) return place;
  const stored = storedValues(deployment);
  if (stored === undefined) {
    refuseLoss(deployment, { ...options, kept: place });
    return place;
  }
  // The version is what an upgrade changes.
  const rest = withoutLicenseSources(withoutValue(stored.values, ["operator", "imageTag"]));
  const kept = mergeValues(rest, place);
  refuseWithheld(stored.withheld, { ...options, kept });
  return kept;
}

/** Whoever gives any value is believed to have given all. */
function refuseLoss(deployment: KubernetesObject, options: ValueOptions): void {
  const { set = [], setString = [], setFile = [] } = options;
  if (set.length + setString.length + setFile.length > 0) return;
  const next = renderOperator(givenValues(options)).find(
    ({ kind, metadata }) => kind === "Deployment" && metadata.name === NAME,
  );
  const lost = next === undefined ? [] : changedSettings(deployment, next);
  if (lost.length === 0) return;
  throw usageError(
    ["the values that it was installed with are not kept in the cluster, and it is not as the defaults are:", ...lost],
    [
      "Give its values: --values FILE. Of a Helm release they are shown by: helm get values RELEASE -o yaml",
      "To have the defaults all the same: --values /dev/null",
    ],
  );
}

function refuseWithheld(withheld: readonly string[], options: ValueOptions): void {
  const given = readValues(givenValues(options));
  const missing = withheld.filter((path) => !/^(license|cloud)\./.test(path) && !holds(given, path));
  if (missing.length === 0) return;
  throw usageError(`secrets among the values are not kept, and have to be given again: ${missing.join(", ")}`, [
    ...missing.flatMap((path) => secretHint(path.split(".")) ?? []),
    "Or give all values: --values FILE",
  ]);
}

const holds = (values: Values, path: string): boolean =>
  inlineSecrets(values).some((each) => each === path || each.startsWith(`${path}[`));
