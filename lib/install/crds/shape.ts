import type { StructuralSchema } from "../../mirrord/policy/schema/crds.ts";

/**
 * A schema in short. A text is a scalar: a type below, `enum:a|b`, with ` = JSON` its default. `[shape]` is a list. An object
 * has a field a key, which ends in `!` when it is required and in `?` when it may be null; `<>` is the shape of all other keys.
 */
export type Shape = string | readonly [Shape] | ShapeFields;

export interface ShapeFields {
  readonly "<>"?: Shape;
  /** Exactly one of these is there. */
  readonly $oneOf?: readonly string[];
  /** The only values of the whole object. Where an object is meant, none passes: the definitions have it so. */
  readonly $enum?: readonly unknown[];
  /** Fields that are not named here are kept. */
  readonly $more?: true;
  readonly $default?: unknown;
  readonly [field: string]: unknown;
}

/**
 * By name, the numbers and texts that a shape can mean. Formats for unsigned numbers are unknown to the API server, which
 * warns about them and checks the limits only.
 */
const scalars: Readonly<Record<string, StructuralSchema>> = {
  string: { type: "string" },
  boolean: { type: "boolean" },
  uint16: { type: "integer", minimum: 0, maximum: 65_535 },
  uint32: { type: "integer", minimum: 0 },
  uint64: { type: "integer", minimum: 0 },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  "date-time": { type: "string", format: "date-time" },
  "int-or-string": { "x-kubernetes-int-or-string": true },
  any: { "x-kubernetes-preserve-unknown-fields": true },
};

export function schemaFromShape(shape: Shape, isNullable = false): StructuralSchema {
  const schema =
    typeof shape === "string"
      ? scalarSchema(shape, isNullable)
      : isList(shape)
        ? { type: "array", items: schemaFromShape(shape[0]) }
        : objectSchema(shape);
  return isNullable ? { ...schema, nullable: true } : schema;
}

const isList = (shape: Shape): shape is readonly [Shape] => Array.isArray(shape);

function scalarSchema(text: string, isNullable: boolean): StructuralSchema {
  const [name = "", initial] = text.split(" = ");
  const given: StructuralSchema = initial === undefined ? {} : { default: JSON.parse(initial) };
  if (name.startsWith("enum:")) {
    const values = name.slice("enum:".length).split("|");
    return { type: "string", enum: isNullable ? [...values, null] : values, ...given };
  }
  const schema = scalars[name];
  if (schema === undefined) throw new Error(`there is no shape ${name}`);
  return { ...schema, ...given };
}

function objectSchema(shape: ShapeFields): StructuralSchema {
  const { "<>": others, $oneOf, $enum, $more, $default, ...fields } = shape;
  const properties: Record<string, StructuralSchema> = {};
  const required: string[] = [];
  for (const [key, value] of Object.entries(fields)) {
    const name = key.replace(/[!?]$/, "");
    if (key.endsWith("!")) required.push(name);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Only keys with a dollar have others.
    properties[name] = schemaFromShape(value as Shape, key.endsWith("?"));
  }
  return {
    type: "object",
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(required.length === 0 ? {} : { required }),
    ...(others === undefined ? {} : { additionalProperties: schemaFromShape(others) }),
    ...($oneOf === undefined ? {} : { oneOf: $oneOf.map((name) => ({ required: [name] })) }),
    ...($enum === undefined ? {} : { enum: $enum }),
    ...($more === undefined ? {} : { "x-kubernetes-preserve-unknown-fields": true }),
    ...($default === undefined ? {} : { default: $default }),
  };
}
