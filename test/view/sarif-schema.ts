// Those parts of the SARIF 2.1.0 schema that a log of ours can have, with what the standard demands of each. Source: OASIS,
// SARIF Version 2.1.0, sections 3.8 (property bags), 3.13 (log), 3.14 (run), 3.19 (toolComponent), 3.20 (invocation), 3.27 (result),
// 3.28 to 3.33 (locations), 3.58 (notification).

const text = { type: "string" };
const message = { type: "object", properties: { text }, required: ["text"], additionalProperties: false };
const level = { enum: ["none", "note", "warning", "error"] };

const rule = {
  type: "object",
  properties: {
    id: text,
    shortDescription: message,
    fullDescription: message,
    help: message,
    defaultConfiguration: { type: "object", properties: { level }, additionalProperties: false },
  },
  required: ["id"],
  additionalProperties: false,
};

const location = {
  type: "object",
  properties: {
    physicalLocation: {
      type: "object",
      properties: {
        artifactLocation: {
          type: "object",
          properties: { uri: text, uriBaseId: { const: "%SRCROOT%" } },
          required: ["uri"],
          additionalProperties: false,
        },
        region: {
          type: "object",
          properties: { startLine: { type: "integer", minimum: 1 } },
          additionalProperties: false,
        },
      },
      additionalProperties: false,
    },
    logicalLocations: {
      type: "array",
      uniqueItems: true,
      items: { type: "object", properties: { fullyQualifiedName: text, kind: text }, additionalProperties: false },
    },
  },
  additionalProperties: false,
};

const result = {
  type: "object",
  properties: {
    ruleId: text,
    ruleIndex: { type: "integer", minimum: -1 },
    level,
    message,
    locations: { type: "array", items: location },
    partialFingerprints: { type: "object", additionalProperties: text },
    properties: { type: "object", properties: { cluster: text }, additionalProperties: false },
  },
  required: ["message"],
  additionalProperties: false,
};

const notification = {
  type: "object",
  properties: { level, message },
  required: ["message"],
  additionalProperties: false,
};

const invocation = {
  type: "object",
  properties: {
    executionSuccessful: { type: "boolean" },
    toolExecutionNotifications: { type: "array", items: notification },
  },
  required: ["executionSuccessful"],
  additionalProperties: false,
};

const driver = {
  type: "object",
  properties: { name: text, version: text, rules: { type: "array", uniqueItems: true, items: rule } },
  required: ["name"],
  additionalProperties: false,
};

export const sarifSchema = {
  type: "object",
  properties: {
    $schema: text,
    version: { const: "2.1.0" },
    runs: {
      type: "array",
      items: {
        type: "object",
        properties: {
          tool: { type: "object", properties: { driver }, required: ["driver"], additionalProperties: false },
          columnKind: { enum: ["utf16CodeUnits", "unicodeCodePoints"] },
          invocations: { type: "array", items: invocation },
          results: { type: "array", items: result },
        },
        required: ["tool"],
        additionalProperties: false,
      },
    },
  },
  required: ["version", "runs"],
  additionalProperties: false,
};
