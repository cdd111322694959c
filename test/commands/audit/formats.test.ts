// Which command of the audit has which format, what each format looks like, and what is said of the others.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { parseDocuments } from "../../../lib/yaml.ts";
import { clusterRole, clusterRoleBinding, rule, user } from "../../rbac/objects.ts";
import { readExposition } from "../../view/exposition.ts";
import { sarifFaults } from "../../view/sarif-faults.ts";
import { exampleMemory, runGrant } from "../grant-world.ts";
import { runAuditOn } from "./run.ts";

const schemas = join(import.meta.dirname, "..", "..", "..", "docs", "schema");
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, validateFormats: false });
const byKind = new Map(
  readdirSync(schemas).flatMap((file) => {
    if (!file.startsWith("audit-")) return [];
    const schema: { properties: { kind: { const?: string; enum?: string[] } } } = JSON.parse(
      readFileSync(join(schemas, file), "utf8"),
    );
    const { const: kind, enum: kinds = kind === undefined ? [] : [kind] } = schema.properties.kind;
    const matches = ajv.compile(schema);
    return kinds.map((each) => [each, matches] as const);
  }),
);

t.setTimeout(300_000);

/** A user's name that means something in CSV, Markdown, HTML, SARIF and on a terminal. */
const hostile = '=cmd|"<script>alert(1)</script>",\u202e*x*';

const folder = t.testdir({
  "change.json": JSON.stringify(clusterRoleBinding("newcomer", "all", [user(`${hostile} too`)])),
});
const start = { message: "Session Start", client_user: hostile, target: "deployment/web", target_namespace: "dev" };
const log = join(folder, "operator.log");
writeFileSync(log, `${JSON.stringify({ timestamp: "2026-11-20T10:00:00Z", level: "INFO", fields: start })}\n`);

const cluster = exampleMemory();
t.match(await runGrant(["jim", "--ns", "dev", "--ns", "qa", "--yes"], { cluster }), { code: 0 });
cluster.put(
  clusterRole("all", [rule("*", "*", "*")]),
  clusterRoleBinding("root", "all", [user(hostile)]),
  clusterRole("impersonator", [rule("", "users", "impersonate")]),
  clusterRoleBinding("actor", "impersonator", [user(`${hostile} actor`)]),
  clusterRoleBinding("by-hand", "mirrord-operator-user", [user(hostile)]),
  {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "host", namespace: "dev" },
    spec: { template: { spec: { hostNetwork: true, containers: [{ name: "x", image: "x" }] } } },
  },
);

const lists = ["table", "wide", "json", "yaml", "csv"];
const commands: Record<string, { words: string[]; code: number; formats: string[] }> = {
  summary: { words: [], code: 1, formats: [...lists, "sarif", "markdown", "html", "metrics"] },
  findings: { words: ["findings"], code: 1, formats: [...lists, "sarif", "markdown", "html", "metrics"] },
  rules: { words: ["findings", "--rules"], code: 0, formats: [...lists, "markdown", "html"] },
  "who-can": { words: ["who-can", "mirror", "deploy/web", "-n", "dev"], code: 0, formats: [...lists, "markdown"] },
  matrix: { words: ["matrix"], code: 0, formats: [...lists, "markdown", "html"] },
  privileged: { words: ["privileged"], code: 1, formats: [...lists, "sarif", "markdown"] },
  usage: { words: ["usage", "--log", log], code: 0, formats: [...lists, "markdown", "partial"] },
  unused: { words: ["unused", "--log", log], code: 3, formats: [...lists, "markdown"] },
  drift: { words: ["drift"], code: 1, formats: [...lists, "sarif", "markdown"] },
  diff: {
    words: ["diff", "--overlay", join(folder, "change.json")],
    code: 1,
    formats: [...lists, "markdown"],
  },
};

/** All that any command has, kubectl's own names of things, and a slip. */
const everyFormat = [...new Set([...Object.values(commands).flatMap(({ formats }) => formats), "name", "xml", "JSON"])];

function documentFaults(value: unknown): string[] {
  const { apiVersion, kind = "" } = value as { apiVersion?: string; kind?: string };
  const matches = byKind.get(kind);
  if (apiVersion !== "kubectl-mirrord.io/v1alpha1" || matches === undefined) return [`no document of ours: ${kind}`];
  return matches(value) ? [] : [JSON.stringify(matches.errors)];
}

const CONTROL = /[^\P{Cc}\r\n\t]|\p{Cf}/u;

/** What is wrong with a text for a format; nothing of it may steer a terminal. */
function faults(format: string, text: string): string[] {
  if (CONTROL.test(text)) return ["a character that steers what shows it"];
  switch (format) {
    case "json":
    case "partial":
      return documentFaults(JSON.parse(text));
    case "yaml":
      return parseDocuments(text, { source: "stdout" }).flatMap(documentFaults);
    case "sarif":
      return sarifFaults(JSON.parse(text));
    case "csv": {
      const [head = "", ...rows] = csvRows(text);
      const widths = new Set(rows.map((row) => row.length));
      const formulas = rows.flat().filter((field) => /^[=+@\t\r]/.test(field));
      return [
        ...(widths.size === 1 && widths.has(head.length) ? [] : [`rows of ${[...widths].join(", ")} fields`]),
        ...formulas.map((field) => `a formula: ${field}`),
      ];
    }
    case "markdown": {
      const cells = text.split("\n").filter((line) => line.startsWith("| "));
      return [
        ...(cells.length > 2 ? [] : ["no table"]),
        ...(/<script|[^\\]\*x/.test(text) ? ["a value is markup"] : []),
      ];
    }
    case "html":
      return text.startsWith("<!doctype html>") && !text.includes("<script>alert") ? [] : ["not a safe page"];
    case "metrics":
      return readExposition(text).samples.length > 3 ? [] : ["hardly a number"];
    default:
      return text.startsWith("{") || !text.endsWith("\n") ? ["not lines"] : [];
  }
}

/** RFC 4180. */
function csvRows(text: string): string[][] {
  if (!text.endsWith("\r\n")) throw new Error("the last line is not ended");
  return text
    .slice(0, -2)
    .split("\r\n")
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) =>
        quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'),
      ),
    );
}

for (const [name, { words, code, formats }] of Object.entries(commands)) {
  for (const format of formats)
    t.test(`${name} -o ${format}`, async (t) => {
      const ran = await runAuditOn(cluster, ...words, "-o", format);
      t.equal(ran.code, code, `the exit code is that of every format: ${ran.stderr}`);
      t.same(faults(format, ran.stdout), [], ran.stdout.slice(0, 500));
      if (format === "csv" || format === "wide" || format === "table") {
        const bare = await runAuditOn(cluster, ...words, "-o", format, "--no-headers");
        t.ok(bare.stdout.length < ran.stdout.length, "--no-headers leaves them out");
      }
    });
  if (name === "rules") continue;
  const others = everyFormat.filter((format) => !formats.includes(format));
  t.test(
    `${name} has no ${others.join(", ")}: refused with the list of those that it has, before anything is read`,
    async (t) => {
      for (const format of others) {
        const before = cluster.objects().length;
        const { code: refused, stdout, stderr } = await runAuditOn(cluster, ...words, "-o", format);
        t.same({ refused, stdout }, { refused: 2, stdout: "" }, format);
        t.match(stderr, `for the output format "${format}", allowed formats are: `);
        const offered = /allowed formats are: (\S+)/
          .exec(stderr)?.[1]
          ?.split(",")
          .filter((each) => !/^(custom|jsonpath)/.test(each));
        t.same(offered, formats.toSorted());
        t.equal(cluster.objects().length, before);
      }
    },
  );
}
