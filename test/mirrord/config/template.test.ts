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

t.test("a megabyte of braces is rendered at once", async (t) => {
  const text = "{ ".repeat(500_000);
  t.equal(renderTemplate(text, context), text);
  t.equal(renderTemplate("{{ key }}".repeat(20_000), context).length, 40_000);
  t.throws(() => renderTemplate(`{% raw %}${"{%".repeat(200_000)}`, context));
});
