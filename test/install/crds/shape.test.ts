import t from "tap";
import { schemaFromShape, type Shape } from "../../../lib/install/crds/shape.ts";

const text = { type: "string" };
const shapes: [what: string, shape: Shape, schema: object][] = [
  ["a text", "string", text],
  ["a switch", "boolean", { type: "boolean" }],
  ["a small number without a sign", "uint16", { type: "integer", minimum: 0, maximum: 65_535 }],
  ["a number without a sign", "uint32", { type: "integer", minimum: 0 }],
  ["a long number without a sign", "uint64", { type: "integer", minimum: 0 }],
  ["a number", "int32", { type: "integer", format: "int32" }],
  ["a long number", "int64", { type: "integer", format: "int64" }],
  ["a time", "date-time", { type: "string", format: "date-time" }],
  ["a number or a text", "int-or-string", { "x-kubernetes-int-or-string": true }],
  ["anything", "any", { "x-kubernetes-preserve-unknown-fields": true }],
  ["a default", "uint16 = 3", { type: "integer", minimum: 0, maximum: 65_535, default: 3 }],
  ["one of some texts", "enum:a|b", { type: "string", enum: ["a", "b"] }],
  ["one of some texts, with a default", 'enum:a|b = "b"', { type: "string", enum: ["a", "b"], default: "b" }],
  ["a list", ["string"], { type: "array", items: text }],
  ["a list of lists", [["string"]], { type: "array", items: { type: "array", items: text } }],
  ["nothing", {}, { type: "object" }],
  ["a field", { a: "string" }, { type: "object", properties: { a: text } }],
  [
    "fields that are required",
    { "a!": "string", b: "string", "c!": ["string"] },
    { type: "object", properties: { a: text, b: text, c: { type: "array", items: text } }, required: ["a", "c"] },
  ],
  [
    "fields that may be null",
    { "a?": "string", "b?": "enum:x", "c?": ["string"], "d?": {} },
    {
      type: "object",
      properties: {
        a: { type: "string", nullable: true },
        b: { type: "string", enum: ["x", null], nullable: true },
        c: { type: "array", items: text, nullable: true },
        d: { type: "object", nullable: true },
      },
    },
  ],
  ["any key", { "<>": "string" }, { type: "object", additionalProperties: text }],
  [
    "one of two fields",
    { a: "string", b: "string", $oneOf: ["a", "b"] },
    { type: "object", properties: { a: text, b: text }, oneOf: [{ required: ["a"] }, { required: ["b"] }] },
  ],
  ["a few values as a whole", { $enum: ["a", 1] }, { type: "object", enum: ["a", 1] }],
  ["fields that nobody named", { $more: true }, { type: "object", "x-kubernetes-preserve-unknown-fields": true }],
  ["a default of an object", { $default: { a: 1 } }, { type: "object", default: { a: 1 } }],
];
for (const [what, shape, schema] of shapes) {
  t.test(`the schema of ${what}`, async (t) => {
    t.strictSame(schemaFromShape(shape), schema);
  });
}

t.test("a shape that is null as a whole, and one that nobody knows", async (t) => {
  t.strictSame(schemaFromShape("string", true), { type: "string", nullable: true });
  t.throws(() => schemaFromShape("text"), { message: "there is no shape text" });
});
