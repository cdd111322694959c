import t from "tap";
import { readLabelSelector, type Labels } from "../../lib/kubernetes/label-selector.ts";

const web: Labels = { app: "web", tier: "fe", "example.com/owner": "jim", empty: "" };
const inApp = (values: unknown) => ({ matchExpressions: [{ key: "app", operator: "In", values }] });
const expression = (key: string, operator: string, values?: unknown) => ({
  matchExpressions: [{ key, operator, ...(values === undefined ? {} : { values }) }],
});

const cases: { name: string; selector: unknown; labels?: Labels; want: boolean }[] = [
  { name: "an empty selector matches everything", selector: {}, want: true },
  { name: "an empty selector matches an object without labels", selector: {}, labels: {}, want: true },
  { name: "null lists are empty", selector: { matchLabels: null, matchExpressions: null }, want: true },
  { name: "a label with the same value", selector: { matchLabels: { app: "web" } }, want: true },
  { name: "a label with another value", selector: { matchLabels: { app: "api" } }, want: false },
  { name: "a label that is missing", selector: { matchLabels: { zone: "a" } }, want: false },
  { name: "an empty value is a value", selector: { matchLabels: { empty: "" } }, want: true },
  { name: "an empty value is not a missing label", selector: { matchLabels: { zone: "" } }, want: false },
  { name: "all of the labels must match", selector: { matchLabels: { app: "web", tier: "be" } }, want: false },
  { name: "a key with a prefix", selector: { matchLabels: { "example.com/owner": "jim" } }, want: true },
  { name: "In with the value", selector: inApp(["api", "web"]), want: true },
  { name: "In without the value", selector: inApp(["api"]), want: false },
  { name: "In on a missing label", selector: expression("zone", "In", ["a"]), want: false },
  { name: "NotIn with the value", selector: expression("app", "NotIn", ["web"]), want: false },
  { name: "NotIn without the value", selector: expression("app", "NotIn", ["api"]), want: true },
  { name: "NotIn on a missing label", selector: expression("zone", "NotIn", ["a"]), want: true },
  { name: "Exists on a label", selector: expression("app", "Exists"), want: true },
  { name: "Exists with an empty list of values", selector: expression("app", "Exists", []), want: true },
  { name: "Exists on a missing label", selector: expression("zone", "Exists"), want: false },
  { name: "DoesNotExist on a label", selector: expression("app", "DoesNotExist"), want: false },
  { name: "DoesNotExist on a missing label", selector: expression("zone", "DoesNotExist"), want: true },
  {
    name: "labels and expressions are both asked",
    selector: { matchLabels: { app: "web" }, ...expression("tier", "NotIn", ["fe"]) },
    want: false,
  },
  { name: "toString is no label of every object", selector: expression("toString", "Exists"), want: false },
];
for (const { name, selector, labels = web, want } of cases) {
  t.test(`${name}: ${want ? "matches" : "does not match"}`, async (t) => {
    const read = readLabelSelector(selector);
    t.same(read.problems, []);
    t.equal(read.selector.matches(labels), want);
  });
}

const invalid: { name: string; selector: unknown; problem: RegExp }[] = [
  { name: "a list", selector: [], problem: /not an object/ },
  { name: "a text", selector: "app=web", problem: /not an object/ },
  { name: "labels in a list", selector: { matchLabels: ["app"] }, problem: /matchLabels is not an object/ },
  { name: "a label that is a number", selector: { matchLabels: { app: 1 } }, problem: /1 cannot be the value/ },
  {
    name: "a prefix that is too long",
    selector: { matchLabels: { [`${"a.".repeat(127)}a/b`]: "c" } },
    problem: /cannot be the key/,
  },
  { name: "a key with a space", selector: { matchLabels: { "a b": "c" } }, problem: /"a b" cannot be the key/ },
  {
    name: "a value that is too long",
    selector: { matchLabels: { app: "x".repeat(64) } },
    problem: /cannot be the value/,
  },
  { name: "expressions in an object", selector: { matchExpressions: {} }, problem: /not a list/ },
  { name: "an expression that is null", selector: { matchExpressions: [null] }, problem: /has no key/ },
  { name: "an unknown operator", selector: expression("app", "Gt", ["1"]), problem: /operator is "Gt"/ },
  { name: "an operator in lower case", selector: expression("app", "in", ["web"]), problem: /operator is "in"/ },
  { name: "In without values", selector: expression("app", "In"), problem: /In needs values/ },
  { name: "NotIn with no values", selector: expression("app", "NotIn", []), problem: /NotIn needs values/ },
  { name: "Exists with values", selector: expression("app", "Exists", ["web"]), problem: /Exists takes no values/ },
  { name: "values in a text", selector: inApp("web"), problem: /values is not a list/ },
];
for (const { name, selector, problem } of invalid) {
  t.test(`an invalid selector matches nothing and says why: ${name}`, async (t) => {
    const read = readLabelSelector(selector);
    t.match(read.problems.join("; "), problem);
    t.equal(read.selector.matches(web), false);
    t.equal(read.selector.mayMatch(web), "no");
  });
}

const open: { selector: unknown; want: string }[] = [
  { selector: { matchLabels: { app: "web" } }, want: "yes" },
  { selector: { matchLabels: { app: "api" } }, want: "no" },
  { selector: { matchLabels: { zone: "a" } }, want: "unknown" },
  { selector: { matchLabels: { zone: "a", app: "api" } }, want: "no" },
  { selector: expression("zone", "DoesNotExist"), want: "unknown" },
  { selector: expression("app", "DoesNotExist"), want: "no" },
];
for (const { selector, want } of open) {
  t.test(`labels that may not be all: ${JSON.stringify(selector)} is ${want}`, async (t) => {
    t.equal(readLabelSelector(selector).selector.mayMatch(web), want);
  });
}

t.test("a selector is shown as kubectl writes it", async (t) => {
  const selector = {
    matchLabels: { app: "web" },
    matchExpressions: [
      { key: "env", operator: "In", values: ["a", "b"] },
      { key: "x", operator: "NotIn", values: ["c"] },
      { key: "y", operator: "Exists" },
      { key: "z", operator: "DoesNotExist" },
    ],
  };
  t.equal(readLabelSelector(selector).selector.text, "app=web,env in (a,b),x notin (c),y,!z");
});
