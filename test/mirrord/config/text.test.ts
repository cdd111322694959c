import t from "tap";
import { parseConfigText } from "../../../lib/mirrord/config/text.ts";

const yaml = { a: { plain: "1" } };
const read: { fileName: string; text: string; want?: object }[] = [
  { fileName: "mirrord.json", text: '{"a": 1}' },
  { fileName: "mirrord", text: '{"a": 1}' },
  { fileName: ".mirrord", text: '{"a": 1}' },
  { fileName: "folder.yaml/mirrord", text: '{"a": 1}' },
  { fileName: "folder.yaml\\mirrord", text: '{"a": 1}' },
  { fileName: "-", text: '{"a": 1}' },
  { fileName: "a.b.yaml", text: "a: 1", want: yaml },
  { fileName: "mirrord.yml", text: "a: 1", want: yaml },
  { fileName: "mirrord.toml", text: "a = 1" },
  { fileName: "mirrord.json", text: '{\n\t"a":\t1\n}' },
];
for (const { fileName, text, want = { a: 1 } } of read) {
  t.test(`${fileName} is read by its extension`, async (t) => t.match(parseConfigText(text, fileName).value, want));
}

const refused: { fileName: string; text: string; message: RegExp }[] = [
  {
    fileName: "mirrord.json5",
    text: "{}",
    message: /^mirrord\.json5: mirrord reads no configuration with the extension \.json5/,
  },
  { fileName: "mirrord.JSON", text: "{}", message: /extension \.JSON/ },
  { fileName: "m.json", text: '{"a": 1,}', message: /^m\.json: / },
  { fileName: "m.json", text: '{"a": 1 /* no */}', message: /^m\.json: / },
  { fileName: "m.json", text: "", message: /^m\.json: / },
  { fileName: "m.json", text: "a: 1", message: /^m\.json: / },
  { fileName: "m.json", text: '{"a": 1, "a": 2}', message: /^m\.json: line 1: duplicated/ },
  { fileName: "m.json", text: '"a"', message: /has to be an object/ },
  { fileName: "m.yaml", text: "a: 1\na: 2", message: /^m\.yaml: line 2: duplicated/ },
  { fileName: "m.yaml", text: "a: 1\n---\nb: 2", message: /holds 2 documents/ },
  { fileName: "m.yaml", text: "- a", message: /has to be an object/ },
  { fileName: "m.yaml", text: "a: [", message: /^m\.yaml: / },
  { fileName: "m.toml", text: "a = 1\na = 2", message: /^m\.toml: line 2: / },
  { fileName: "m.json", text: `{"a": ${"[".repeat(200)}${"]".repeat(200)}}`, message: /nested deeper than 127 levels/ },
  { fileName: "m.toml", text: "a = \n", message: /^m\.toml: line 1: / },
];
for (const { fileName, text, message } of refused) {
  t.test(`${fileName} with ${JSON.stringify(text)} is refused`, async (t) => {
    t.throws(() => parseConfigText(text, fileName), { name: "UserError", kind: "usage", message });
  });
}

t.test("a key of Object's own is a key", async (t) => {
  t.ok(Object.hasOwn(parseConfigText('{"__proto__": {"a": 1}}', "m.json").value, "__proto__"));
  t.ok(Object.hasOwn(parseConfigText("__proto__ = 1", "m.toml").value, "__proto__"));
});
