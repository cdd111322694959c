import t from "tap";
import { renderTemplate } from "../../../lib/mirrord/config/template.ts";

const context = { variables: { key: "k1" }, env: { USER: "jim", EMPTY: "" } };

const cases: { text: string; want: string }[] = [
  { text: "", want: "" },
  { text: "no templates { here } }} %} #}", want: "no templates { here } }} %} #}" },
  { text: "a{{ key }}b{{key}}c", want: "ak1bk1c" },
  { text: `{{ get_env(name="USER") }}`, want: "jim" },
  { text: `{{ get_env(name='NONE', default='x') }}`, want: "x" },
  { text: "{{ get_env(default=`x`, name=`NONE`) }}", want: "x" },
  { text: `{{ get_env(name="EMPTY", default="x") }}`, want: "" },
  { text: `{{ git_branch | default(value='shared') }}`, want: "shared" },
  { text: `{{ key | default(value='shared') }}`, want: "k1" },
  { text: `{{ key | upper | lower }}`, want: "k1" },
  { text: `{{ ' a ' | trim }}|{{ ' a ' | trim_start }}|{{ ' a ' | trim_end }}`, want: "a|a | a" },
  { text: `{{ 'a/b/c' | replace(from='/', to='$&') }}`, want: "a$&b$&c" },
  { text: `{{ key ~ '-' ~ get_env(name='USER') }}`, want: "k1-jim" },
  { text: `{{ (key ~ 'X') | lower }}`, want: "k1x" },
  { text: `{{ get_env(name='NONE', default=key) }}`, want: "k1" },
  { text: "{{ 42 }}{{ 1.5 }}{{ true }}", want: "421.5true" },
  { text: "a{# {{ nothing }} #}b", want: "ab" },
  { text: "a {{- key -}} b", want: "ak1b" },
  { text: "a {#- x -#} b", want: "ab" },
  { text: "{% raw %}{{ key }}{% endraw %}{{ key }}", want: "{{ key }}k1" },
  { text: "{% if key %}a{% else %}b{% endif %}", want: "a" },
  { text: "{% if git_branch %}a{% elif key == 'k1' %}b{% else %}c{% endif %}", want: "b" },
  { text: "{% if git_branch is defined and key %}a{% endif %}.", want: "." },
  { text: "{% if not key is starting_with('x') %}{{ key }}{% endif %}", want: "k1" },
  { text: "{% if 2 > 1 and 1 <= 1 or nothing %}a{% endif %}", want: "a" },
  { text: "{% if false %}{% if true %}a{% endif %}{{ nothing }}{% else %}b{% endif %}", want: "b" },
  { text: "{% set x = key ~ '!' %}{{ x }}", want: "k1!" },
  { text: "{% for x in ['a', 'b'] %}{{ x }}{% set y = x %}{% endfor %}{{ y | default(value='-') }}", want: "ab-" },
  { text: "{% for x in [] %}{{ x }}{% else %}none{% endfor %}", want: "none" },
  { text: "{{ 3 * 10 + 2 }}{{ (1 + 1) * 2 }}{{ 7 % 4 }}", want: "3243" },
  { text: "{{ 'A b_c é' | slugify }}", want: "a-b-c-e" },
  { text: "{{ 'xxaxx' | trim_start_matches(pat='x') | trim_end_matches(pat='x') }}", want: "a" },
  { text: "{{ 'a/b' | split(pat='/') | last }}{{ key | length }}", want: "b2" },
  { text: "{{ 'é😀' | split(pat='') | join(sep='-') }}", want: "-é-😀-" },
  { text: "{{ '😀' | split(pat='') | last | urlencode_strict }}", want: "" },
  { text: "{{ ['a', 1] | json_encode }}{{ ['a', ['b']] }}", want: `["a",1][a, [b]]` },
  { text: "{% if ['a'] == ['a'] and ['a'] in [1, ['a']] and git_branch != key %}a{% endif %}", want: "a" },
  { text: "{% if ['a', 'b'] is containing('b') and key is containing('k') and 'k' in key %}a{% endif %}", want: "a" },
  { text: "{% set __proto__ = 'a' %}{{ __proto__ }}", want: "a" },
  { text: "{{ 'abcdef' | truncate(length=3) }}{{ 'jim doe' | title }}", want: "abc…Jim Doe" },
];
for (const { text, want } of cases) {
  t.test(`${JSON.stringify(text)} becomes ${JSON.stringify(want)}`, async (t) =>
    t.equal(renderTemplate(text, context), want),
  );
}

const refused: { text: string; message: RegExp }[] = [
  { text: "{{ git_branch }}", message: /variable "git_branch" is not known/ },
  { text: "{{ toString }}", message: /variable "toString" is not known/ },
  { text: "{{ git_branch | upper }}", message: /not known/ },
  { text: "{{ get_env(name='NONE') }}", message: /environment variable NONE, which is not set/ },
  { text: "{{ get_env(name='toString') }}", message: /toString, which is not set/ },
  { text: "{{ get_env() }}", message: /get_env needs the argument name/ },
  { text: "{{ git_branch | default }}", message: /default needs the argument value/ },
  { text: "{{ git_branch | json_encode }}", message: /not known/ },
  { text: "{{ now() }}", message: /function now\(\) is not evaluated/ },
  { text: "{{ key | filesizeformat }}", message: /filter filesizeformat is not evaluated/ },
  { text: "{% include 'x' %}", message: /statement \{% include 'x' %\} is not evaluated/ },
  { text: "{% if key %}a", message: /before \{% endif %\} does not end/ },
  { text: "a{% endif %}", message: /is not evaluated|cannot read/ },
  { text: "{{ 1 / 0 }}", message: /divides by 0/ },
  { text: "{{ key + 1 }}", message: /counts with what is no number/ },
  { text: "(".repeat(1000).replace(/^/, "{{ ") + " }}", message: /deeper than 100|cannot read/ },
  { text: "{% if key %}".repeat(1000), message: /blocks within each other/ },
  { text: "{{ key", message: /does not end/ },
  { text: "{# key", message: /does not end/ },
  { text: "{% raw %}", message: /raw %\} does not end/ },
  { text: "{{ }}", message: /cannot read the template/ },
  { text: "{{ key key }}", message: /cannot read the template/ },
  { text: "{{ key | }}", message: /cannot read the template/ },
  { text: "{{ (key }}", message: /cannot read the template/ },
  { text: "{{ get_env(name 'A') }}", message: /cannot read the template/ },
  { text: "{{ get_env(name='A' name='B') }}", message: /cannot read the template|not set/ },
];
for (const { text, message } of refused) {
  t.test(`${JSON.stringify(text)} is refused`, async (t) => {
    t.throws(() => renderTemplate(text, context), { name: "UserError", kind: "usage", message });
  });
}

const repeated = (start: string, text: string, times: number) => start + text.repeat(times);
const doubled = (text: string, times: number) => repeated(`{% set x = ${text} %}`, "{% set x = x ~ x %}", times);
const pairs = repeated("{% set x = [] %}", "{% set x = [x, x] %}", 22);
const letters = doubled("'aaaaaaaa'", 14);
const words = doubled("'aaaaaaaa'", 12);
const items = (count: number) => `[${"1,".repeat(count)}]`;
const loop = (count: number, body: string) => `{% for i in ${items(count)} %}${body}{% endfor %}`;

const unlimited: { name: string; text: string; length: number }[] = [
  { name: "a file of any length", text: `${"a".repeat(3_000_000)}{{ key }}`, length: 3_000_002 },
  { name: "a text in a thousand pieces", text: `{{ 'a'${" ~ 'abcdefghij'".repeat(1000)} }}`, length: 10_001 },
  { name: "a loop over a thousand items", text: loop(1000, "{{ i }}{% if i == 1 %}, {% endif %}"), length: 3000 },
  { name: "text that is taken off", text: `${letters}{{ x | trim_end_matches(pat='aa') | length }}`, length: 1 },
  {
    name: "a deep list that is not printed",
    text: `${repeated("{% set x = [] %}", "{% set x = [x] %}", 200)}a`,
    length: 1,
  },
];
for (const { name, text, length } of unlimited) {
  t.test(`${name} is rendered`, async (t) => t.equal(renderTemplate(text, context).length, length));
}

const tooMuch: { name: string; text: string }[] = [
  { name: "a text that doubles", text: `${doubled("'aaaaaaaaaaaaaaaa'", 26)}{{ x }}` },
  { name: "a list that doubles", text: `${pairs}{{ x }}` },
  { name: "a list that doubles, as JSON", text: `${pairs}{{ x | json_encode }}` },
  { name: "a list that doubles, compared", text: `${pairs}{{ x == x }}` },
  { name: "a list that doubles, looked for in itself", text: `${pairs}{{ x in x }}` },
  { name: "a list that doubles, searched", text: `${pairs}{{ x is containing('a') }}` },
  {
    name: "a list of each character, several times",
    text: `${letters}{% set y = x | split(pat='') %}{{ [y, y, y, y] | join }}`,
  },
  { name: "an expression of thousands of terms in a loop", text: loop(300, `{{ 1${" + 1".repeat(2000)} }}`) },
  { name: "an assignment far from its name in a loop", text: loop(300, `{% set y${" ".repeat(5000)}= 1 %}`) },
  { name: "a loop in a loop that is not taken", text: loop(300, `{% if false %}${loop(2000, "")}{% endif %}`) },
  { name: "long text in a loop", text: loop(300, "a".repeat(5000)) },
  { name: "long values in a loop", text: `${doubled("'aaaaaaaa'", 10)}${loop(300, "{{ x }}")}` },
  {
    name: "a loop among thousands of variables",
    text: `${Array.from({ length: 3000 }, (_, at) => `{% set v${at} = 1 %}`).join("")}${loop(1000, "")}`,
  },
  {
    name: "loops within loops",
    text: `${"{% for i in [1, 2, 3, 4, 5, 6, 7, 8] %}".repeat(7)}${"{% endfor %}".repeat(7)}`,
  },
  { name: "each letter replaced by a long text", text: `${letters}{{ x | replace(from='a', to=x) | length }}` },
  { name: "a long text between all items", text: `${letters}{{ x | split(pat='') | join(sep=x) | length }}` },
  { name: "letters that become three", text: `${doubled("'ΐΐΐΐΐΐΐΐ'", 14)}{{ x | upper | upper | upper | length }}` },
  {
    name: "marks that are escaped again and again",
    text: `${doubled("'&&&&'", 12)}{{ x${" | escape".repeat(20)} | length }}`,
  },
  {
    name: "a list that is turned round in a loop",
    text: `{% set x = ${items(5000)} %}${loop(300, "{% set y = x | reverse %}")}`,
  },
  { name: "a long text that is looked for in one like it", text: `${words}{{ (x ~ 'b' ~ x) in (x ~ x ~ x) }}` },
  { name: "a long text that parts one like it", text: `${words}{{ x ~ x ~ x | split(pat=x ~ 'b' ~ x) | length }}` },
  { name: "a long text that is searched in a loop", text: `${words}${loop(300, "{{ 'b' in x }}")}` },
  { name: "a million comments", text: `${"{##}".repeat(1_000_000)}{{ key` },
  {
    name: "values in a loop that are not taken",
    text: loop(300, `{% if false %}${"{{ i }}".repeat(5000)}{% endif %}`),
  },
];
for (const { name, text } of tooMuch) {
  t.test(`${name} is refused as too large`, async (t) => {
    const message = /^a template of that size is not evaluated here$/;
    t.throws(() => renderTemplate(text, context), { name: "UserError", kind: "usage", message });
  });
}

t.test("a list nested deeper than a hundred levels is not printed", async (t) => {
  const nested = repeated("{% set x = [] %}", "{% set x = [x] %}", 20_000);
  for (const use of ["{{ x }}", "{{ x | json_encode }}", "{{ x == x }}", "{{ x in [x] }}"]) {
    const message = /^a list nested deeper than 100 levels is not evaluated here$/;
    t.throws(() => renderTemplate(nested + use, context), { name: "UserError", kind: "usage", message }, use);
  }
});

t.test("a megabyte of braces is rendered at once", async (t) => {
  const text = "{ ".repeat(500_000);
  t.equal(renderTemplate(text, context), text);
  t.equal(renderTemplate("{{ key }}".repeat(20_000), context).length, 40_000);
  t.throws(() => renderTemplate(`{% raw %}${"{%".repeat(200_000)}`, context));
});
