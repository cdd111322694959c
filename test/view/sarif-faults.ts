import { Ajv } from "ajv";
// The schema as OASIS publishes it.
import official from "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json" with { type: "json" };

interface Log {
  runs: {
    tool: { driver: { rules?: { id: string }[] } };
    invocations?: { toolExecutionNotifications?: Pick<Result, "message">[] }[];
    results?: Result[];
  }[];
}

interface Result {
  ruleId?: string;
  ruleIndex?: number;
  message: { text: string };
  locations?: { physicalLocation?: { artifactLocation?: { uri: string; uriBaseId?: string } } }[];
}

/** A URI or a relative reference, by the characters that it may have. Source: RFC 3986, appendix A. */
const URI_REFERENCE = /^(?:[A-Za-z0-9\-._~:/?#@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;

// It is written in draft 4, whose keywords it has in common with draft 7 but for these two.
const { $schema: _draft, id: _id, ...schema } = official;
const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
ajv.addFormat("uri", SCHEME);
ajv.addFormat("uri-reference", URI_REFERENCE);
ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
const matches = ajv.compile<Log>(schema);

/**
 * What is wrong with a SARIF log of ours: by the official schema, and by what the standard demands beside it. Source: SARIF Version 2.1.0,
 * 3.4.4 (a URI below a base is relative and does not leave it), 3.11.5 and 3.11.6 (braces and brackets in messages), 3.19.23 and 3.49.3 (ids of rules), 3.27.5 and 3.27.6 (ruleId and
 * ruleIndex name one rule).
 */
export function sarifFaults(log: unknown): string[] {
  if (!matches(log)) return (matches.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  return log.runs.flatMap(({ tool: { driver }, invocations = [], results = [] }) => {
    const ids = (driver.rules ?? []).map(({ id }) => id);
    const repeated = ids.filter((id, at) => ids.indexOf(id) !== at);
    return [
      ...repeated.map((id) => `two rules have the id ${id}`),
      ...invocations.flatMap(({ toolExecutionNotifications = [] }) =>
        toolExecutionNotifications.flatMap(({ message }) => messageFaults("a notification", message)),
      ),
      ...results.flatMap((result) => [
        ...ruleFaults(result, ids),
        ...messageFaults(result.ruleId ?? "", result.message),
        ...placeFaults(result),
      ]),
    ];
  });
}

function ruleFaults({ ruleId = "", ruleIndex = -1, message }: Result, ids: readonly string[]): string[] {
  return [
    ...(ruleId === "" ? ["a result names no rule"] : []),
    ...(message.text.trim() === "" ? [`${ruleId}: a result says nothing`] : []),
    ...(ids.indexOf(ruleId) === ruleIndex ? [] : [`${ruleId}: ruleIndex ${ruleIndex} is another rule`]),
  ];
}

/** We make no links and no placeholders, so that every bracket, backslash and brace in a message is an escaped one. */
function messageFaults(of: string, { text }: Result["message"]): string[] {
  return [
    ...(/^(?:[^\\[\]]|\\[\\[\]])*$/.test(text) ? [] : [`${of}: a bracket or a backslash is not escaped`]),
    ...(/^(?:[^{}]|\{\{|\}\})*$/.test(text) ? [] : [`${of}: a brace is not doubled`]),
  ];
}

function placeFaults({ ruleId = "", locations = [] }: Result): string[] {
  return locations.flatMap(({ physicalLocation: { artifactLocation } = {} }) => {
    if (artifactLocation === undefined) return [];
    const { uri, uriBaseId } = artifactLocation;
    const isAbsolute = SCHEME.test(uri);
    const leaves = uri.startsWith("/") || uri.split("/").some((segment) => segment === "." || segment === "..");
    return [
      ...(uriBaseId === undefined || uriBaseId === "%SRCROOT%"
        ? []
        : [`${ruleId}: ${uriBaseId} is no base of viewers`]),
      ...(uriBaseId === undefined && !isAbsolute ? [`${ruleId}: ${uri} is relative to nothing`] : []),
      ...(uriBaseId !== undefined && (isAbsolute || leaves) ? [`${ruleId}: ${uri} is not below ${uriBaseId}`] : []),
    ];
  });
}
