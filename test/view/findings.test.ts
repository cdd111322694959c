import t from "tap";
import type { Finding, FindingRule } from "../../lib/findings/finding.ts";
import { printFindings, printRules } from "../../lib/view/findings.ts";
import type { OutputFormat } from "../../lib/view/output.ts";
import { sarifLog } from "../../lib/view/sarif.ts";
import { fakeWorld } from "../cli/fake-world.ts";

const rules = {
  loose: { severity: "error", summary: "It is loose.", explanation: "Loose things fall." },
  odd: { severity: "note", summary: "It is odd.", explanation: "Odd things surprise." },
} satisfies Record<string, FindingRule>;

const findings: Finding<keyof typeof rules>[] = [
  {
    rule: "loose",
    severity: "error",
    subject: { kind: "Role", name: "r", namespace: "dev" },
    field: "rules",
    message: "it is loose",
    fix: "Tighten it.",
    at: { file: "a b/#1.yaml", line: 3 },
  },
  { rule: "odd", severity: "note", subject: { kind: "ClusterRole", name: "c" }, message: "it is odd", fix: "Look." },
];

async function printed(format: OutputFormat | "sarif", found = findings): Promise<{ stdout: string; stderr: string }> {
  const world = fakeWorld();
  const report = { kind: "Report", tool: { name: "tool", version: "1" }, rules, findings: found, subject: "ROLE" };
  await printFindings(
    { ...report, item: ({ rule }) => ({ rule }), empty: "Nothing found." },
    { format, noHeaders: false },
    world,
  );
  return world;
}

t.test("the table has where and what to do with -o wide", async (t) => {
  t.equal(
    (await printed("table")).stdout,
    "SEVERITY   RULE    ROLE            MESSAGE\nerror      loose   Role dev/r      it is loose\nnote       odd     ClusterRole c   it is odd\n",
  );
  t.match((await printed("wide")).stdout, /it is loose {3}Tighten it\. {3}a b\/#1\.yaml:3\n/);
  t.match(await printed("table", []), { stdout: "", stderr: "Nothing found.\n" });
});

t.test("SARIF says of which cluster a finding is, and what was not looked at", async (t) => {
  const [first] = findings;
  if (first === undefined) throw new Error("there is a finding");
  const log = sarifLog({ name: "tool", version: "1" }, rules, [{ ...first, cluster: "east" }], {
    fingerprint: ({ rule, cluster }) => `${cluster} ${rule}`,
    skipped: ["west: it is down"],
  });
  t.match(log, {
    runs: [
      {
        invocations: [
          {
            executionSuccessful: false,
            toolExecutionNotifications: [{ level: "error", message: { text: "west: it is down" } }],
          },
        ],
        results: [
          {
            locations: [{ logicalLocations: [{ fullyQualifiedName: /^east: Role dev\/r/ }] }],
            properties: { cluster: "east" },
            partialFingerprints: { "finding/v1": "east loose" },
          },
        ],
      },
    ],
  });
});

t.test("documents count and list", async (t) => {
  t.match(JSON.parse((await printed("json")).stdout), {
    kind: "Report",
    summary: { error: 1, warning: 0, note: 1 },
    items: [{ rule: "loose" }, { rule: "odd" }],
  });
});

t.test("SARIF names the rule, the object and the place", async (t) => {
  const [run] = (JSON.parse((await printed("sarif")).stdout) as { runs: object[] }).runs;
  t.same(run, {
    tool: {
      driver: {
        name: "tool",
        version: "1",
        rules: Object.entries(rules).map(([id, { severity, summary, explanation }]) => ({
          id,
          shortDescription: { text: summary },
          fullDescription: { text: explanation },
          defaultConfiguration: { level: severity },
        })),
      },
    },
    columnKind: "utf16CodeUnits",
    results: [
      {
        ruleId: "loose",
        ruleIndex: 0,
        level: "error",
        message: { text: "it is loose. Tighten it." },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: "a%20b/%231.yaml", uriBaseId: "%SRCROOT%" },
              region: { startLine: 3 },
            },
            logicalLocations: [{ fullyQualifiedName: "Role dev/r rules", kind: "resource" }],
          },
        ],
      },
      {
        ruleId: "odd",
        ruleIndex: 1,
        level: "note",
        message: { text: "it is odd. Look." },
        locations: [{ logicalLocations: [{ fullyQualifiedName: "ClusterRole c", kind: "resource" }] }],
      },
    ],
  });
});

t.test("every rule is explained, for SARIF's readers as JSON", async (t) => {
  const world = fakeWorld();
  await printRules("Rules", rules, "wide", world);
  t.match(
    world.stdout,
    /^RULE {4}SEVERITY {3}SUMMARY {8}WHY\nloose {3}error {6}It is loose\. {3}Loose things fall\.\n/,
  );
  const json = fakeWorld();
  await printRules("Rules", rules, "sarif", json);
  const [item] = (JSON.parse(json.stdout) as { items: object[] }).items;
  t.same(item, { id: "loose", level: "error", summary: "It is loose.", explanation: "Loose things fall." });
});
