// The commands by which an administrator makes a change.

import { listIn, objectIn, textIn } from "../json.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { mirrordResources } from "../mirrord/resources.ts";
import type { Preview } from "./preview.ts";
import { roleRules } from "../rbac/decode.ts";
import { escapeCell, escapeJson } from "../text/escape.ts";
import { shellCommand, shellQuote } from "../text/shell-quote.ts";
import { withoutEnd } from "../text/without-end.ts";

export interface FixOptions {
  /**
   * What the command needs to reach the same cluster: `--context dev`, as words. Left out where who asked is no
   * administrator: the one who runs it has another kubeconfig.
   */
  connection: readonly string[];
  /** The paths of `--manifests`; empty: a live cluster. */
  manifests: readonly string[];
}

/**
 * The flags that reach the cluster are those of whoever asked, and of use only to an administrator: not to somebody who asked about
 * themselves, nor to somebody who may not read who has which role.
 */
export function optionsFor({ identity, rbac }: Pick<Preview, "identity" | "rbac">, given: FixOptions): FixOptions {
  const isAdministrator = !identity.self && (rbac?.unreadable ?? []).length === 0;
  return isAdministrator ? given : { ...given, connection: [] };
}

/** Role and binding as `kubectl create` makes them where it can, else as a manifest that is applied, or written to the folder. */
export function roleCommands(objects: readonly KubernetesObject[], options: FixOptions): string[] {
  const created = options.manifests.length === 0 ? createCommands(objects) : undefined;
  if (created !== undefined) return created.map((words) => kubectlLine(words, options));
  const command = applyCommand(objects, options);
  return command === undefined ? [] : [command];
}

// `printf` because `echo` of some shells reads backslashes. What ends in .yaml takes another document.
function applyCommand(objects: readonly KubernetesObject[], options: FixOptions): string | undefined {
  const list = escapeJson(JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
  const { manifests } = options;
  const path = manifests.find((each) => each !== "-");
  if (manifests.length === 0) {
    return `printf %s ${shellQuote(list)} | ${kubectlLine(["kubectl", "apply", "-f", "-"], options)}`;
  }
  if (path === undefined || (!isFolder(path) && !isYaml(path))) return undefined;
  if (isYaml(path)) return `printf '\\n---\\n%s\\n' ${shellQuote(list)} >> ${shellQuote(path)}`;
  const file = `${withoutEnd(path, "/")}/${(objects[0]?.metadata.name ?? "role").replaceAll(":", "-")}.yaml`;
  return `printf '%s\\n' ${shellQuote(list)} > ${shellQuote(file)}`;
}

const isYaml = (path: string): boolean => /\.ya?ml$/.test(path);
export const isFolder = (path: string): boolean => path !== "-" && !path.endsWith(".json") && !isYaml(path);

export function kubectlLine(words: readonly string[], { connection }: FixOptions): string {
  return shellCommand([...words, ...connection]);
}

/**
 * `kubectl create role …` and `rolebinding …`, as words, for objects that roleObjects made. Undefined for what they cannot say:
 * several rules in a role, and types, verbs and names that kubectl would refuse or read otherwise.
 * Source: kubectl pkg/cmd/create/create_role.go, create_clusterrole.go.
 */
function createCommands(objects: readonly KubernetesObject[]): string[][] | undefined {
  const commands = objects.map((object) => (object.kind.endsWith("Binding") ? bindWords(object) : roleWords(object)));
  return commands.every((words) => words !== undefined) ? commands : undefined;
}

const placeWords = (namespace: string | undefined): string[] => (namespace === undefined ? [] : ["-n", namespace]);

function roleWords(object: KubernetesObject): string[] | undefined {
  const { name = "", namespace } = object.metadata;
  const [rule, ...others] = roleRules(object);
  if (rule === undefined || others.length > 0) return undefined;
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const [group = ""] = apiGroups;
  const types = resources.map((resource) => createdType(resource, group));
  const simple = [...verbs, ...resources, ...resourceNames, ...nonResourceURLs].every((text) => SIMPLE.test(text));
  const urls = nonResourceURLs.length > 0;
  if (!simple || apiGroups.length > 1 || !types.every((type) => type !== undefined)) return undefined;
  if (!verbs.every((verb) => (urls ? URL_VERBS : VERBS).has(verb))) return undefined;
  return [
    "kubectl",
    "create",
    object.kind.toLowerCase(),
    name,
    `--verb=${verbs.join(",")}`,
    ...(urls ? [`--non-resource-url=${nonResourceURLs.join(",")}`] : [`--resource=${types.join(",")}`]),
    ...resourceNames.map((one) => `--resource-name=${one}`),
    ...placeWords(namespace),
  ];
}

function bindWords(object: KubernetesObject): string[] | undefined {
  const { name = "", namespace } = object.metadata;
  const kind = object.kind.toLowerCase();
  const { name: role } = objectIn(object["roleRef"]);
  const subjects = listIn(object["subjects"]).map(objectIn);
  const whom = subjects.map((subject) =>
    subject["kind"] === "ServiceAccount"
      ? `--serviceaccount=${textIn(subject["namespace"])}:${textIn(subject["name"])}`
      : `--user=${textIn(subject["name"])}`,
  );
  if (whom.some((word) => escapeCell(word) !== word)) return undefined;
  const given = `--${kind.replace("binding", "")}=${textIn(role)}`;
  return ["kubectl", "create", kind, name, given, ...whom, ...placeWords(namespace)];
}

/** kubectl splits lists at commas, and reads quotes and dots in them. */
const SIMPLE = /^[A-Za-z0-9/*._:-]+$/;
const VERBS = new Set("get list watch create update patch delete deletecollection proxy *".split(" "));
const URL_VERBS = new Set("get post put delete patch head options".split(" "));

/** `deployments.apps/scale`; undefined for a word that kubectl may know as another type, or not at all. */
function createdType(resource: string, group: string): string | undefined {
  const [name = "", ...sub] = resource.split("/");
  const types = [...Object.values(nativeResources), ...Object.values(mirrordResources)];
  const isKnown = types.some((type: ResourceType) => type.resource === name && type.group === group);
  if (!isKnown && (!group.includes(".") || name !== name.toLowerCase() || name === "*")) return undefined;
  return [group === "" ? name : `${name}.${group}`, ...sub].join("/");
}
