import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { parseDocuments } from "../../lib/yaml.ts";
import { clusterPolicy, policy, shopPolicies } from "../mirrord/policy-fixtures.ts";
import { exampleFolder } from "./policy-world.ts";

const folder = join(import.meta.dirname, "../../docs/schema");
const ajv = new Ajv2020({ allErrors: true, strict: true });
const kinds = new Map<string, string>();
for (const file of readdirSync(folder).filter((name) => name.startsWith("policy-"))) {
  const schema = JSON.parse(readFileSync(join(folder, file), "utf8")) as {
    $id: string;
    properties?: { kind: { const: string } };
  };
  ajv.addSchema(schema);
  if (schema.properties !== undefined) kinds.set(schema.properties.kind.const, schema.$id);
}

function faults(value: unknown): string {
  const { kind } = value as { kind: string };
  const validate = ajv.getSchema(kinds.get(kind) ?? "");
  if (validate === undefined) return `no schema for ${kind}`;
  return validate(value) === true ? "" : ajv.errorsText(validate.errors);
}

const cases = `apiVersion: kubectl-mirrord.io/v1alpha1
kind: PolicyTestCases
cases:
- {target: deploy/web, action: steal, expected: no, by: [no-steal], namespace: dev, profile: x, labels: {app: web}}
- {target: deploy/web, action: mirror, expected: no}
`;

t.test("every JSON and YAML output is as its schema says", async (t) => {
  const { run, file } = exampleFolder(t);
  file("cluster/policies.yaml", [
    ...shopPolicies,
    policy(
      { block: ["steal"], targetPath: "deploy/*", selector: { matchLabels: { "not a key": "x" } } },
      { name: "odd", namespace: "dev" },
    ),
    policy({ block: ["steal"] }, { name: "no-steal", namespace: "dev" }),
    clusterPolicy({ fs: { local: ["^/etc"] }, profileAllowlist: ["a"], env: { exclude: ["A*"] } }, "soft"),
  ]);
  const local = file("local.yaml", [policy({ block: ["mirror"] }, { name: "local", namespace: "dev" })]);
  const expected = file("cases.yaml", cases);
  const uses = ["--outgoing", "db:5432", "--read", "/etc/x", "--write", "/etc/x", "--env", "A"];
  const commands = [
    ["list", "-A"],
    ["describe", "no-steal", "-n", "dev"],
    ["test", "deploy/web", "-n", "dev", "-f", local, ...uses],
    ["test", "targetless", "-n", "dev"],
    ["test", "label/app=web", "-n", "dev", "--operator-version", "4.0"],
    ["test", "deploy/nowhere", "-n", "dev"],
    ["test", "--all", "-A", ...uses],
    ["test", "--expect", expected, "-n", "dev"],
    ["lint"],
    ["lint", "-f", local],
    ["lint", "--rules"],
  ];
  const seen = new Set<string>();
  for (const words of commands) {
    const asJson = JSON.parse((await run(...words, "-o", "json")).stdout) as { kind: string };
    const [asYaml] = parseDocuments((await run(...words, "-o", "yaml")).stdout, { source: "stdout" });
    t.equal(faults(asJson), "", words.join(" "));
    t.same(asYaml, asJson);
    seen.add(asJson.kind);
  }
  t.same([...seen, "PolicyTestCases"].toSorted(), [...kinds.keys()].toSorted(), "every schema was used");
  t.equal(faults(parseDocuments(cases, { source: "cases", dialect: "strict" })[0]), "");
  t.not(
    faults({ ...(JSON.parse((await run("lint", "-o", "json")).stdout) as object), more: 1 }),
    "",
    "a schema refuses what it does not know",
  );
});
