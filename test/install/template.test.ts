import t from "tap";
import { chart } from "../../lib/install/chart.ts";
import { fillTemplates } from "../../lib/install/template.ts";
import { readValues } from "../../lib/install/values.ts";

const given = chart(readValues({ namespace: "m1" }), { name: "op", namespace: "ns" });
const fill = (text: string) => fillTemplates({ text }, given, "extraObjects[0]");

const filled: [text: string, want: string][] = [
  ["plain", "plain"],
  ["{{ .Release.Name }}", "op"],
  ["{{.Values.namespace}}", "m1"],
  ["{{- .Release.Name -}}", "op"],
  ["a {{ .Release.Name }}-{{ .Values.namespace }} b", "a op-m1 b"],
  ["{{ $.Release.Namespace }}", "ns"],
  ["}} {{ .Release.Name }}", "}} op"],
  ["{{ .Release.Name }} {{", "op {{"],
];
for (const [text, want] of filled) t.test(`${text} is filled in`, async (t) => t.same(fill(text), { text: want }));

for (const text of ["{{}}", "{{ - }}", "{{ .Release.Name - }}", "{{{ .Release.Name }}", '{{ include "x" . }}'])
  t.test(`${text} is refused`, async (t) =>
    t.throws(() => fill(text), { kind: "usage", message: /^extraObjects\[0\]: cannot fill in / }),
  );

t.test("braces that are never closed stay, however much follows them", async (t) => {
  for (const text of [`{{${" ".repeat(200_000)}x`, "{{".repeat(200_000)]) t.same(fill(text), { text });
});
