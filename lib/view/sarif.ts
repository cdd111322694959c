// SARIF 2.1.0, the format in which code hosts and editors take findings.

import type { Finding, FindingRule } from "../findings/finding.ts";
import { referenceText } from "../kubernetes/object.ts";

export interface SarifTool {
  name: string;
  version: string;
}

/** A SARIF log with one run. Rules without a finding are listed too: a viewer shows what was looked for. */
export function sarifLog(
  tool: SarifTool,
  rules: Readonly<Record<string, FindingRule>>,
  findings: readonly Finding[],
): object {
  const ids = Object.keys(rules);
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { ...tool, rules: Object.entries(rules).map(ruleObject) } },
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => resultObject(finding, ids.indexOf(finding.rule))),
      },
    ],
  };
}

function ruleObject([id, { severity, summary, explanation }]: [string, FindingRule]): object {
  return {
    id,
    shortDescription: { text: summary },
    fullDescription: { text: explanation },
    defaultConfiguration: { level: severity },
  };
}

/** @param ruleIndex -1 for a rule that is not listed */
function resultObject({ rule, severity, message, fix, subject, field, at }: Finding, ruleIndex: number): object {
  const name = referenceText(subject);
  const fullyQualifiedName = field === undefined ? name : `${name} ${field}`;
  return {
    ruleId: rule,
    ...(ruleIndex < 0 ? {} : { ruleIndex }),
    level: severity,
    message: { text: `${message}. ${fix}` },
    locations: [{ ...physical(at), logicalLocations: [{ fullyQualifiedName, kind: "resource" }] }],
  };
}

function physical(at: Finding["at"]): object {
  if (at === undefined) return {};
  const { file, line } = at;
  return { physicalLocation: { artifactLocation: { uri: fileUri(file) }, region: { startLine: line } } };
}

// A path is no URI: blanks and `#` would change what it names.
function fileUri(file: string): string {
  return file
    .replaceAll("\\", "/")
    .split("/")
    .map(encodeURIComponent)
    .join("/")
    .replace(/^([A-Za-z])%3A/, "file:///$1:");
}
