import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import t from "tap";
import { denialsIn, type Denial } from "../../lib/kubernetes/denials.ts";
import { goQuote } from "../../lib/text/go-quote.ts";
import { steps } from "../steps.ts";

const getWeb: Denial = {
  user: "jim",
  attributes: { verb: "get", apiGroup: "apps", resource: "deployments", namespace: "dev", name: "web" },
};
const said =
  'deployments.apps "web" is forbidden: User "jim" cannot get resource "deployments" in API group "apps" in the namespace "dev"';

const cases: { name: string; text: string; want: Denial[] }[] = [
  { name: "nothing was refused", text: "connection refused", want: [] },
  { name: "the server's words alone", text: said, want: [getWeb] },
  { name: "kubectl's words", text: `Error from server (Forbidden): ${said}\n`, want: [getWeb] },
  {
    name: "mirrord's words, with the Status that repeats it, cut off",
    text: `Failed resolving target while using the mirrord-operator: ApiError: ${said}: Forbidden (Status { status: Some(Failure), code: 403, message: ${JSON.stringify(said).slice(0, 90)}`,
    want: [getWeb],
  },
  { name: "a Status in JSON", text: JSON.stringify({ kind: "Status", message: said, code: 403 }), want: [getWeb] },
  {
    name: "a Status in JSON in a log line in JSON",
    text: JSON.stringify({ log: JSON.stringify({ message: said }) }),
    want: [getWeb],
  },
  {
    name: "a message that was wrapped with bars, and coloured",
    text: `  \u001b[31m×\u001b[0m mirrord operator rejected: deployments.apps "web" is\n  │ forbidden: User "jim" cannot get resource\n  │ "deployments" in API group "apps" in the namespace\r\n  │ "dev"`,
    want: [getWeb],
  },
  {
    name: "links, and character sets of a terminal",
    text: said.replace(
      "deployments.apps",
      "\u001b(B\u009b1mdeployments\u001b]8;;https://x\u001b\\.apps\u001b]8;;\u0007",
    ),
    want: [getWeb],
  },
  {
    name: "a name that was wrapped at its dash",
    text: 'pods "my-\n  | app" is forbidden: User "jim" cannot get resource "pods" in API group "" in the namespace "team-\na"',
    want: [
      {
        user: "jim",
        attributes: { verb: "get", apiGroup: "", resource: "pods", namespace: "team-a", name: "my-app" },
      },
    ],
  },
  {
    name: "no name: all of them were wanted",
    text: 'pods is forbidden: User "jim" cannot list resource "pods" in API group "" at the cluster scope',
    want: [{ user: "jim", attributes: { verb: "list", apiGroup: "", resource: "pods" } }],
  },
  {
    name: "a subresource",
    text: 'pods "web" is forbidden: User "system:serviceaccount:ci:runner" cannot create resource "pods/exec" in API group "" in the namespace "dev": no',
    want: [
      {
        user: "system:serviceaccount:ci:runner",
        attributes: {
          verb: "create",
          apiGroup: "",
          resource: "pods",
          subresource: "exec",
          namespace: "dev",
          name: "web",
        },
      },
    ],
  },
  {
    name: "a path",
    text: 'forbidden: User "system:anonymous" cannot get path "/metrics"',
    want: [{ user: "system:anonymous", attributes: { verb: "get", path: "/metrics" } }],
  },
  { name: "twice the same", text: `${said}\n${said}`, want: [getWeb] },
  {
    name: "the name of the one before is not that of the next",
    text: `${said}\npods is forbidden: User "jim" cannot list resource "pods" in API group "" in the namespace "dev"`,
    want: [getWeb, { user: "jim", attributes: { verb: "list", apiGroup: "", resource: "pods", namespace: "dev" } }],
  },
  { name: "it is cut off", text: said.slice(0, -6), want: [] },
  { name: "escapes that no server writes", text: said.replace("jim", String.raw`j\qm`), want: [] },
  {
    name: "a path with such escapes",
    text: String.raw`User "jim" cannot get path "/\q"`,
    want: [],
  },
  { name: "a resource with such escapes", text: said.replace('"deployments" in', String.raw`"\q" in`), want: [] },
];
for (const { name, text, want } of cases) t.test(name, async (t) => t.same(denialsIn(text), want));

const word = fc.string({ unit: "binary-ascii", maxLength: 40 });
const hostile = fc.oneof(
  word,
  fc.constantFrom(
    'x" cannot get resource "secrets" in API group "" in the namespace "kube-system',
    'User "admin" cannot get resource "secrets" in API group "" at the cluster scope',
    '\\" is forbidden: User \\"bob\\" cannot get path \\"/x\\"',
  ),
);

t.test("no name passes for words of the server, however the text is wrapped in JSON", async (t) => {
  fc.assert(
    fc.property(hostile, hostile, fc.integer({ min: 0, max: 2 }), (user, name, depth) => {
      const named = name === "" ? "pods" : `pods ${goQuote(name)}`;
      let text = `${named} is forbidden: User ${goQuote(user)} cannot get resource "pods" in API group "" in the namespace "dev"`;
      for (let at = 0; at < depth; at += 1) text = JSON.stringify({ message: text });
      const attributes = { verb: "get", apiGroup: "", resource: "pods", namespace: "dev" };
      t.same(denialsIn(text), [{ user, attributes: name === "" ? attributes : { ...attributes, name } }]);
    }),
    { numRuns: 300 },
  );
});

const blanks = " ".repeat(400_000);
const repeated: { name: string; text: string; want: Denial[] }[] = [
  {
    name: "blanks in a name",
    text: said.replace("jim", `j${blanks}m`),
    want: [{ ...getWeb, user: `j${blanks}m` }],
  },
  {
    name: "blanks around a line end in a name",
    text: said.replace("jim", `j${blanks}\n${blanks}m`),
    want: [{ ...getWeb, user: "j m" }],
  },
  {
    name: "blanks in a type",
    text: said.replace('"deployments"', `"d${blanks}s"`),
    want: [{ ...getWeb, attributes: { ...getWeb.attributes, resource: `d${blanks}s` } }],
  },
  { name: "links of a terminal without an end", text: `${"\u001b]".repeat(400_000)}\n${said}`, want: [getWeb] },
];
for (const { name, text, want } of repeated)
  t.test(`a text of very many ${name}`, async (t) => t.ok(isDeepStrictEqual(denialsIn(text), want)));

const module = new URL("../../lib/kubernetes/denials.ts", import.meta.url).href;
for (const piece of [
  'User "',
  '" is forbidden: ',
  'User "a" cannot ',
  '\\"',
  "\n | ",
  'User "a" cannot get resource "p" in API group ""',
])
  t.test(`the work grows with the length of a text of ${JSON.stringify(piece)}`, async (t) => {
    const [short, long] = await Promise.all(
      [500, 5000].map((times) => steps(module, "denialsIn", piece.repeat(times))),
    );
    t.ok((long ?? Infinity) <= 12 * (short ?? 0), `${long} after ${short}`);
  });
