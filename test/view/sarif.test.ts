import { join } from "node:path";
import { pathToFileURL } from "node:url";
import t from "tap";
import type { Finding } from "../../lib/findings/finding.ts";
import { sarifLog } from "../../lib/view/sarif.ts";
import { sarifFaults } from "./sarif-faults.ts";

const tool = { name: "tool", version: "1" };
const rules = {
  loose: { severity: "error", summary: "It is loose.", explanation: "Loose things fall.", fix: "Tighten it." },
  odd: { severity: "note", summary: "It is odd.", explanation: "Odd things surprise." },
} as const;

const found = (at?: Finding["at"], rule = "odd"): Finding => ({
  rule,
  severity: "warning",
  subject: { kind: "Role", name: "r", namespace: "dev" },
  message: "it is odd",
  fix: "Look.",
  ...(at === undefined ? {} : { at }),
});

interface Log {
  version: string;
  runs: {
    tool: { driver: { name?: string; rules: { id: string }[] } };
    invocations?: { executionSuccessful: boolean; toolExecutionNotifications: { message: { text: string } }[] }[];
    results: {
      ruleId: string;
      ruleIndex?: number;
      level: string;
      message: { text?: string };
      locations: {
        physicalLocation?: {
          artifactLocation: { uri: string; uriBaseId?: string };
          region: { startLine: number };
        };
      }[];
    }[];
  }[];
}

const logWith = (...findings: Finding[]) => JSON.parse(JSON.stringify(sarifLog(tool, rules, findings))) as Log;

const outside = join(import.meta.dirname, "..", "..", "..", "a b", "#1.yaml");
const places: Record<string, { file: string; uri: object }> = {
  "below the working directory": { file: "cluster/a.yaml", uri: { uri: "cluster/a.yaml", uriBaseId: "%SRCROOT%" } },
  "by its whole path": { file: join(process.cwd(), "x", "a.yaml"), uri: { uri: "x/a.yaml", uriBaseId: "%SRCROOT%" } },
  "with ./ and ..": { file: "./x/../y/a.yaml", uri: { uri: "y/a.yaml", uriBaseId: "%SRCROOT%" } },
  "with letters that a URI has no place for": {
    file: "a b/#1?%2e:é.yaml",
    uri: { uri: "a%20b/%231%3F%252e%3A%C3%A9.yaml", uriBaseId: "%SRCROOT%" },
  },
  "in a folder whose name begins with two dots": {
    file: "..x/a.yaml",
    uri: { uri: "..x/a.yaml", uriBaseId: "%SRCROOT%" },
  },
  "beside the working directory": { file: outside, uri: { uri: pathToFileURL(outside).href } },
};

for (const [what, { file, uri }] of Object.entries(places))
  t.test(`a file ${what} is a URI that a viewer finds`, async (t) => {
    const log = logWith(found({ file, line: 7 }));
    t.same(sarifFaults(log), []);
    t.same(log.runs[0]?.results[0]?.locations[0]?.physicalLocation, {
      artifactLocation: uri,
      region: { startLine: 7 },
    });
  });

const messages: [what: string, said: string, text: string][] = [
  ["a link", "see [click here](https://evil.example/x)", String.raw`see \[click here\](https://evil.example/x)`],
  ["a link to a place", "see [here](1)", String.raw`see \[here\](1)`],
  ["a link behind a backslash", String.raw`see [here\](1)`, String.raw`see \[here\\\](1)`],
  ["a placeholder", "user {0}", "user {{0}}"],
  ["braces", "{}{{", "{{}}{{{{"],
  ["none of these", "user (0) /x", "user (0) /x"],
];
for (const [what, said, text] of messages)
  t.test(`a name that looks like ${what} is text in a message`, async (t) => {
    const log = sarifLog(tool, rules, [{ ...found(), message: said, fix: said }], { skipped: [said] });
    t.same(sarifFaults(log), []);
    t.match(log, {
      runs: [
        {
          invocations: [{ toolExecutionNotifications: [{ message: { text } }] }],
          results: [{ message: { text: `${text}. ${text}` } }],
        },
      ],
    });
  });

t.test("a rule that is not listed has no index", async (t) => {
  const log = logWith(found(undefined, "own"), found(undefined, "loose"), found());
  t.same(sarifFaults(log), []);
  t.same(
    log.runs[0]?.results.map(({ ruleIndex }) => ruleIndex),
    [undefined, 0, 1],
  );
});

type Run = Log["runs"][number];
type Place = NonNullable<Run["results"][number]["locations"][number]["physicalLocation"]>;

const broken: Record<string, (run: Run, result: Run["results"][number], place: Place) => void> = {
  "/runs/0/tool/driver must have required property 'name'": ({ tool: { driver } }) => delete driver.name,
  "two rules have the id loose": (run) => run.tool.driver.rules.push({ id: "loose" }),
  "odd: ruleIndex 0 is another rule": (_run, result) => (result.ruleIndex = 0),
  "odd: ruleIndex -1 is another rule": (_run, result) => delete result.ruleIndex,
  "/runs/0/results/0/level must be equal to one of the allowed values": (_run, result) => (result.level = "high"),
  "/runs/0/results/0/message must have required property 'text'": (_run, result) => delete result.message.text,
  "odd: a result says nothing": (_run, result) => (result.message.text = " "),
  "odd: a bracket or a backslash is not escaped": (_run, result) => (result.message.text = "[a](b)"),
  "odd: a brace is not doubled": (_run, result) => (result.message.text = "{0}"),
  "a notification: a brace is not doubled": (run) =>
    (run.invocations = [{ executionSuccessful: false, toolExecutionNotifications: [{ message: { text: "{0}" } }] }]),
  "a result names no rule": (_run, result) => {
    result.ruleId = "";
    delete result.ruleIndex;
  },
  '/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri must match format "uri-reference"': (
    _run,
    _result,
    { artifactLocation },
  ) => (artifactLocation.uri = "a b.yaml"),
  "odd: a.yaml is relative to nothing": (_run, _result, { artifactLocation }) => delete artifactLocation.uriBaseId,
  "odd: ../a.yaml is not below %SRCROOT%": (_run, _result, { artifactLocation }) =>
    (artifactLocation.uri = "../a.yaml"),
  "odd: /a.yaml is not below %SRCROOT%": (_run, _result, { artifactLocation }) => (artifactLocation.uri = "/a.yaml"),
  "odd: file:///a.yaml is not below %SRCROOT%": (_run, _result, { artifactLocation }) =>
    (artifactLocation.uri = "file:///a.yaml"),
  "odd: SRCROOT is no base of viewers": (_run, _result, { artifactLocation }) =>
    (artifactLocation.uriBaseId = "SRCROOT"),
  "/runs/0/results/0/locations/0/physicalLocation/region/startLine must be >= 1": (_run, _result, { region }) =>
    (region.startLine = 0),
};

for (const [fault, change] of Object.entries(broken))
  t.test(`the check of our logs sees: ${fault}`, async (t) => {
    const log = logWith(found({ file: "a.yaml", line: 1 }));
    const [run] = log.runs;
    const [result] = run?.results ?? [];
    const place = result?.locations[0]?.physicalLocation;
    if (run === undefined || result === undefined || place === undefined)
      throw new Error("there is a result in a file");
    change(run, result, place);
    const faults = sarifFaults(log);
    t.ok(faults.includes(fault), faults.join("; "));
  });
