// What would keep an installation from being finished, seen before anything is written.

import type { V1CustomResourceDefinitionStatus } from "@kubernetes/client-node";
import { UserError, usageError } from "../../errors.ts";
import { listIn, objectIn, textIn, textsIn } from "../../json.ts";
import { fieldsIn } from "../../kubernetes/api-types.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { OPERATOR_GROUP } from "../../mirrord/resources.ts";
import { shellCommand } from "../../text/shell-quote.ts";

const NOTHING = "Nothing was written.";

/** Into a namespace that is being deleted nothing can be written, and with a broken APIService it is for ever. */
export function refuseTerminating(current: readonly KubernetesObject[]): void {
  const leaving = current.find(
    ({ kind, metadata }) => kind === "Namespace" && metadata.deletionTimestamp !== undefined,
  );
  if (leaving === undefined) return;
  const { name = "" } = leaving.metadata;
  const conditions = listIn(objectIn(leaving["status"])["conditions"]).map(objectIn);
  const blocked = conditions.filter(({ status }) => status === "True").map(({ message }) => textIn(message));
  const discovery = conditions.some(({ reason }) => reason === "DiscoveryFailed");
  throw new UserError(
    "refused",
    [`namespace ${name} is being deleted`, ...blocked.map((message) => `  ${message}`)],
    [
      ...(discovery
        ? ["An APIService that does not answer keeps it. See which: kubectl get apiservices | grep False"]
        : []),
      `Wait until it is gone: ${shellCommand(["kubectl", "wait", "--for=delete", `namespace/${name}`, "--timeout=5m"])}`,
      `Then run the same command again. ${NOTHING}`,
    ],
  );
}

/** The server refuses a definition without a version in which objects are still stored. */
export function refuseOldVersions(wanted: readonly KubernetesObject[], current: readonly KubernetesObject[]): void {
  const isDefinition = ({ kind }: KubernetesObject) => kind === "CustomResourceDefinition";
  const stored = new Map(current.filter(isDefinition).map((object) => [object.metadata.name ?? "", object]));
  const faults = wanted.filter(isDefinition).flatMap((definition) => {
    const { name = "" } = definition.metadata;
    const live = stored.get(name);
    const { storedVersions } = fieldsIn<V1CustomResourceDefinitionStatus>(live?.["status"]);
    const known = versionNames(definition);
    const lost = textsIn(storedVersions).filter((version) => !known.includes(version));
    return live === undefined || lost.length === 0 ? [] : [{ name, lost, known, live: versionNames(live) }];
  });
  const [first] = faults;
  if (first === undefined) return;
  const { name, known, live } = first;
  const kept = known.filter((version) => live.includes(version));
  const patch = ["patch", "crd", name, "--subresource=status", "--type=merge", "-p"];
  const words = kept.length > 0 ? [...patch, storedOnly(kept)] : ["delete", "crd", name];
  throw new UserError(
    "refused",
    faults.map(({ name: each, lost }) => `${each} may hold objects stored as ${lost.join(", ")}, a version that goes`),
    [
      `Save what there is: ${shellCommand(["kubectl", "get", name, "-A", "-o", "yaml"])}`,
      kept.length > 0
        ? `Once every object was written anew as ${kept.join(", ")}:`
        : "It has no version that stays: take it away, and write the objects anew afterwards:",
      shellCommand(["kubectl", ...words]),
      `Then run the same command again. ${NOTHING}`,
    ],
  );
}

const storedOnly = (storedVersions: readonly string[]) => JSON.stringify({ status: { storedVersions } });

const versionNames = ({ spec }: KubernetesObject): string[] =>
  listIn(objectIn(spec)["versions"]).map((version) => textIn(objectIn(version)["name"]));

/** A cluster has room for one operator: two would answer for one APIService. */
export function refuseMove(wanted: readonly KubernetesObject[], current: readonly KubernetesObject[]): void {
  const [there, here] = [current, wanted].map((objects) => operatorNamespace(objects));
  if (there === undefined || here === undefined || there === here) return;
  throw usageError(`an operator is installed in namespace ${there} already, and this would be one in ${here}`, [
    `To change that one: -n ${there}`,
    `To move it, take it away first: ${shellCommand(["kubectl", "mirrord", "install", "uninstall", "-n", there])}`,
  ]);
}

function operatorNamespace(objects: readonly KubernetesObject[]): string | undefined {
  const registration = objects.find(
    (object) => object.kind === "APIService" && objectIn(object["spec"])["group"] === OPERATOR_GROUP,
  );
  return registration && textIn(objectIn(objectIn(registration["spec"])["service"])["namespace"]);
}
