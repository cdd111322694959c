import { entryOf } from "../json.ts";
import { usageError, UserError } from "../errors.ts";
import type { ResourceType } from "../kubernetes/object.ts";
import { isKnownVerb, knownVerbs } from "../kubernetes/verbs.ts";
import type { PolicyRule } from "../rbac/types.ts";
import { byCodePoint } from "../text/order.ts";
import { didYouMean, slip } from "../text/suggest.ts";

/** The types that there are, and the groups that did not say theirs. */
export interface KnownTypes {
  types: readonly ResourceType[];
  silent: readonly string[];
}

/** One thing that a role allows: verbs on a type, on a subresource, on one object, or on a path that is no object. */
type Allowed = { verbs: string[] } & ({ path: string } | { group: string; resource: string; name?: string });

const FORM =
  "Write VERB,…:TYPE[.GROUP][/SUBRESOURCE][/NAME],… or VERB,…:/PATH, for example get,list:pods,deployments.apps.";

/**
 * The rules of a role from texts such as `get,list:pods,deployments.apps/scale` or `get:/healthz`; as few as say the same. Throws
 * UserError "usage" for what is not well-formed, a verb that nobody knows and a type that is not there.
 */
export function allowedRules(texts: readonly string[], known: KnownTypes): PolicyRule[] {
  return joinRules(texts.flatMap((text) => parseAllowed(text, known)));
}

function parseAllowed(text: string, known: KnownTypes): Allowed[] {
  const colon = text.indexOf(":");
  const verbs = splitList(text.slice(0, Math.max(colon, 0)));
  const things = splitList(text.slice(colon + 1));
  if (verbs.length === 0 || things.length === 0 || [...verbs, ...things].includes(""))
    throw usageError(`${JSON.stringify(text)} does not say what is allowed`, FORM);
  for (const verb of verbs) checkVerb(verb);
  return things.map((thing) => {
    if (thing.startsWith("/")) return { verbs, path: thing };
    const { group, resource, name } = resolveThing(thing, known);
    if (name !== undefined && verbs.includes("create") && !resource.includes("/"))
      throw usageError(
        `create cannot be limited to ${resource}/${name}: what is created has no name yet when this is decided`,
        "Allow create without a name, or leave it out.",
      );
    return { verbs, group, resource, ...(name === undefined ? {} : { name }) };
  });
}

const splitList = (text: string) => text.split(",").map((word) => word.trim());

function checkVerb(verb: string): void {
  if (isKnownVerb(verb)) return;
  throw usageError(`${JSON.stringify(verb)} is not a verb of the API`, [
    didYouMean(verb, knownVerbs) ?? `The verbs are ${knownVerbs.filter((each) => each !== "*").join(", ")}.`,
  ]);
}

/** `pods/exec`, `secrets/db`, `pods/exec/web`, `pods//exec` (a pod of that name). */
function resolveThing(text: string, known: KnownTypes): { group: string; resource: string; name?: string } {
  const [typed = "", second, third, ...more] = text.split("/");
  if (more.length > 0 || (second === "" && third === undefined) || third === "")
    throw usageError(`${JSON.stringify(text)} does not name a type`, FORM);
  if (typed === "*" || typed.startsWith("*.")) {
    const group = typed === "*" ? "*" : typed.slice("*.".length);
    return { group, resource: second === undefined ? "*" : `*/${second}` };
  }
  const type = findType(typed, known);
  const { group, resource } = type;
  if (second === undefined) return { group, resource };
  const parts = subresources(type);
  const named = third === undefined && !parts.includes(second);
  if (named) {
    const near = slip(second, parts);
    if (near !== undefined)
      throw usageError(`${resource} has no subresource ${JSON.stringify(second)}`, [
        `Did you mean "${resource}/${near}"?`,
        `For the one of that name write ${resource}//${second}.`,
      ]);
    return { group, resource, name: second };
  }
  if (second !== "" && !parts.includes(second))
    throw usageError(`${resource} has no subresource ${JSON.stringify(second)}`, [
      didYouMean(second, parts) ?? `It has ${parts.length === 0 ? "none" : parts.join(", ")}.`,
    ]);
  return {
    group,
    resource: second === "" ? resource : `${resource}/${second}`,
    ...(third === undefined ? {} : { name: third }),
  };
}

/** Where no server says them. Source: `kubectl get --raw /api/v1`, Kubernetes 1.36. */
const nativeSubresources: Readonly<Record<string, readonly string[]>> = {
  pods: "attach binding ephemeralcontainers eviction exec log portforward proxy resize status".split(" "),
  services: ["proxy", "status"],
  nodes: ["proxy", "status"],
  namespaces: ["finalize", "status"],
  serviceaccounts: ["token"],
  certificatesigningrequests: ["approval", "status"],
};

const subresources = ({ resource, subresources: said }: ResourceType): readonly string[] =>
  said ?? entryOf(nativeSubresources, resource) ?? ["scale", "status"];

/** What MKE's types of Docker Swarm are nearest to. */
const swarmTypes: Readonly<Record<string, string>> = {
  volume: "persistentvolumeclaims",
  container: "pods",
  network: "networkpolicies.networking.k8s.io",
  config: "configmaps",
  stack: "deployments.apps",
};

function findType(typed: string, { types, silent }: KnownTypes): ResourceType {
  const dot = typed.indexOf(".");
  const word = (dot < 0 ? typed : typed.slice(0, dot)).toLowerCase();
  const group = dot < 0 ? undefined : typed.slice(dot + 1);
  const found = types.filter((type) => isCalled(type, word) && (group === undefined || type.group === group));
  // Kubernetes' own come before those of others, and of these the older ones, as kubectl takes them.
  const own = found.filter((type) => isNative(type));
  const [first, ...others] = own.length > 0 ? own.slice(0, 1) : found;
  if (first === undefined) throw unknownType(typed, { word, group }, { types, silent });
  const also = others.find((other) => other.group !== first.group);
  if (also !== undefined)
    throw usageError(
      `${JSON.stringify(typed)} is a type of ${first.group} and of ${also.group}`,
      `Write ${first.resource}.${first.group} or ${also.resource}.${also.group}.`,
    );
  return first;
}

const isCalled = ({ resource, kind, shortNames = [] }: ResourceType, word: string) =>
  resource === word || kind.toLowerCase() === word || shortNames.includes(word);

const isNative = ({ group }: ResourceType) => !group.includes(".") || group.endsWith(".k8s.io");

function unknownType(
  typed: string,
  { word, group }: { word: string; group: string | undefined },
  { types, silent }: KnownTypes,
): UserError {
  const names = types
    .filter((type) => group === undefined || type.group === group)
    .flatMap(({ resource, kind, shortNames = [] }) => [resource, kind.toLowerCase(), ...shortNames]);
  const elsewhere = types.find((type) => isCalled(type, word));
  const swarm = entryOf(swarmTypes, word.replace(/s$/, ""));
  const near =
    swarm !== undefined
      ? `Nearest to it in Kubernetes: ${swarm}.`
      : elsewhere === undefined
        ? didYouMean(word, names)
        : `Did you mean "${typeName(elsewhere)}"?`;
  const hints = near === undefined ? [] : [near];
  if (group === undefined ? silent.length === 0 : !silent.includes(group))
    return usageError(`the server doesn't have a resource type ${JSON.stringify(typed)}`, hints);
  const groups = silent.map((each) => (each === "" ? "core" : each));
  return new UserError("undetermined", `whether the server has a resource type ${JSON.stringify(typed)} is not known`, [
    ...hints,
    `These groups did not say which types they have: ${groups.join(", ")}.`,
  ]);
}

const typeName = ({ resource, group }: ResourceType) => (group === "" ? resource : `${resource}.${group}`);

/** Rules that say the same in as few as there are: types of one group with the same verbs, names of one type. */
function joinRules(allowed: readonly Allowed[]): PolicyRule[] {
  const rules = new Map<string, { verbs: string[]; group?: string; values: Set<string>; names: Set<string> }>();
  for (const each of allowed) {
    const verbs = [...new Set(each.verbs)].toSorted(byCodePoint);
    const [group, value, name] =
      "path" in each ? [undefined, each.path, undefined] : [each.group, each.resource, each.name];
    const key = JSON.stringify([verbs, group ?? "/", name === undefined ? "" : value]);
    const rule = rules.get(key) ?? {
      verbs,
      ...(group === undefined ? {} : { group }),
      values: new Set(),
      names: new Set(),
    };
    rule.values.add(value);
    if (name !== undefined) rule.names.add(name);
    rules.set(key, rule);
  }
  return [...rules.values()].map(({ verbs, group, values, names }) =>
    group === undefined
      ? { nonResourceURLs: [...values].toSorted(byCodePoint), verbs }
      : {
          apiGroups: [group],
          resources: [...values].toSorted(byCodePoint),
          ...(names.size === 0 ? {} : { resourceNames: [...names].toSorted(byCodePoint) }),
          verbs,
        },
  );
}

/**
 * Throws UserError "usage" for a rule, as somebody wrote it, with a verb that nobody knows or a type that is not there. Wildcards
 * are for whoever judges what is dangerous.
 */
export function checkRules(rules: readonly PolicyRule[], known: KnownTypes): void {
  for (const { verbs, apiGroups = [], resources = [] } of rules) {
    for (const verb of verbs) checkVerb(verb);
    for (const resource of resources) {
      if (resource.startsWith("*") || apiGroups.includes("*")) continue;
      for (const group of apiGroups) {
        const [type = "", part] = resource.split("/");
        const typed = group === "" ? type : `${type}.${group}`;
        const exact = known.types.find((each) => each.resource === type && each.group === group);
        if (exact === undefined) throw unknownType(typed, { word: type, group }, known);
        if (part === undefined || subresources(exact).includes(part)) continue;
        throw usageError(
          `${type} has no subresource ${JSON.stringify(part)}`,
          didYouMean(part, subresources(exact)) ?? [],
        );
      }
    }
  }
}

/** What of the rules a grant in namespaces cannot give: types without a namespace, and paths. As they are typed. */
export function clusterScoped(rules: readonly PolicyRule[], types: readonly ResourceType[]): string[] {
  const found = rules.flatMap(({ verbs, apiGroups = [], resources = [], nonResourceURLs = [] }) => {
    const isScoped = (resource: string, group: string) => {
      const [name] = resource.split("/");
      // A namespace counts as being within itself, for what names one.
      if (name === "namespaces" && group === "" && verbs.every((verb) => withinItself.has(verb))) return false;
      return types.some((type) => type.resource === name && type.group === group && !type.namespaced);
    };
    const scoped = apiGroups.flatMap((group) => resources.filter((resource) => isScoped(resource, group)));
    return [...scoped, ...nonResourceURLs];
  });
  return [...new Set(found)];
}

/** Source: RequestInfoFactory in apiserver pkg/endpoints/request. */
const withinItself = new Set(["get", "update", "patch", "delete"]);
