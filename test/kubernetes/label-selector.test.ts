import t from "tap";
import {
  selects,
  maySelect,
  parseLabelSelector,
  parseSelectorText,
  podSelector,
  selectorText,
  type Labels,
} from "../../lib/kubernetes/label-selector.ts";

const web: Labels = { app: "web", tier: "fe", "example.com/owner": "jim", empty: "" };
const inApp = (values: unknown) => ({ matchExpressions: [{ key: "app", operator: "In", values }] });
const expression = (key: string, operator: string, values?: unknown) => ({
  matchExpressions: [{ key, operator, ...(values === undefined ? {} : { values }) }],
});

const cases: { name: string; selector: unknown; labels?: Record<string, unknown>; want: boolean }[] = [
  { name: "an empty selector matches everything", selector: {}, want: true },
  { name: "an empty selector matches an object without labels", selector: {}, labels: {}, want: true },
  { name: "null lists are empty", selector: { matchLabels: null, matchExpressions: null }, want: true },
  { name: "a label with the same value", selector: { matchLabels: { app: "web" } }, want: true },
  { name: "a label with another value", selector: { matchLabels: { app: "api" } }, want: false },
  { name: "a label that is missing", selector: { matchLabels: { zone: "a" } }, want: false },
  { name: "an empty value is a value", selector: { matchLabels: { empty: "" } }, want: true },
  { name: "a null value is the empty one", selector: { matchLabels: { empty: null } }, want: true },
  { name: "an empty value is not a missing label", selector: { matchLabels: { zone: "" } }, want: false },
  { name: "all of the labels must match", selector: { matchLabels: { app: "web", tier: "be" } }, want: false },
  { name: "a key with a prefix", selector: { matchLabels: { "example.com/owner": "jim" } }, want: true },
  { name: "In with the value", selector: inApp(["api", "web"]), want: true },
  { name: "In without the value", selector: inApp(["api"]), want: false },
  { name: "In on a missing label", selector: expression("zone", "In", ["a"]), want: false },
  { name: "In with the empty value on a missing label", selector: expression("zone", "In", [""]), want: false },
  { name: "NotIn with the value", selector: expression("app", "NotIn", ["web"]), want: false },
  { name: "NotIn without the value", selector: expression("app", "NotIn", ["api"]), want: true },
  { name: "NotIn on a missing label", selector: expression("zone", "NotIn", ["a"]), want: true },
  { name: "Exists on a label", selector: expression("app", "Exists"), want: true },
  { name: "Exists with an empty list of values", selector: expression("app", "Exists", []), want: true },
  { name: "Exists on a missing label", selector: expression("zone", "Exists"), want: false },
  { name: "DoesNotExist on a label", selector: expression("app", "DoesNotExist", null), want: false },
  { name: "DoesNotExist on a missing label", selector: expression("zone", "DoesNotExist"), want: true },
  {
    name: "labels and expressions are both asked",
    selector: { matchLabels: { app: "web" }, ...expression("tier", "NotIn", ["fe"]) },
    want: false,
  },
  { name: "toString is no label of every object", selector: expression("toString", "Exists"), want: false },
  {
    name: "a label whose value is not text is none",
    selector: expression("odd", "Exists"),
    labels: { odd: 1 },
    want: false,
  },
];
for (const { name, selector, labels = web, want } of cases) {
  t.test(`${name}: ${want ? "matches" : "does not match"}`, async (t) => {
    const parsed = parseLabelSelector(selector);
    t.same(parsed.faults, []);
    t.equal(selects(parsed, labels), want);
  });
}

const invalid: { name: string; selector: unknown; fault: RegExp }[] = [
  { name: "none at all", selector: undefined, fault: /not an object/ },
  { name: "null", selector: null, fault: /not an object/ },
  { name: "a list", selector: [], fault: /not an object/ },
  { name: "a text", selector: "app=web", fault: /not an object/ },
  { name: "labels in a list", selector: { matchLabels: ["app"] }, fault: /matchLabels: must be an object/ },
  { name: "a label that is a number", selector: { matchLabels: { app: 1 } }, fault: /value: 1: must be a string/ },
  {
    name: "a prefix that is too long",
    selector: { matchLabels: { [`${"a.".repeat(127)}a/b`]: "c" } },
    fault: /prefix part must be no more than 253 bytes/,
  },
  { name: "a prefix in upper case", selector: { matchLabels: { "A/b": "c" } }, fault: /prefix part/ },
  { name: "a key with a space", selector: { matchLabels: { "a b": "c" } }, fault: /Invalid value: "a b"/ },
  { name: "a value that is too long", selector: inApp(["x".repeat(64)]), fault: /values\[0\].* no more than 63 bytes/ },
  { name: "expressions in an object", selector: { matchExpressions: {} }, fault: /must be a list/ },
  { name: "an expression that is null", selector: { matchExpressions: [null] }, fault: /\[0\].key: Invalid value: ""/ },
  { name: "an empty key", selector: expression("", "Exists"), fault: /name part must be non-empty/ },
  { name: "an unknown operator", selector: expression("app", "Gt", ["1"]), fault: /operator: Invalid value: "Gt"/ },
  {
    name: "an operator in lower case",
    selector: expression("app", "in", ["web"]),
    fault: /operator: Invalid value: "in"/,
  },
  {
    name: "an operator that every object has",
    selector: expression("app", "toString"),
    fault: /operator: Invalid value/,
  },
  { name: "In without values", selector: expression("app", "In"), fault: /\[0\].values: Required value/ },
  { name: "NotIn with no values", selector: expression("app", "NotIn", []), fault: /\[0\].values: Required value/ },
  { name: "Exists with values", selector: expression("app", "Exists", ["web"]), fault: /\[0\].values: Forbidden/ },
  { name: "values in a text", selector: inApp("web"), fault: /values: must be a list/ },
];
for (const { name, selector, fault } of invalid) {
  t.test(`an invalid selector matches nothing and says why: ${name}`, async (t) => {
    const parsed = parseLabelSelector(selector);
    t.match(parsed.faults.join("; "), fault);
    t.equal(selects(parsed, web), false);
    t.equal(selects(parsed, {}), false);
    t.equal(maySelect(parsed, web), "no");
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
    t.equal(maySelect(parseLabelSelector(selector), web), want);
  });
}

t.test("a selector is shown as kubectl writes it", async (t) => {
  const selector = parseLabelSelector({
    matchLabels: { app: "web" },
    matchExpressions: [
      { key: "env", operator: "In", values: ["a", "b"] },
      { key: "x", operator: "NotIn", values: ["c"] },
      { key: "y", operator: "Exists" },
      { key: "z", operator: "DoesNotExist" },
    ],
  });
  t.equal(selectorText(selector), "app=web,env in (a,b),x notin (c),y,!z");
});

const labels = { env: "dev", team: "web", "example.com/x": "" };
const texts: [text: string, isMatch: boolean, canonical: string][] = [
  ["", true, ""],
  [" \t", true, ""],
  ["env=dev", true, "env=dev"],
  ["env==dev , team = web", true, "env=dev,team=web"],
  ["env=dev,env==dev", true, "env=dev"],
  ["env=dev,env=qa", false, "env=dev,env=qa"],
  ["env!=dev", false, "env!=dev"],
  ["other!=x", true, "other!=x"],
  ["other=", false, "other="],
  ["example.com/x=", true, "example.com/x="],
  ["env in (qa, dev,qa)", true, "env in (dev,qa)"],
  ["env in(dev)", true, "env in (dev)"],
  ["env in (,)", false, "env in (,)"],
  ["env notin (dev)", false, "env notin (dev)"],
  ["other notin (dev)", true, "other notin (dev)"],
  ["example.com/x", true, "example.com/x"],
  ["!env", false, "!env"],
  ["! other", true, "!other"],
  ["in in (in),notin", false, "in in (in),notin"],
  ["team,env in (dev,qa),!none", true, "!none,env in (dev,qa),team"],
  ["toString", false, "toString"],
];
for (const [text, isMatch, canonical] of texts) {
  t.test(`${JSON.stringify(text)} ${isMatch ? "matches" : "does not match"}`, async (t) => {
    t.equal(selects(parseSelectorText(text), labels), isMatch);
    t.equal(selectorText(parseSelectorText(text)), canonical);
  });
}
for (const [, , canonical] of texts) {
  t.test(`${JSON.stringify(canonical)} is read as itself`, async (t) =>
    t.equal(selectorText(parseSelectorText(canonical)), canonical),
  );
}

for (const text of [
  "a=(b",
  "=x",
  "a b",
  "a in b",
  "a,,b",
  "a=b,",
  "-a",
  "a in (x y)",
  "a in ()",
  "a in (x",
  "a in (x))",
  "a in ((x))",
  "a=b c",
  "a=b=c",
  "!!a",
  "!a=b",
  "!",
  ",",
  "a>1",
  "A.com/b=c",
  "a/b/c=d",
  `${"a".repeat(64)}=b`,
  `a=${"b".repeat(64)}`,
  "a\u00A0=b",
]) {
  t.test(`${JSON.stringify(text)} is refused`, async (t) =>
    t.throws(() => parseSelectorText(text), { kind: "usage", message: /unable to parse/ }),
  );
}

const object = (kind: string, selector?: unknown) => ({ apiVersion: "v1", kind, metadata: {}, spec: { selector } });
const pods: { name: string; kind: string; selector?: unknown; want: string | undefined; faults?: RegExp }[] = [
  { name: "a service without a selector", kind: "Service", want: undefined },
  { name: "a service with an empty selector", kind: "Service", selector: {}, want: undefined },
  { name: "a service with labels", kind: "Service", selector: { app: "web", tier: "fe" }, want: "app=web,tier=fe" },
  {
    name: "a service whose label is called like a field of other selectors",
    kind: "Service",
    selector: { matchLabels: "x" },
    want: "matchLabels=x",
  },
  {
    name: "a service that no server would take",
    kind: "Service",
    selector: { "a b": "c" },
    want: "a b=c",
    faults: /a b/,
  },
  { name: "a deployment", kind: "Deployment", selector: { matchLabels: { app: "web" } }, want: "app=web" },
  { name: "a job whose selector is not written yet", kind: "Job", want: undefined },
  { name: "a stateful set with a list", kind: "StatefulSet", selector: [], want: "", faults: /not an object/ },
];
for (const { name, kind, selector, want, faults } of pods) {
  t.test(`the pods of ${name}`, async (t) => {
    const parsed = podSelector(object(kind, selector));
    t.equal(parsed === undefined ? undefined : selectorText(parsed), want);
    if (faults === undefined) t.same(parsed?.faults ?? [], []);
    else t.match(parsed?.faults.join("; "), faults);
  });
}
