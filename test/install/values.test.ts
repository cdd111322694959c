import t from "tap";
import { isSwitch, readValues, scalarText } from "../../lib/install/values.ts";
import type { JsonObject } from "../../lib/json.ts";
import { saysKept } from "../kept-text.ts";

const given = (path: string, value: unknown): JsonObject =>
  path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as JsonObject;

/** A path of each type, and what it may not be. */
const wrong: [path: string, ...values: unknown[]][] = [
  ["namespace", 1, true, [], {}],
  ["openshift", "true", 1, [], {}],
  ["operator.port", "443", 4.5, true, [], {}],
  ["operator.requests.cpu", true, [], {}],
  ["roleNamespaces", "dev", [1], {}],
  ["extraObjects", {}, "x"],
  ["operator.affinity", [], "x"],
  ["operator.podLabels", { a: 1 }, [], "x"],
  ["operator.extraEnv", { a: [] }, "x"],
  ["agent.image", 1, []],
  ["operator", "x", 1, true, []],
];
for (const [path, ...values] of wrong) {
  for (const value of values) {
    t.test(`${path} cannot be ${JSON.stringify(value)}`, async (t) => {
      saysKept(t, import.meta.filename, `${path} ${JSON.stringify(value)}`, () => readValues(given(path, value)).all);
    });
  }
}

const unknown = [
  "operator.prot",
  "imageTag",
  "operatr.port",
  "agent.prt",
  "x",
  "operator.x.y",
  "sa.nam",
  "license.keyref",
];
for (const path of unknown) {
  t.test(`there is no value ${path}`, async (t) => {
    saysKept(t, import.meta.filename, path, () => readValues(given(path, "v")).all);
  });
}

t.test("all faults are told at once, and no value", async (t) => {
  saysKept(t, import.meta.filename, "several", () =>
    readValues({ a: "secret", namespace: 1, operator: { b: "secret" } }),
  );
});

const right: [path: string, ...values: unknown[]][] = [
  ["operator.requests.cpu", 1, "100m"],
  ["operator.extraEnv", { A: 1, B: "x", C: true, D: { valueFrom: {} } }],
  ["agent.image", "x", { tag: "1" }],
  ["operator.podLabels", { a: "b" }],
];
for (const [path, ...values] of right) {
  for (const value of values) {
    t.test(`${path} can be ${JSON.stringify(value)}`, async (t) => {
      t.same(readValues(given(path, value)).get(path), value);
    });
  }
}

t.test("a value is read as what it is, and as nothing where it is something else", async (t) => {
  const values = readValues({ roleNamespaces: ["a"], operator: { port: 1, podLabels: { a: "b" } } });
  t.equal(values.text("namespace"), "mirrord");
  t.equal(values.text("operator.port"), "");
  t.equal(values.number("operator.port"), 1);
  t.equal(values.number("namespace"), undefined);
  t.equal(values.flag("createNamespace"), true);
  t.equal(values.flag("openshift"), false);
  t.equal(values.flag("namespace"), false);
  t.same(values.texts("roleNamespaces"), ["a"]);
  t.same(values.list("roleNamespaces"), ["a"]);
  t.same(values.list("namespace"), []);
  t.same(values.labels("operator.podLabels"), { a: "b" });
  t.same(values.object("operator.podLabels"), { a: "b" });
  t.same(values.object("namespace"), {});
  t.throws(() => values.get("operator.x"), { message: "there is no value operator.x" });
});

t.test("labels are merged with their default, and null takes one, or all of a group, back", async (t) => {
  const data = (set: unknown) => readValues({ tls: { data: set } }).get("tls.data");
  t.same(data({ "tls.key": "k" }), { "tls.key": "k", "tls.crt": "" });
  t.same(data({ "tls.key": null }), { "tls.crt": "" });
  t.equal(data(null), undefined);
  const values = readValues({ agent: null });
  t.equal(values.get("agent.priorityClass.name"), undefined);
  t.equal("agent" in values.all, false);
});

t.test("the whole of the values is nested as it was given", async (t) => {
  t.match(readValues({ operator: { preview: { labels: { a: "b" } } } }).all, {
    namespace: "mirrord",
    operator: { port: 443, preview: { labels: { a: "b" }, cleanupAfterMins: 15 } },
  });
});

t.test("a scalar is a text as YAML writes it, and all else is none", async (t) => {
  t.same([scalarText("a"), scalarText(1), scalarText(false)], ["a", "1", "false"]);
  t.same([scalarText({}), scalarText([]), scalarText(undefined), scalarText(null)], Array(4).fill(undefined));
  t.equal(isSwitch("openshift"), true);
  t.equal(isSwitch("namespace"), false);
  t.equal(isSwitch("x"), false);
});
