import { UserError, usageError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import { readNamedText, shownPath } from "../../kube/config/files.ts";
import type { Labels } from "../../mirrord/policy.ts";
import type { SessionPlan } from "../../mirrord/plan/session-plan.ts";
import type { Target } from "../../mirrord/target.ts";
import { parseTypedPath } from "../../mirrord/typed-target.ts";
import { API_VERSION } from "../../view/output.ts";
import { parseDocuments } from "../../yaml.ts";
import type { Outcome } from "./outcome.ts";
import { parseProbe, type Probe } from "./probe.ts";

/** One thing that somebody expects of the policies. */
export interface PolicyCase {
  /** `cases.yaml case 2`. */
  where: string;
  target: Target;
  /** Left out, that of the command. */
  namespace: string | undefined;
  probe: Probe;
  profile: SessionPlan["profile"];
  labels: Labels | undefined;
  expected: Outcome["result"];
  /** The policies that have to decide, by name; left out, any. */
  by: readonly string[] | undefined;
}

const results: readonly Outcome["result"][] = ["yes", "no", "unknown", "n/a", "local", "not-found"];
const fields = ["target", "namespace", "action", "filter", "profile", "labels", "expected", "by"];

/** Reads the file of `--expect`, strictly: a mistyped key would be a case that tests nothing. Throws UserError "usage". */
export function readCases(file: string): PolicyCase[] {
  const source = shownPath(file);
  const [document, ...more] = parseDocuments(readNamedText(file), { source, dialect: "strict" });
  const shape = `${source}: not a list of cases`;
  const hint = `It begins with apiVersion: ${API_VERSION} and kind: PolicyTestCases, and has a list of cases.`;
  if (more.length > 0 || !isJsonObject(document)) throw usageError(shape, hint);
  const { apiVersion, kind, cases, ...rest } = document;
  if (
    apiVersion !== API_VERSION ||
    kind !== "PolicyTestCases" ||
    !Array.isArray(cases) ||
    Object.keys(rest).length > 0
  ) {
    throw usageError(shape, hint);
  }
  if (cases.length === 0) throw usageError(`${source}: there are no cases`);
  return cases.map((one: unknown, index) => readCase(one, `${source} case ${index + 1}`));
}

function readCase(value: unknown, where: string): PolicyCase {
  if (!isJsonObject(value)) throw usageError(`${where}: not an object`);
  const unknown = Object.keys(value).find((key) => !fields.includes(key));
  if (unknown !== undefined) {
    throw usageError(`${where}: unknown field ${JSON.stringify(unknown)}`, `A case has ${fields.join(", ")}.`);
  }
  const filter = optionalText(value, "filter", where);
  const profile = optionalText(value, "profile", where);
  const action = text(value, "action", where);
  if (filter !== undefined && action.trim() !== "steal-with-filter") {
    throw usageError(`${where}: filter is for steal-with-filter, not ${JSON.stringify(action)}`);
  }
  const expected = results.find((result) => result === value["expected"]);
  if (expected === undefined) {
    throw usageError(
      `${where}: expected is not one of ${results.join(", ")}`,
      "yes and no are words here, not true and false.",
    );
  }
  const target = text(value, "target", where);
  return {
    where,
    target: at(where, () => parseTypedPath(target)),
    namespace: optionalText(value, "namespace", where),
    probe: at(where, () => parseProbe(action, filter === undefined ? undefined : { header: filter })),
    profile: profile === undefined ? undefined : at(where, () => parseProfile(profile)),
    labels: parseLabels(value["labels"], where),
    expected,
    by: parseNames(value["by"], where),
  };
}

/** What another part finds wrong, with the place. */
function at<Value>(where: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    throw usageError(`${where}: ${cause.message}`, cause.hints, { cause });
  }
}

/** `name`, a cluster profile, or `namespace/name`. Throws UserError "usage" where a part is empty. */
export function parseProfile(written: string): NonNullable<SessionPlan["profile"]> {
  const slash = written.indexOf("/");
  if (written === "" || slash === 0 || slash === written.length - 1) {
    throw usageError(`${JSON.stringify(written)} is no profile`, "Write NAME or NAMESPACE/NAME.");
  }
  return slash < 0 ? { name: written } : { namespace: written.slice(0, slash), name: written.slice(slash + 1) };
}

function text(value: JsonObject, field: string, where: string): string {
  const found = optionalText(value, field, where);
  if (found === undefined) throw usageError(`${where}: ${field} is missing`);
  return found;
}

function optionalText(value: JsonObject, field: string, where: string): string | undefined {
  const found = value[field];
  if (found === undefined || typeof found === "string") return found;
  throw usageError(`${where}: ${field} is not a string`);
}

function parseLabels(value: unknown, where: string): Labels | undefined {
  if (value === undefined) return undefined;
  const entries = isJsonObject(value) ? Object.entries(value) : [];
  if (isJsonObject(value) && entries.every(([, label]) => typeof label === "string")) {
    return Object.fromEntries(entries.map(([key, label]) => [key, String(label)]));
  }
  throw usageError(`${where}: labels is not a map of strings`);
}

function parseNames(value: unknown, where: string): string[] | undefined {
  if (value === undefined) return undefined;
  const names = Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
  if (Array.isArray(value) && names.length === value.length) return names;
  throw usageError(`${where}: by is not a list of names of policies`);
}
