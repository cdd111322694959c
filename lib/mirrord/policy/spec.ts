import { isJsonObject } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { compileGlob } from "./glob.ts";
import { parseLabelSelector, type LabelSelector } from "../../kubernetes/label-selector.ts";
import {
  fieldAt,
  fieldsAt,
  flagAt,
  objectAt,
  shown,
  textAt,
  textsAt,
  type ObjectFields,
} from "../../kubernetes/object-fields.ts";
import { outgoingLimitsAt, type OutgoingLimits } from "./outgoing.ts";
import { unknownFields } from "./unknown-fields.ts";
import { fileRegexesAt, regexAt, type PolicyRegex } from "./regex.ts";

/** A MirrordPolicy or MirrordClusterPolicy as the API gives it, fields we do not know included. */
export type MirrordPolicy = KubernetesObject;

/** Which policy. A MirrordClusterPolicy has no namespace. */
export interface PolicyRef {
  kind: "MirrordPolicy" | "MirrordClusterPolicy";
  name: string;
  namespace?: string;
}

/** Something about a policy that makes it do other than what it says. */
export interface PolicyProblem {
  policy: PolicyRef;
  /** `spec.selector`. */
  field: string;
  problem: string;
}

export interface PolicyGlob {
  text: string;
  matches(text: string): boolean;
}

/** A policy in the shape that the evaluator works with. Fields of the wrong type are unset, and are problems. */
export interface PolicySpec {
  ref: PolicyRef;
  problems: PolicyProblem[];
  targetPath: PolicyGlob | undefined;
  /** An invalid one matches nothing. */
  selector: LabelSelector | undefined;
  appliesToCopyTargets: boolean;
  /** Known and unknown features alike. */
  block: ReadonlySet<string>;
  headerFilter: PolicyRegex | undefined;
  outgoing: OutgoingLimits;
  envExclude: PolicyGlob[];
  files: Record<FileLimit, PolicyRegex[]>;
  /** The fields of env and fs that are set, with what they say. */
  silentLimits: { field: string; patterns: string[] }[];
  requireProfile: boolean;
  profileAllowlist: string[] | undefined;
  /** What it says and nobody here can judge: fields, and features of `block`, that are newer than this program. */
  unknown: string[];
}

/** Highest priority first: a file in two lists is treated as in the first. Source: operator contract section 7. */
export const fileLimits = ["local", "notFound", "readOnly"] as const;
export type FileLimit = (typeof fileLimits)[number];

/** What `spec.block` can hold. Source: the enum in the CRD of chart 3.187.0. */
export const blockableFeatures = ["steal", "steal-without-filter", "mirror", "copy-target-scale-down"] as const;

const isBlockable = (feature: string): boolean => blockableFeatures.some((known) => known === feature);

const specs = new WeakMap<object, PolicySpec>();

/** Never throws, whatever the object holds. An object is read once: a changed policy must be another object. */
export function readPolicy(policy: MirrordPolicy): PolicySpec {
  if (!isJsonObject(policy)) return read({});
  const known = specs.get(policy);
  if (known !== undefined) return known;
  const spec = read(policy);
  specs.set(policy, spec);
  return spec;
}

function read(policy: Readonly<Record<string, unknown>>): PolicySpec {
  const ref = policyRef(policy);
  const problems: PolicyProblem[] = [];
  const object: ObjectFields = {
    values: policy,
    path: "",
    report: (field, problem) => problems.push({ policy: ref, field, problem }),
  };
  checkObject(object, ref);
  const spec = fieldsAt(object, "spec");
  const network = fieldsAt(spec, "network");
  const fs = fieldsAt(spec, "fs");
  const envExclude = globs(textsAt(fieldsAt(spec, "env"), "exclude") ?? []);
  const block = blockAt(spec);
  const files = {
    local: fileRegexesAt(fs, "local"),
    notFound: fileRegexesAt(fs, "notFound"),
    readOnly: fileRegexesAt(fs, "readOnly"),
  };
  return {
    ref,
    problems,
    targetPath: globs([textAt(spec, "targetPath")])[0],
    selector: selectorAt(spec),
    appliesToCopyTargets: flagAt(spec, "appliesToCopyTargets") ?? false,
    block: new Set(block),
    headerFilter: regexAt(fieldsAt(fieldsAt(network, "incoming"), "httpFilter"), "headerFilter"),
    outgoing: outgoingLimitsAt(fieldsAt(network, "outgoing")),
    envExclude,
    files,
    silentLimits: silentLimits(envExclude, files),
    requireProfile: flagAt(spec, "requireProfile") ?? false,
    profileAllowlist: textsAt(spec, "profileAllowlist"),
    unknown: [
      ...block.filter((feature) => !isBlockable(feature)).map((feature) => `spec.block: ${feature}`),
      ...unknownFields(spec.values),
    ],
  };
}

function policyRef({ kind, metadata }: Readonly<Record<string, unknown>>): PolicyRef {
  const { name, namespace } = isJsonObject(metadata) ? metadata : {};
  const policyName = typeof name === "string" ? name : "";
  if (kind === "MirrordClusterPolicy") return { kind, name: policyName };
  const isNamespaced = typeof namespace === "string" && namespace !== "";
  return { kind: "MirrordPolicy", name: policyName, ...(isNamespaced ? { namespace } : {}) };
}

function checkObject(object: ObjectFields, ref: PolicyRef): void {
  const kind = fieldAt(object, "kind");
  const metadata = fieldsAt(object, "metadata");
  if (kind !== ref.kind) object.report("kind", `is ${shown(kind)}, not MirrordPolicy or MirrordClusterPolicy`);
  if (ref.name === "") object.report("metadata.name", "is missing");
  if (fieldAt(object, "spec") === undefined) object.report("spec", "is missing");
  if (ref.kind === "MirrordPolicy" && ref.namespace === undefined) {
    object.report("metadata.namespace", "is missing; a MirrordPolicy applies only in its own namespace");
  }
  if (ref.kind === "MirrordClusterPolicy" && fieldAt(metadata, "namespace") !== undefined) {
    object.report("metadata.namespace", DROPPED_NAMESPACE);
  }
}

/** What is said of a namespace of a MirrordClusterPolicy, which is accepted. */
export const DROPPED_NAMESPACE = "is cleared by the API server; a MirrordClusterPolicy applies in every namespace";

function blockAt(spec: ObjectFields): string[] {
  if (fieldAt(spec, "block") === undefined) spec.report("spec.block", "is missing; the API server requires it");
  const features = textsAt(spec, "block") ?? [];
  for (const feature of features.filter((one) => !isBlockable(one))) {
    spec.report("spec.block", `${shown(feature)} is not one of ${blockableFeatures.join(", ")}`);
  }
  return features;
}

function selectorAt(spec: ObjectFields): LabelSelector | undefined {
  if (fieldAt(spec, "selector") === undefined) return undefined;
  const selector = parseLabelSelector(objectAt(spec, "selector"));
  for (const fault of selector.faults) spec.report("spec.selector", `${fault}; so it matches nothing`);
  return selector;
}

function globs(texts: readonly (string | undefined)[]): PolicyGlob[] {
  return texts.flatMap((text) => (text === undefined ? [] : [{ text, matches: compileGlob(text) }]));
}

function silentLimits(
  envExclude: PolicySpec["envExclude"],
  files: PolicySpec["files"],
): { field: string; patterns: string[] }[] {
  const lists = [
    { field: "spec.env.exclude", patterns: envExclude },
    ...fileLimits.map((limit) => ({ field: `spec.fs.${limit}`, patterns: files[limit] })),
  ];
  return lists
    .filter(({ patterns }) => patterns.length > 0)
    .map(({ field, patterns }) => ({ field, patterns: patterns.map(({ text }) => text) }));
}
