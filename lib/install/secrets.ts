import { isJsonObject, listIn, objectIn } from "../json.ts";
import type { Values } from "./values.ts";
import { values as table } from "./values-table.ts";

/** What of a member cluster is secret. */
const clusterSecrets = ["bearerToken", "tlsKey", "tlsCrt"];

const CLUSTERS = "operator.multiCluster.clusters";

/** The flag that gives the value without showing it to everybody on the machine. */
const insteadOf: readonly { is: (path: string) => boolean; hint: (path: string) => string }[] = [
  {
    is: (path) => path === "license.key",
    hint: () => "Give it with --license-key-file FILE, or name a Secret that holds it: --license-secret NAME",
  },
  {
    is: (path) => path.startsWith("cloud.apiKey"),
    hint: () => "Name a Secret that holds it as apiKey: --set cloud.apiKey.keyRef=NAME",
  },
  { is: () => true, hint: (path) => `Read it from a file: --set-file ${path}=FILE` },
];

/** What to use instead where a value must not stand on a command line; undefined where it may. */
export function secretHint(path: readonly (string | number)[]): string | undefined {
  const dotted = path.join(".");
  const isInCluster = dotted.startsWith(`${CLUSTERS}.`) && clusterSecrets.includes(String(path.at(-1)));
  const isInTable = Object.entries(table).some(
    ([name, rule]) =>
      rule.secret === true && (dotted === name || dotted.startsWith(`${name}.`) || name.startsWith(`${dotted}.`)),
  );
  if (!isInCluster && !isInTable) return undefined;
  const spelled = path.map((key) => String(key).replaceAll(".", "\\.")).join(".");
  return insteadOf.find(({ is }) => is(dotted))?.hint(spelled);
}

/** The paths of the secrets that the values themselves hold. */
export function inlineSecrets(values: Values): string[] {
  const clusters = values.object(CLUSTERS);
  return [
    ...Object.entries(table).flatMap(([path, rule]) =>
      rule.secret === true && holdsText(values.get(path)) ? [path] : [],
    ),
    ...Object.keys(clusters).flatMap((name) =>
      clusterSecrets
        .filter((field) => holdsText(objectIn(clusters[name])[field]))
        .map((field) => `${CLUSTERS}.${name}.${field}`),
    ),
    ...listIn(values.get("extraObjects")).flatMap((object, at) =>
      isJsonObject(object) &&
      object["kind"] === "Secret" &&
      (holdsText(object["data"]) || holdsText(object["stringData"]))
        ? [`extraObjects[${at}]`]
        : [],
    ),
  ];
}

/** The secrets themselves, so that they can be kept out of what is shown: a server or a log may repeat them. */
export function secretTexts(values: Values): string[] {
  const clusters = values.object(CLUSTERS);
  const held = [
    ...Object.entries(table).flatMap(([path, rule]) => (rule.secret === true ? [values.get(path)] : [])),
    ...Object.values(clusters).flatMap((cluster) => clusterSecrets.map((field) => objectIn(cluster)[field])),
    ...listIn(values.get("extraObjects")).flatMap((object) =>
      objectIn(object)["kind"] === "Secret" ? [objectIn(object)["stringData"]] : [],
    ),
  ];
  return held.flatMap(textsWithin).filter((text) => text !== "");
}

function textsWithin(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return isJsonObject(value) ? Object.values(value).flatMap(textsWithin) : [];
}

function holdsText(value: unknown): boolean {
  return isJsonObject(value) ? Object.values(value).some(holdsText) : typeof value === "string" && value !== "";
}
