// SARIF 2.1.0, the format in which code hosts and editors take findings.

import { isAbsolute, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Finding, FindingRule } from "../findings/finding.ts";
import { referenceText } from "../kubernetes/object.ts";

export interface SarifTool {
  name: string;
  version: string;
}

interface SarifOptions<Found> {
  /** What makes a finding the same in another run; left out, the viewer compares places. */
  fingerprint?: (finding: Found) => string;
  /** What was not looked at, and why: then the run is marked as not successful, and says so. */
  skipped?: readonly string[];
}

/** A finding of a report about several clusters names its own. */
type Placed = Finding & { cluster?: string };

/** A SARIF log with one run. Rules without a finding are listed too: a viewer shows what was looked for. */
export function sarifLog<Found extends Placed>(
  tool: SarifTool,
  rules: Readonly<Record<string, FindingRule & { fix?: string }>>,
  findings: readonly Found[],
  { fingerprint, skipped = [] }: SarifOptions<Found> = {},
): object {
  const ids = Object.keys(rules);
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { ...tool, rules: Object.entries(rules).map(ruleObject) } },
        ...(skipped.length === 0 ? {} : { invocations: [incompleteRun(skipped)] }),
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => ({
          ...resultObject(finding, ids.indexOf(finding.rule)),
          ...(fingerprint === undefined ? {} : { partialFingerprints: { "finding/v1": fingerprint(finding) } }),
        })),
      },
    ],
  };
}

function incompleteRun(skipped: readonly string[]): object {
  return {
    executionSuccessful: false,
    toolExecutionNotifications: skipped.map((text) => ({ level: "error", message: message(text) })),
  };
}

/**
 * A message without links and placeholders. Names in it are whatever somebody chose: `[here](https://…)` would be a link, `{0}` an
 * argument that is missing. Source: SARIF 2.1.0, 3.11.5 and 3.11.6.
 */
function message(text: string): { text: string } {
  return { text: text.replaceAll(/[\\[\]]/g, "\\$&").replaceAll(/[{}]/g, "$&$&") };
}

function ruleObject([id, { severity, summary, explanation, fix }]: [string, FindingRule & { fix?: string }]): object {
  return {
    id,
    shortDescription: { text: summary },
    fullDescription: { text: explanation },
    defaultConfiguration: { level: severity },
    ...(fix === undefined ? {} : { help: { text: fix } }),
  };
}

/** @param ruleIndex -1 for a rule that is not listed */
function resultObject(
  { cluster, rule, severity, message: what, fix, subject, field, at }: Placed,
  ruleIndex: number,
): object {
  const name = cluster === undefined ? referenceText(subject) : `${cluster}: ${referenceText(subject)}`;
  const fullyQualifiedName = field === undefined ? name : `${name} ${field}`;
  return {
    ruleId: rule,
    ...(ruleIndex < 0 ? {} : { ruleIndex }),
    level: severity,
    message: message(`${what}. ${fix}`),
    locations: [{ ...physical(at), logicalLocations: [{ fullyQualifiedName, kind: "resource" }] }],
    ...(cluster === undefined ? {} : { properties: { cluster } }),
  };
}

function physical(at: Finding["at"]): object {
  if (at === undefined) return {};
  return { physicalLocation: { artifactLocation: artifactLocation(at.file), region: { startLine: at.line } } };
}

// A path is no URI: blanks and `#` would change what it names. What is below the working directory is in the repository that
// is looked at, wherever a viewer has that; a relative URI may not lead out of it (SARIF 2.1.0, 3.4.4).
function artifactLocation(file: string): object {
  const below = relative(".", file);
  const segments = below.split(sep);
  if (isAbsolute(below) || segments[0] === "..") return { uri: pathToFileURL(file).href };
  return { uri: segments.map(encodeURIComponent).join("/"), uriBaseId: "%SRCROOT%" };
}
