import { toYaml } from "../yaml.ts";
import { values, type ValueRule, type ValueType } from "./values-table.ts";

/** Every value with what it does and its default, as a file to begin with. One that is not set is a comment. */
export function valuesLines(): string[] {
  const lines: string[] = [];
  let open: string[] = [];
  for (const path of inGroups()) {
    const rule = values[path];
    if (rule === undefined) continue;
    const keys = path.split(".");
    const parents = keys.slice(0, -1);
    const shared = parents.findIndex((key, at) => open[at] !== key);
    const from = shared < 0 ? parents.length : shared;
    for (const [at, key] of parents.entries()) if (at >= from) lines.push(`${"  ".repeat(at)}${key}:`);
    open = parents;
    lines.push(...valueLines(keys.at(-1) ?? "", rule, "  ".repeat(parents.length)));
  }
  return lines;
}

/** Paths whose first keys are the same follow each other, in the order of the table. */
function inGroups(): string[] {
  const group = (paths: readonly string[], depth: number): string[] => {
    const byKey = Map.groupBy(paths, (path) =>
      path
        .split(".")
        .slice(0, depth + 1)
        .join("."),
    );
    return [...byKey.values()].flatMap((members) => (members.length === 1 ? members : group(members, depth + 1)));
  };
  return group(Object.keys(values), 0);
}

function valueLines(key: string, rule: ValueRule, indent: string): string[] {
  const isSet = rule.default !== undefined;
  const value = isSet ? toYaml({ [key]: rule.default }) : `${key}: ${examples[rule.type]}`;
  const shown = value
    .trimEnd()
    .split("\n")
    .map((line) => `${indent}${isSet ? "" : "# "}${line}`);
  return [`${indent}# ${rule.describe}`, ...shown];
}

const examples: Readonly<Record<ValueType, string>> = {
  text: '""',
  boolean: "false",
  integer: "0",
  quantity: '""',
  texts: "[]",
  list: "[]",
  object: "{}",
  labels: "{}",
  environment: "{}",
  "text-or-object": '""',
};

type Schema = Readonly<Record<string, unknown>>;

const scalar: Schema = { type: ["string", "number", "boolean"] };

const types: Readonly<Record<ValueType, Schema>> = {
  text: { type: "string" },
  boolean: { type: "boolean" },
  integer: { type: "integer" },
  quantity: { type: ["string", "number"] },
  texts: { type: "array", items: { type: "string" } },
  list: { type: "array" },
  object: { type: "object" },
  labels: { type: "object", additionalProperties: { type: ["string", "null"] } },
  environment: { type: "object", additionalProperties: { anyOf: [scalar, { type: "object" }, { type: "null" }] } },
  "text-or-object": { type: ["string", "object"] },
};

/** What values may be, for editors and for checks before an installation. `null` takes a value back. */
export function valuesSchema(): Schema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Values of kubectl mirrord install",
    ...groupSchema(Object.keys(values), ""),
  };
}

function groupSchema(paths: readonly string[], prefix: string): Schema {
  const byKey = Map.groupBy(paths, (path) => path.slice(prefix.length).split(".")[0] ?? "");
  const properties = Object.fromEntries(
    [...byKey].map(([key, members]) => {
      const rule = values[`${prefix}${key}`];
      return [key, rule === undefined ? groupSchema(members, `${prefix}${key}.`) : valueSchema(rule)];
    }),
  );
  return { type: ["object", "null"], additionalProperties: false, properties };
}

function valueSchema({ type, describe, default: initial }: ValueRule): Schema {
  return {
    description: describe,
    anyOf: [types[type], { type: "null" }],
    ...(initial === undefined ? {} : { default: initial }),
  };
}
