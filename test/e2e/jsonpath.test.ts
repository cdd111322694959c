// `-o jsonpath` beside the real kubectl: the table of test/jsonpath/cases.json, and random templates.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { jsonPath, jsonPathTexts } from "../../lib/jsonpath/jsonpath.ts";
import { JsonPathError } from "../../lib/jsonpath/nodes.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { cases, sample, words, type JsonPathCase } from "../jsonpath/cases.ts";
import { random, type Random } from "../rbac/random.ts";
import { until } from "../until.ts";

const COUNT = Number(process.env["JSONPATH_COUNT"] ?? 80);
const SEED = Number(process.env["JSONPATH_SEED"] ?? 3);

const plane = await startControlPlane({ controllerManager: false, auditLog: false });
const folder = mkdtempSync(join(tmpdir(), "jsonpath-"));
t.teardown(async () => {
  await plane.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function kubectl(...args: string[]): Promise<{ stdout: string; stderr: string; isDone: boolean }> {
  const env = { ...process.env, KUBECONFIG: plane.kubeconfig, HOME: folder };
  return await new Promise((resolve) => {
    execFile(plane.kubectl, ["--context", "admin", ...args], { env }, (error, stdout, stderr) =>
      resolve({ stdout, stderr, isDone: error === null }),
    );
  });
}

const schema = {
  type: "object",
  properties: { data: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
};
const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "samples.jsonpath.test" },
  spec: {
    group: "jsonpath.test",
    scope: "Cluster",
    names: { plural: "samples", singular: "sample", kind: "Sample" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
  },
};
const file = (name: string, object: object): string => {
  writeFileSync(join(folder, name), JSON.stringify(object));
  return join(folder, name);
};
await kubectl("create", "-f", file("definition.json", definition));
await until("the sample is there", async () => (await kubectl("create", "-f", file("sample.json", sample))).isDone);

/** What kubectl prints, or says that is wrong. */
async function askKubectl(template: string): Promise<Pick<JsonPathCase, "prints" | "fails">> {
  const { stdout, stderr, isDone } = await kubectl("get", "samples", "x", "-o", `jsonpath=${template}`);
  if (isDone) return { prints: stdout };
  const [, executing] = /Error executing template: ([^]*)\. Printing more/.exec(stderr) ?? [];
  const parsing = `error: error parsing jsonpath ${template}, `;
  if (executing === undefined && !stderr.startsWith(parsing)) throw new Error(stderr);
  return { fails: executing ?? stderr.trimEnd().slice(parsing.length) };
}

/** Two at once: each starts a process. */
async function forEach<Item>(items: readonly Item[], does: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values();
  const worker = async () => {
    for (const item of left) await does(item);
  };
  await Promise.all([worker(), worker()]);
}

t.test("the table is what kubectl does", async (t) => {
  await forEach(cases, async ({ template, prints, fails, anyOrder = false }) => {
    const found = await askKubectl(template);
    if (anyOrder) t.same(words(found.prints ?? ""), words(prints ?? ""), template);
    else t.same(found, fails === undefined ? { prints } : { fails }, template);
  });
});

t.test(`random templates, seed ${SEED}`, async (t) => {
  const source = random(SEED);
  const templates = Array.from({ length: COUNT }, () => anyTemplate(source));
  let printed = 0;
  await forEach(templates, async (template) => {
    const [theirs, ours] = [await askKubectl(template), ask(template)];
    if (theirs.prints !== undefined && theirs.prints.trim() !== "") printed += 1;
    const isOrdered = !/\.\.|\*/.test(template);
    if (isOrdered || ours.fails !== undefined) t.same(ours, theirs, template);
    else t.same(words(ours.prints ?? ""), words(theirs.prints ?? ""), template);
  });
  t.ok(printed > COUNT / 4, `${printed} of ${COUNT} print something`);
});

function ask(template: string): Pick<JsonPathCase, "prints" | "fails"> {
  try {
    return { prints: [...jsonPathTexts(jsonPath(template), sample)].join("") };
  } catch (error) {
    if (error instanceof JsonPathError) return { fails: error.message };
    throw error;
  }
}

const roots = ["items", "nested", "one", "keys", "word", "numbers", "yes", "nothing", "missing", "lines"] as const;

/** Steps that often fit what stands there, and sometimes do not; some templates have a character too many or too few. */
function anyTemplate(source: Random): string {
  const action = () => `{${source.pick(["", "", "@", "$"])}.data${anyPath(source)}}`;
  const shapes: [() => string, ...(() => string)[]] = [
    action,
    action,
    () => `${action()}${source.pick([" ", '{"\\n"}', ", ", "{'x'}"])}${action()}`,
    () => `{range .data.items[*]}${itemAction(source)}{"\\t"}${itemAction(source)}{"\\n"}{end}`,
    () => `{range .data.${source.pick(roots)}[*]}{@}{";"}{end}${action()}`,
  ];
  const template = source.pick(shapes)();
  if (!source.chance(0.12)) return template;
  const at = source.below(template.length);
  return source.chance(0.5)
    ? template.slice(0, at) + template.slice(at + 1)
    : template.slice(0, at) +
        source.pick(["}", "[", "]", ".", "*", "'", '"', "\\", ",", "0", "@"]) +
        template.slice(at);
}

function anyPath(source: Random): string {
  if (source.chance(0.7)) return `.items${anyStep(source)}${itemField(source)}`;
  return `.${source.pick(roots)}${source.chance(0.5) ? anyStep(source) : ""}${source.chance(0.2) ? anyStep(source) : ""}`;
}

function anyStep(source: Random): string {
  const number = (): string => source.pick(["", "0", "1", "2", "-1", "-2", "3", "-4"]);
  return source.pick<() => string>([
    () => `[${number()}]`,
    () => `[${number()}:${number()}]`,
    () => `[${number()}:${number()}:${number()}]`,
    () => `[${number()},${number()}]`,
    () => "[*]",
    () => filter(source),
    () => filter(source),
    () => `['${source.pick(["a\\.b", "10", "two", "name"])}']`,
    () => source.pick([".*", "..name", ".two.three"]),
  ])();
}

function filter(source: Random): string {
  const left = source.pick(["@.name", "@.replicas", "@.ready", "@.load", "@.ports[0]", "@.note", "@"]);
  if (source.chance(0.25)) return `[?(${left})]`;
  const right = source.pick(['"web"', "'db'", "1", "2", "1.5", "true", "false", "80", "@.kind", '"Job"']);
  return `[?(${left}${source.pick(["==", "!=", "<", ">", "<=", ">=", " == ", "=~"])}${right})]`;
}

const itemField = (source: Random): string =>
  source.pick([".name", ".kind", ".ports", ".ports[0]", ".ports[-1:]", ".replicas", ".labels", ".note", ".load", ""]);

const itemAction = (source: Random): string => `{${itemField(source)}}`;
