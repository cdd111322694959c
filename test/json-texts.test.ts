import t from "tap";
import { isDeeperThan, parseJsonTexts, repeatedKeyFault } from "../lib/json-texts.ts";
import { steps } from "./steps.ts";

t.test("JSON values are read one after the other, with or without anything in between", async (t) => {
  t.same(parseJsonTexts('{"a":1}', 5), [{ a: 1 }]);
  t.same(parseJsonTexts('{"a":"}\\""}\n[2] {"b":[]}', 5), [{ a: '}"' }, [2], { b: [] }]);
  t.equal(parseJsonTexts("a: 1", 5), undefined, "YAML");
  t.equal(parseJsonTexts("{a: 1}", 5), undefined, "YAML that begins as JSON does");
  t.equal(parseJsonTexts('{"a":1} b', 5), undefined);
  t.equal(parseJsonTexts('{"a', 5), undefined);
  t.throws(() => parseJsonTexts("[[[1]]]", 1), { message: "nesting deeper than 1 levels" });
  t.equal(isDeeperThan([[1]], 2), false);
});

const repeated: { name: string; text: string; want: string | undefined }[] = [
  { name: "no key twice", text: '{"a":1,"b":{"a":1,"b":[{"a":1},{"a":1}]}}', want: undefined },
  { name: "equal values", text: '{"a":"b","b":"a","c":["a","a"]}', want: undefined },
  { name: "a key twice", text: '{"a":1,\n"b":2,\n "a":3}', want: 'line 3: duplicated key "a"' },
  { name: "behind what was nested", text: '{"a":{"x":{}},"b":[[]],"a":1}', want: 'line 1: duplicated key "a"' },
  { name: "deep", text: '[{"a":[{"b":1,\n\n"b" \n: 2}]}]', want: 'line 3: duplicated key "b"' },
  { name: "two spellings", text: '{"a":1,"\\u0061":2}', want: 'line 1: duplicated key "a"' },
  { name: "a key of quotes", text: '{"\\"":1,"\\\\":2,"\\"":3}', want: 'line 1: duplicated key "\\""' },
  { name: "names that objects have", text: '{"__proto__":1,"constructor":2}', want: undefined },
  { name: "such a name twice", text: '{"__proto__":1,"__proto__":2}', want: 'line 1: duplicated key "__proto__"' },
  { name: "marks within texts", text: '{"a":"{\\"b\\":1,\\"b\\":2}","b":"]}"}', want: undefined },
  { name: "two values with one key", text: '{"a":1}\n{"a":2}', want: undefined },
  { name: "the second value", text: '{"a":1}\n{"b":1,"b":2}', want: 'line 2: duplicated key "b"' },
];
for (const { name, text, want } of repeated) t.equal(repeatedKeyFault(text), want, name);

t.equal(repeatedKeyFault('{"a":1,"a":2}', 7), 'line 7: duplicated key "a"', "a document that begins further below");

t.test("looking for repeated keys takes time in proportion to the text", async (t) => {
  const module = new URL("../lib/json-texts.ts", import.meta.url).href;
  const text = (count: number) => `[${Array.from({ length: count }, (_, at) => `{"k${at}":"\\"{","x":[]}`).join(",")}]`;
  const few = await steps(module, "repeatedKeyFault", text(1000));
  const many = await steps(module, "repeatedKeyFault", text(10_000));
  t.ok(many < few * 12, `${few} steps, then ${many}`);
});
