import t from "tap";
import { labelSelector, labelsOf } from "../../lib/kubernetes/aggregation-selector.ts";

const labels = labelsOf({ labels: { app: "web", tier: "", odd: 1 } });

const cases: { name: string; selector: unknown; want: boolean }[] = [
  { name: "the empty selector", selector: {}, want: true },
  { name: "no selector", selector: null, want: true },
  { name: "all labels equal", selector: { matchLabels: { app: "web", tier: "" } }, want: true },
  { name: "one label other", selector: { matchLabels: { app: "web", tier: "x" } }, want: false },
  { name: "a label that is not there", selector: { matchLabels: { none: "" } }, want: false },
  { name: "In", selector: { matchExpressions: [{ key: "app", operator: "In", values: ["db", "web"] }] }, want: true },
  {
    name: "In, not there",
    selector: { matchExpressions: [{ key: "none", operator: "In", values: [""] }] },
    want: false,
  },
  { name: "NotIn", selector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] }, want: false },
  {
    name: "NotIn, not there",
    selector: { matchExpressions: [{ key: "none", operator: "NotIn", values: ["web"] }] },
    want: true,
  },
  { name: "Exists", selector: { matchExpressions: [{ key: "tier", operator: "Exists" }] }, want: true },
  {
    name: "DoesNotExist",
    selector: { matchExpressions: [{ key: "tier", operator: "DoesNotExist", values: null }] },
    want: false,
  },
  {
    name: "labels and expressions together",
    selector: { matchLabels: { app: "web" }, matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] },
    want: false,
  },
  {
    name: "a label whose value is not text",
    selector: { matchExpressions: [{ key: "odd", operator: "Exists" }] },
    want: false,
  },
];

for (const { name, selector, want } of cases) {
  t.test(`${name}: ${want ? "selected" : "not selected"}`, async (t) => {
    const selects = labelSelector(selector);
    t.equal(typeof selects === "string" ? selects : selects(labels), want);
  });
}

for (const selector of [
  "app=web",
  { matchLabels: ["app"] },
  { matchExpressions: {} },
  { matchExpressions: [null] },
  { matchExpressions: [{ key: "app", operator: "in", values: ["web"] }] },
  { matchExpressions: [{ key: "app", operator: "In", values: [] }] },
  { matchExpressions: [{ key: "app", operator: "Exists", values: ["web"] }] },
  { matchExpressions: [{ key: "", operator: "Exists" }] },
]) {
  t.test(`not a selector: ${JSON.stringify(selector)}`, async (t) => t.type(labelSelector(selector), "string"));
}
