// What each keyword of a structural schema refuses, and in which words.
import t from "tap";
import type { StructuralSchema } from "../../../../lib/mirrord/policy/schema/crds.ts";
import { policyTypes } from "../../../../lib/mirrord/policy/schema/crds.ts";
import { schemaFaults } from "../../../../lib/mirrord/policy/schema/schema.ts";
import { saysKept } from "../../../kept-text.ts";
import { policy } from "../../policy-fixtures.ts";

const number = (more: object) => ({ type: "number", ...more });
const list = (more: object) => ({
  type: "array",
  items: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  ...more,
});
const both = { type: "object", properties: { a: { type: "integer" }, b: { type: "integer" } } };
const has = (name: string) => ({ required: [name] });

const cases: [schema: object, ...values: unknown[]][] = [
  [number({ minimum: 1, maximum: 3 }), 0, 1, 3, 4],
  [number({ minimum: 1, maximum: 3, exclusiveMinimum: true, exclusiveMaximum: true }), 1, 2, 3],
  [number({ multipleOf: 5 }), 10, 12, 0, -5],
  [{ type: "integer" }, 1, 1.5, "1", true, null, [], {}],
  [{ type: "number" }, 1.5, "1"],
  [{ type: "boolean" }, true, "true", 1],
  [{ type: "string" }, "a", 1, null],
  [{ type: "string", nullable: true }, null, 1],
  [{ type: "string", pattern: "^a+$" }, "aa", "b", "ab"],
  [{ type: "string", enum: ["a", "b"] }, "a", "c"],
  [{ type: "string", minLength: 2, maxLength: 3 }, "a", "ab", "abc", "abcd", "😀😀"],
  [{ type: "array", items: { type: "string" } }, ["a"], [1], "a", {}],
  [{ type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" }, ["a", "b"], ["a", "a"]],
  [{ type: "array", items: { type: "string" }, "x-kubernetes-list-type": "atomic" }, ["a", "a"]],
  [
    list({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] }),
    [
      { name: "a", x: 1 },
      { name: "b", x: 1 },
    ],
    [
      { name: "a", x: 1 },
      { name: "a", x: 2 },
    ],
  ],
  [
    list({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name", "port"] }),
    [
      { name: "a", port: 1 },
      { name: "a", port: 2 },
    ],
    [
      { name: "a", port: 1 },
      { name: "a", port: 1 },
    ],
  ],
  [{ ...both, required: ["a"] }, { a: 1 }, { b: 1 }, {}],
  [both, { a: 1, c: 2 }, { aa: 1 }, { zebra: 1 }, { a: "x", b: "y" }],
  [{ ...both, additionalProperties: { type: "string" } }, { c: "x" }, { c: 1 }],
  [{ ...both, additionalProperties: true }, { c: 1 }],
  [{ ...both, "x-kubernetes-preserve-unknown-fields": true }, { c: 1 }],
  [
    { type: "object", additionalProperties: { type: "string" }, minProperties: 1, maxProperties: 2 },
    {},
    { a: "x" },
    { a: "x", b: "x", c: "x" },
  ],
  [{ ...both, properties: { a: { type: "integer", default: 1 } } }, { a: null }],
  [{ ...both, properties: { a: { type: "integer", default: 1, nullable: true } } }, { a: null }],
  [{ "x-kubernetes-int-or-string": true }, 1, "1", true, {}],
  [{ "x-kubernetes-preserve-unknown-fields": true }, { anything: [] }],
  [{ ...both, allOf: [has("a"), has("b")] }, { a: 1, b: 1 }, { a: 1 }],
  [{ ...both, anyOf: [has("a"), has("b")] }, { a: 1 }, { a: 1, b: 1 }, {}],
  [{ ...both, oneOf: [has("a"), has("b")] }, { a: 1 }, { a: 1, b: 1 }, {}],
  [{ ...both, not: has("a") }, { a: 1 }, { b: 1 }],
  [{ ...both, oneOf: [has("a"), "hostile"], anyOf: "hostile", allOf: 1, not: [] }, { a: 1 }, { b: 1 }],
];
const [type] = policyTypes;
for (const [schema, ...values] of cases) {
  t.test(`what ${JSON.stringify(schema)} refuses`, async (t) => {
    const whole = { type: "object", properties: { spec: { type: "object", properties: { v: schema } } } };
    const said = values.map((value) => ({
      value: JSON.stringify(value),
      faults: schemaFaults({ ...policy({}), spec: { v: value } }, type as never, whole as StructuralSchema).map(
        ({ path, problem, reason }) => `${path} ${problem} (${reason})`,
      ),
    }));
    saysKept(t, import.meta.filename, JSON.stringify(schema), () => said);
  });
}
