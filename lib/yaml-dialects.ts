// The dialects of YAML that are read, and the one that is written, as js-yaml's schemas.

import {
  boolYaml11Tag,
  CORE_SCHEMA,
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  DUMP_SCHEMA,
  FAILSAFE_SCHEMA,
  floatCoreTag,
  intCoreTag,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  type Schema,
  seqTag,
  type ScalarTagDefinition,
} from "js-yaml";

/**
 * `kubectl`: scalars as kubectl reads them (`yes` is true, `0644` is octal, `<<` merges, `!!binary` is decoded, other tags say
 * nothing, the last of two equal keys wins), for kubeconfigs. `manifest`: the same, but a key that YAML repeats is an error: two
 * files joined without `---` would be one object. `strict`: YAML 1.2, and a repeated key is an error, for files of ours.
 * `written`: as strict, with `<<`, and scalars without quotes stay what is written (PlainScalar): for readers who know what they
 * want there. `helm`: as manifest, but `y` and `n` are texts, as Helm reads values.
 */
export type Dialect = "kubectl" | "manifest" | "strict" | "written" | "helm";

/** A scalar without quotes as it is written, in the dialect `written`. */
export interface PlainScalar {
  readonly plain: string;
}

export function isPlainScalar(value: unknown): value is PlainScalar {
  return value instanceof Object && plainScalars.has(value);
}

const plainScalars = new WeakSet<object>();

/**
 * The numbers of go.yaml.in/yaml/v2 (resolve.go), which kubectl reads manifests with: Go's integer literals with any `_` left out, a
 * leading 0 is octal, no base 60; what is no integer by this, `08` for one, may still be a float.
 */
export function goInteger(source: string): number | undefined {
  const match = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/.exec(withoutUnderscores(source));
  if (match === null) return undefined;
  const [, sign, literal = ""] = match;
  const magnitude = BigInt(/^0[0-7]/.test(literal) ? `0o${literal.slice(1)}` : literal.toLowerCase());
  const limit = sign === "" ? 2n ** 64n - 1n : 2n ** 63n;
  if (magnitude > limit) return undefined;
  return Number(sign === "-" ? -magnitude : magnitude);
}

export function goFloat(source: string): number | undefined {
  const plain = /^\.[0-9]+(_[0-9]+)*/.test(source)
    ? source.replaceAll(/(?<=\d)_(?=\d)/g, "")
    : withoutUnderscores(source);
  if (!/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(plain)) return undefined;
  const float = Number(plain);
  return Number.isFinite(float) ? float : undefined;
}

function withoutUnderscores(source: string): string {
  return /^[-+0-9]/.test(source) ? source.replaceAll("_", "") : source;
}

function jsonFloat(source: string): number | undefined {
  if (/^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/.test(source)) throw new Error(`${source} cannot be said in JSON`);
  return goFloat(source);
}

function numberTag(tagName: string, read: (source: string) => number | undefined): ScalarTagDefinition<number> {
  return defineScalarTag(tagName, {
    implicit: true,
    implicitFirstChars: "-+.0123456789".split(""),
    resolve: (source) => read(source) ?? NOT_RESOLVED,
    identify: () => false,
  });
}

/** Base64 as Go decodes it: with its padding, line ends left out. JSON has no bytes, so they are text. */
const binaryTextTag = defineScalarTag<string>("tag:yaml.org,2002:binary", {
  resolve(source) {
    const written = source.replaceAll(/[\r\n]/g, "");
    const bytes = Buffer.from(written, "base64");
    return bytes.toString("base64") === written ? bytes.toString("utf8") : NOT_RESOLVED;
  },
  identify: () => false,
});

/** A tag that nobody here knows is another tool's: go-yaml reads what it stands before, and a scalar is text. */
const foreign = { matchByTagPrefix: true, identify: () => false };
const foreignTags = [
  defineScalarTag<string>("", { ...foreign, resolve: (source) => source }),
  defineSequenceTag("", { ...seqTag, ...foreign }),
  defineMappingTag("", { ...mapTag, ...foreign }),
];

const kubectlSchema = CORE_SCHEMA.withTags(
  mergeTag,
  boolYaml11Tag,
  numberTag(intCoreTag.tagName, goInteger),
  numberTag(floatCoreTag.tagName, jsonFloat),
  binaryTextTag,
  ...foreignTags,
);

const helmSchema = kubectlSchema.withTags({
  ...boolYaml11Tag,
  resolve: (source, ...more) => (/^[yn]$/i.test(source) ? NOT_RESOLVED : boolYaml11Tag.resolve(source, ...more)),
});

const plainTag = defineScalarTag<PlainScalar>("tag:yaml.org,2002:plain", {
  implicit: true,
  resolve(source) {
    const scalar = { plain: source };
    plainScalars.add(scalar);
    return scalar;
  },
  identify: () => false,
});

const keyText = (key: unknown) => (isPlainScalar(key) ? key.plain : key);

const writtenSchema = FAILSAFE_SCHEMA.withTags(mergeTag, plainTag, {
  ...mapTag,
  addPair: (map, key, value) => mapTag.addPair(map, keyText(key), value),
  has: (map, key) => mapTag.has(map, keyText(key)),
  get: (map, key) => mapTag.get(map, keyText(key)),
});

export const schemas: Readonly<Record<Dialect, Schema>> = {
  kubectl: kubectlSchema,
  manifest: kubectlSchema,
  strict: CORE_SCHEMA,
  written: writtenSchema,
  helm: helmSchema,
};

/** js-yaml quotes what other YAML readers could take for a number; Go reads a few more, `0X1F` and `1_0e3` among them. */
function alsoQuotedFor(
  tag: ScalarTagDefinition<number>,
  read: (source: string) => number | undefined,
): ScalarTagDefinition<number> {
  return {
    ...tag,
    resolve(source, isExplicit, tagName) {
      const result = tag.resolve(source, isExplicit, tagName);
      return result === NOT_RESOLVED ? (read(source) ?? NOT_RESOLVED) : result;
    },
  };
}

export const dumpSchema = DUMP_SCHEMA.withTags(
  alsoQuotedFor(dumpTag(intCoreTag), goInteger),
  alsoQuotedFor(dumpTag(floatCoreTag), goFloat),
);

function dumpTag(like: ScalarTagDefinition<number>): ScalarTagDefinition<number> {
  const tag = DUMP_SCHEMA.tags.find((candidate) => candidate.tagName === like.tagName);
  return tag?.nodeKind === "scalar" ? tag : like;
}
