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
  { text: "{{ key | slugify }}", message: /filter slugify is not evaluated/ },
  { text: "{% if key %}a{% endif %}", message: /statement \{% if key %\} is not evaluated/ },
  { text: "{{ key", message: /does not end/ },
  { text: "{# key", message: /does not end/ },
  { text: "{% raw %}", message: /raw %\} does not end/ },
  { text: "{{ }}", message: /cannot read the template/ },
  { text: "{{ key key }}", message: /cannot read the template/ },
  { text: "{{ key | }}", message: /cannot read the template/ },
  { text: "{{ (key }}", message: /cannot read the template/ },
  { text: "{{ get_env(name 'A') }}", message: /cannot read the template/ },
  { text: "{{ get_env(name='A' name='B') }}", message: /cannot read the template|not set/ },
  { text: "{{ 1 + 1 }}", message: /is not evaluated/ },
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
