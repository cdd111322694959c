import { isJsonObject } from "../../json.ts";
import { UserError } from "../../errors.ts";
import { fieldAt, objectAt, fieldPath, textAt, type ObjectFields } from "../../kubernetes/object-fields.ts";
import { parseTarget, type Target, type WorkloadKind } from "../target.ts";

export interface TargetConfig {
  target: Target | undefined;
  namespace: string | undefined;
}

/** The key of each kind in a target object. */
export const targetKeys = {
  deployment: "deployment",
  pod: "pod",
  rollout: "rollout",
  job: "job",
  cron_job: "cronjob",
  stateful_set: "statefulset",
  service: "service",
  replica_set: "replicaset",
} as const satisfies Record<string, WorkloadKind>;

/** Reads `target`: a path, a target object, or `{path, namespace}` around either. */
export function targetAt(root: ObjectFields): TargetConfig {
  const value = fieldAt(root, "target");
  if (value === undefined) return { target: undefined, namespace: undefined };
  if (!isJsonObject(value)) return { target: readTarget(root, "target"), namespace: undefined };
  const isWrapped = "path" in value || "namespace" in value || Object.keys(value).length === 0;
  if (!isWrapped) return { target: readTarget(root, "target"), namespace: undefined };
  const fields: ObjectFields = { values: value, path: "target", report: root.report };
  return { target: readTarget(fields, "path"), namespace: textAt(fields, "namespace") };
}

function readTarget(fields: ObjectFields, name: string): Target | undefined {
  const value = fieldAt(fields, name);
  if (value === undefined) return undefined;
  const path = fieldPath(fields, name);
  if (typeof value === "string") return checked(fields, path, () => parseClientTarget(value));
  const object = objectAt(fields, name);
  if (object === undefined) return undefined;
  const inner: ObjectFields = { values: object, path, report: fields.report };
  return "labels" in object ? readLabels(inner) : readWorkload(inner);
}

function readWorkload(fields: ObjectFields): Target | undefined {
  const [key, kind] = Object.entries(targetKeys).find(([one]) => one in fields.values) ?? [];
  const name = key === undefined ? undefined : textAt(fields, key);
  const container = textAt(fields, "container");
  if (kind === undefined || name === undefined) return undefined;
  const suffix = container === undefined ? "" : `/container/${container}`;
  return checked(fields, fields.path, () => parseTarget(`${kind}/${name}${suffix}`));
}

function readLabels(fields: ObjectFields): Target | undefined {
  const entries = Object.entries(objectAt(fields, "labels") ?? {});
  const labels = entries.flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[key, value]] : [],
  );
  if (labels.length === 0 || labels.length < entries.length) {
    fields.report(fieldPath(fields, "labels"), "is not an object of at least one label");
    return undefined;
  }
  const container = textAt(fields, "container");
  return { kind: "label", labels: Object.fromEntries(labels), ...(container === undefined ? {} : { container }) };
}

const clientWords = new Set([
  "deployment",
  "deploy",
  "rollout",
  "pod",
  "job",
  "cronjob",
  "statefulset",
  "service",
  "replicaset",
  "label",
]);

/**
 * A target path as the client itself reads it: kubectl's short names are refused, and a label may be named once only.
 * Throws UserError "usage".
 */
export function parseClientTarget(text: string): Target {
  const target = parseTarget(text);
  const word = text.split("/")[0] ?? "";
  if (target.kind !== "targetless" && !clientWords.has(word)) {
    throw new UserError(
      "usage",
      `mirrord does not know the target kind ${JSON.stringify(word)} in ${JSON.stringify(text)}`,
      `Write ${target.kind}/….`,
    );
  }
  return target;
}

function checked(fields: ObjectFields, path: string, parse: () => Target): Target | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    fields.report(path, error.message);
    return undefined;
  }
}
