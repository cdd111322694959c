import fc from "fast-check";
import t from "tap";
import { metricsText } from "../../lib/view/metrics.ts";
import { readExposition } from "./exposition.ts";

t.test("a metric is HELP, TYPE and a line for each sample", async (t) => {
  const metrics = [
    {
      name: "findings",
      help: 'What was "found"\\ and\nwhat not.',
      samples: [
        { labels: { rule: "a", severity: "high" }, value: 2 },
        { labels: { rule: "b", severity: "low" }, value: 0 },
      ],
    },
    { name: "none", help: "Of nothing.", samples: [] },
    { name: "now", help: "When.", samples: [{ labels: {}, value: 1_700_000_000 }] },
  ];
  t.equal(
    metricsText(metrics),
    [
      '# HELP findings What was "found"\\\\ and\\nwhat not.',
      "# TYPE findings gauge",
      'findings{rule="a",severity="high"} 2',
      'findings{rule="b",severity="low"} 0',
      "# HELP now When.",
      "# TYPE now gauge",
      "now 1700000000",
      "",
    ].join("\n"),
  );
  t.equal(metricsText([]), "");
});

const hostile: { name: string; given: string; want: string }[] = [
  { name: "a quote", given: 'a"} 1\nx{b="', want: 'a"} 1\nx{b="' },
  { name: "a backslash at the end", given: "a\\", want: "a\\" },
  { name: "what looks like an escape", given: 'a\\n\\\\"', want: 'a\\n\\\\"' },
  { name: "a line feed", given: "a\nb\n", want: "a\nb\n" },
  { name: "a carriage return, shown", given: "a\rb", want: "a\\rb" },
  { name: "what steers a terminal, shown", given: "\u001b[31m", want: "^[[31m" },
  { name: "what turns text around, shown", given: "a\u202eb", want: "a\\u{202e}b" },
  { name: "half a character, shown", given: "a\ud800", want: "a\\u{d800}" },
  { name: "letters of any script, as they are", given: "größe-집", want: "größe-집" },
];
for (const { name, given, want } of hostile) {
  t.test(`a label value may have ${name}`, async (t) => {
    const text = metricsText([{ name: "m", help: given, samples: [{ labels: { l: given }, value: 1 }] }]);
    const { samples } = readExposition(text);
    t.same(samples, [{ name: "m", labels: { l: want }, value: 1 }]);
    t.equal(text.split("\n").length, 4, "no value adds a line");
  });
}

const wrong: [why: string, text: string][] = [
  ["no line feed at the end", "# TYPE m gauge\nm 1"],
  ["a sample without a type", "m 1\n"],
  ["a type after its samples", "m 1\n# TYPE m gauge\n"],
  ["a type twice", "# TYPE m gauge\n# TYPE m gauge\nm 1\n"],
  ["an unknown type", "# TYPE m meter\nm 1\n"],
  ["a sample twice", '# TYPE m gauge\nm{a="1",b="2"} 1\nm{b="2",a="1"} 1\n'],
  ["a label twice", '# TYPE m gauge\nm{a="1",a="2"} 1\n'],
  ["a quote inside a label", '# TYPE m gauge\nm{a="x"y"} 1\n'],
  ["an escape that there is not", '# TYPE m gauge\nm{a="\\t"} 1\n'],
  ["a time", "# TYPE m gauge\nm 1 1700000000\n"],
  ["no value", "# TYPE m gauge\nm x\n"],
  ["an empty line", "# TYPE m gauge\n\nm 1\n"],
  ["lines of two metrics mixed", '# TYPE m gauge\n# TYPE n gauge\nm 1\nn 1\nm{a="1"} 1\n'],
  ["a name with a dash", "# TYPE m-m gauge\nm-m 1\n"],
];
for (const [why, text] of wrong) t.test(`the reader refuses ${why}`, async (t) => t.throws(() => readExposition(text)));

t.test("whatever a value holds, a strict reader finds one sample with it", async () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }), fc.integer(), (one, two, value) => {
      const metric = { name: "m", help: `h ${two}`, samples: [{ labels: { one, two }, value }] };
      const { samples } = readExposition(metricsText([metric]));
      return samples.length === 1 && samples[0]?.value === value;
    }),
  );
});
