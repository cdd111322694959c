// SARIF 2.1.0, the format in which code hosts and editors take findings.

export interface SarifRule {
  id: string;
  level: SarifLevel;
  /** One sentence. */
  summary: string;
  explanation: string;
}

export type SarifLevel = "error" | "warning" | "note";

export interface SarifResult {
  ruleId: string;
  level: SarifLevel;
  message: string;
  /** What the finding is about, where it is in no file: `MirrordPolicy dev/no-steal`. */
  subject: string;
  /** The field within it: `spec.targetPath`. */
  field?: string;
  /** Relative to where the command ran, with `/`. */
  file?: string;
  /** From 1. */
  line?: number;
}

export interface SarifTool {
  name: string;
  version: string;
}

/** A SARIF log with one run. Rules without a result are listed too: a viewer shows what was looked for. */
export function sarifLog(tool: SarifTool, rules: readonly SarifRule[], results: readonly SarifResult[]): object {
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { ...tool, rules: rules.map(ruleObject) } },
        columnKind: "utf16CodeUnits",
        results: results.map((result) => resultObject(result, indexes.get(result.ruleId))),
      },
    ],
  };
}

function ruleObject({ id, level, summary, explanation }: SarifRule): object {
  return {
    id,
    shortDescription: { text: summary },
    fullDescription: { text: explanation },
    defaultConfiguration: { level },
  };
}

function resultObject({ ruleId, level, message, subject, field, file, line }: SarifResult, ruleIndex?: number): object {
  const region = line === undefined ? {} : { region: { startLine: line } };
  const physical =
    file === undefined ? {} : { physicalLocation: { artifactLocation: { uri: uriOf(file) }, ...region } };
  const fullyQualifiedName = field === undefined ? subject : `${subject} ${field}`;
  return {
    ruleId,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level,
    message: { text: message },
    locations: [{ ...physical, logicalLocations: [{ fullyQualifiedName, kind: "resource" }] }],
  };
}

// A path is no URI: blanks and `#` would change what it names.
function uriOf(file: string): string {
  return file
    .replaceAll("\\", "/")
    .split("/")
    .map(encodeURIComponent)
    .join("/")
    .replace(/^([A-Za-z])%3A/, "file:///$1:");
}
