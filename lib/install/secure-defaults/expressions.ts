import {
  ACCESS_GROUP,
  ATTRIBUTES_RESOURCE,
  CANARY,
  EPHEMERAL,
  containerLists,
  privilegedOptions,
  type OptionRule,
  type PrivilegedAttribute,
} from "../../access/privileged-options.ts";

// The expressions (CEL) of the policies, made from the table of options. What they may cost was measured: a question to the
// authorizer is a third of what one expression has, so that each is a variable of its own, which is evaluated only when it is
// needed and has a budget of its own.

/** A variable of a policy. */
export interface Variable {
  name: string;
  expression: string;
}

/** Of all namespaces, so that neither a RoleBinding nor a Role of `*` on `*` is enough. */
const isAdministrator = [
  `authorizer.group('${ACCESS_GROUP}').resource('grants').check('manage').allowed()`,
  // Authorizers of some clouds do not know the verb.
  `authorizer.group('*').resource('*').check('*').allowed()`,
].join(" || ");

function mayUse(name: string, scope: "namespace" | "cluster"): string {
  const where = scope === "namespace" ? ".namespace(request.namespace)" : "";
  return `authorizer.group('${ACCESS_GROUP}').resource('${ATTRIBUTES_RESOURCE}')${where}.name('${name}').check('use').allowed()`;
}

export const administrator: Variable = { name: "administrator", expression: isAdministrator };

const wildcard = (scope: "namespace" | "cluster"): Variable => ({
  name: "wildcard",
  expression: mayUse(CANARY, scope),
});
const may = (name: PrivilegedAttribute, scope: "namespace" | "cluster"): Variable => ({
  name: `may_${name}`,
  expression: mayUse(name, scope),
});

/** Whether the item at hand offends: each part of the path has to be there before the next is looked at. */
function offends({ path, when }: OptionRule, item: string): string {
  const parts = path.map((_key, at) => `has(${[item, ...path.slice(0, at + 1)].join(".")})`);
  const value = [item, ...path].join(".");
  const test = { true: [value], filled: [`size(${value}) > 0`], present: [] }[when];
  return [...parts, ...test].join(" && ");
}

/** The texts that name what was found of an option. */
function found(rule: OptionRule): string {
  const { name, of } = rule;
  if (of === "pod") return `${offends(rule, "variables.spec")} ? ['spec.${name}'] : []`;
  const lists = of === "volume" ? ["volumes"] : containerLists;
  return lists
    .map((list) => {
      const items = `variables.spec.${list}`;
      return `(has(${items}) ? ${items}.filter(c, ${offends(rule, "c")}).map(c, '${list}[' + string(c.name) + '].${name}') : [])`;
    })
    .join(" + ");
}

/**
 * The variables that judge a pod's spec. `spec`: where it is in the object. `ephemeral`: the policy also sees
 * `pods/ephemeralcontainers`.
 */
export function podVariables(spec: string): Variable[] {
  const rules = privilegedOptions;
  return [
    { name: "spec", expression: spec },
    ...rules.map((rule) => ({ name: rule.name, expression: found(rule) })),
    { name: "found", expression: rules.map(({ name }) => `variables.${name}`).join(" + ") },
    administrator,
    wildcard("namespace"),
    ...rules.map(({ name }) => may(name, "namespace")),
    {
      name: "exempt",
      expression: rules.map(({ name }) => `(size(variables.${name}) == 0 || variables.may_${name})`).join(" && "),
    },
  ];
}

const LONGEST = 2000;

/** What was found is in the message, so that all of it can be mended at once; cut, because a long message is dropped. */
export const resources: Variable = {
  name: "resources",
  expression: `variables.found.join(', ').size() > ${LONGEST} ? variables.found.join(', ').substring(0, ${LONGEST}) + ', and more' : variables.found.join(', ')`,
};

export const allowed =
  "size(variables.found) == 0 || variables.administrator || (!variables.wildcard && variables.exempt)";

/** Agents in containers that are added to a running pod: whoever may use that name is exempt from all options there. */
export const ephemeralVariable: Variable = {
  name: "ephemeral",
  expression: `has(request.subResource) && request.subResource == 'ephemeralcontainers' && ${mayUse(EPHEMERAL, "namespace")}`,
};

/** The variables that judge a PersistentVolume. `classes`: the StorageClasses whose volumes are on a node's own disk. */
export function volumeVariables(classes: readonly string[]): Variable[] {
  const isLocalClass = `has(object.spec.storageClassName) && object.spec.storageClassName in [${classes.map(quote).join(", ")}]`;
  const parts = [
    "has(object.spec.local) ? ['spec.local'] : []",
    "has(object.spec.hostPath) ? ['spec.hostPath'] : []",
    ...(classes.length === 0 ? [] : [`${isLocalClass} ? ['spec.storageClassName'] : []`]),
  ];
  return [
    { name: "found", expression: parts.map((part) => `(${part})`).join(" + ") },
    administrator,
    wildcard("cluster"),
    may("localVolume", "cluster"),
    { name: "exempt", expression: "variables.may_localVolume" },
  ];
}

/** A text in an expression. */
export function quote(text: string): string {
  return `'${text.replaceAll("\\", String.raw`\\`).replaceAll("'", String.raw`\'`)}'`;
}

export const listed = (texts: readonly string[]): string => `[${texts.map(quote).join(", ")}]`;

const REFUSAL = "is not an admin and does not have permissions to use privileged mode for resource";

/** Of what is refused. A name with a line break falls back to the second. */
export const refusal = {
  expression: `'user "' + request.userInfo.username + '" ${REFUSAL}: ' + variables.resources`,
  text: `the user ${REFUSAL}`,
};
