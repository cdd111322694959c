import { objectIn, textIn } from "../../json.ts";
import { UserError, usageError } from "../../errors.ts";
import { optionalText, type Decoded, type Report } from "./decoded.ts";
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
export function targetIn(value: unknown, report: Report): TargetConfig {
  const object = objectIn(value);
  const isWrapped = "path" in object || "namespace" in object;
  if (!isWrapped) return { target: pathTarget(value, "target", report), namespace: undefined };
  return {
    target: pathTarget(object["path"], "target.path", report),
    namespace: optionalText(object["namespace"]),
  };
}

function pathTarget(value: unknown, where: string, report: Report): Target | undefined {
  if (typeof value === "string") return checked(() => parseClientTarget(value), where, report);
  const object = objectIn(value);
  const container = optionalText(object["container"]);
  if ("labels" in object) return labelTarget(objectIn(object["labels"]), container, where, report);
  const [key, kind] = Object.entries(targetKeys).find(([one]) => one in object) ?? [];
  if (key === undefined || kind === undefined) return undefined;
  const suffix = container === undefined ? "" : `/container/${container}`;
  return checked(() => parseTarget(`${kind}/${textIn(object[key])}${suffix}`), where, report);
}

function labelTarget(given: Decoded, container: string | undefined, where: string, report: Report): Target | undefined {
  const labels = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, textIn(value)]));
  if (Object.keys(labels).length === 0) {
    report(`${where}.labels`, "is not an object of at least one label");
    return undefined;
  }
  return { kind: "label", labels, ...(container === undefined ? {} : { container }) };
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
    throw usageError(
      `mirrord does not know the target kind ${JSON.stringify(word)} in ${JSON.stringify(text)}`,
      `Write ${target.kind}/….`,
    );
  }
  return target;
}

function checked(parse: () => Target, where: string, report: Report): Target | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    report(where, error.message);
    return undefined;
  }
}
