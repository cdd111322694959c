import {
  boolYaml11Tag,
  CORE_SCHEMA,
  DEFAULT_SCALAR_STYLE_RULES,
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  dump,
  DUMP_SCHEMA,
  FAILSAFE_SCHEMA,
  floatCoreTag,
  intCoreTag,
  loadAll,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  SCALAR_STYLE,
  type Schema,
  seqTag,
  strTag,
  YAMLException,
  type ScalarStyleRule,
  type ScalarTagDefinition,
} from "js-yaml";
import { UserError, usageError } from "./errors.ts";
import { nestedValues, parseJsonTexts } from "./json-texts.ts";

export interface ParseOptions {
  /** A file name or `-`, as the user knows it; it starts every error message. */
  source: string;
  /**
   * `kubectl`: scalars as kubectl reads them (`yes` is true, `0644` is octal, `<<` merges, `!!binary` is decoded, other tags say
   * nothing, the last of two equal keys wins), for kubeconfigs. `manifest`: the same, but a key that YAML repeats is an error: two
   * files joined without `---` would be one object. `strict`: YAML 1.2, and a repeated key is an error, for files of ours.
   * `written`: as strict, with `<<`, and scalars without quotes stay what is written (PlainScalar): for readers who know what they
   * want there. `helm`: as manifest, but `y` and `n` are texts, as Helm reads values.
   */
  dialect?: Dialect;
  /** The number of the text's first line, for errors; left out, 1. */
  firstLine?: number;
  /** UTF-8 bytes; more is refused before parsing. */
  maxBytes?: number;
}

type Dialect = "kubectl" | "manifest" | "strict" | "written" | "helm";

/** A scalar without quotes as it is written, in the dialect `written`. */
export interface PlainScalar {
  readonly plain: string;
}

export function isPlainScalar(value: unknown): value is PlainScalar {
  return value instanceof Object && plainScalars.has(value);
}

const plainScalars = new WeakSet<object>();

const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;
const MAX_ALIASES = 100;
const MAX_DEPTH = 500;
/** Nodes that aliases may add beyond what is written out; without this, a few nested aliases make billions of nodes. */
const MAX_ALIASED_NODES = 100_000;

/**
 * The documents of a YAML or JSON text, without the empty ones. The result is JSON-like data: a key `__proto__` is an
 * ordinary property, dates stay strings.
 * @throws UserError "usage", `SOURCE: line N: …`
 */
export function parseDocuments(text: string, options: ParseOptions): unknown[] {
  const { source, dialect = "kubectl", maxBytes = DEFAULT_MAX_BYTES, firstLine = 1 } = options;
  if (Buffer.byteLength(text) > maxBytes) throw usageError(`${source}: larger than ${maxBytes} bytes`);

  // go-yaml lets a byte order mark begin any line: files that have one may have been joined.
  const input = text.replaceAll(/^\uFEFF/gm, "");
  try {
    const documents = parse(input, dialect).filter((document) => document !== null && document !== undefined);
    if (input.includes("&")) refuseAliasBombs(documents);
    return documents;
  } catch (error) {
    throw usageError(`${source}: ${describe(error, firstLine)}`, undefined, { cause: error });
  }
}

/**
 * For readers that take the last of two equal keys without a word. What else is wrong with the text is theirs to say.
 * @throws UserError "usage", `SOURCE: line N: …`
 */
export function refuseRepeatedKeys(text: string, source: string): void {
  try {
    parseDocuments(text, { source, dialect: "strict" });
  } catch (error) {
    if (error instanceof UserError && /duplicat/i.test(error.message)) throw error;
  }
}

/** Block style as kubectl prints it: lists not indented, no references, strings that any YAML reader could mistake are quoted. */
export function toYaml(value: unknown, options: { sortKeys?: boolean; quotes?: "go" } = {}): string {
  return dump(value, {
    schema: dumpSchema,
    noRefs: true,
    lineWidth: -1,
    seqNoIndent: true,
    sortKeys: options.sortKeys ?? false,
    ...(options.quotes === "go" ? { scalarStyleRules: goStyles } : {}),
  });
}

function parse(text: string, dialect: Dialect): unknown[] {
  if (dialect === "kubectl" || dialect === "manifest") {
    const values = parseJsonTexts(text, MAX_DEPTH);
    if (values !== undefined) return values;
  }
  return loadAll(text, {
    schema: schemas[dialect],
    json: dialect === "kubectl",
    maxAliases: MAX_ALIASES,
    maxDepth: MAX_DEPTH,
  });
}

/** Aliases make a small text into a graph that is cheap to hold and ruinous to walk. */
function refuseAliasBombs(documents: unknown[]): void {
  const sizes = new Map<unknown, number>();
  const within = new Set<unknown>();
  let written = 0;
  const expandedSize = (value: unknown): number => {
    const known = sizes.get(value);
    if (known !== undefined) return known;
    written++;
    if (within.has(value)) throw new Error("an anchor contains itself");
    const holdsOthers = typeof value === "object" && value !== null;
    if (holdsOthers) within.add(value);
    let size = 1;
    for (const child of nestedValues(value)) size += expandedSize(child);
    within.delete(value);
    if (holdsOthers) sizes.set(value, size);
    return size;
  };
  const expanded = expandedSize(documents);
  if (expanded - written > MAX_ALIASED_NODES) throw new Error("aliases repeat too much");
}

function describe(error: unknown, firstLine: number): string {
  if (error instanceof YAMLException) {
    const line = error.mark === undefined ? "" : `line ${error.mark.line + firstLine}: `;
    return line + error.reason;
  }
  return error instanceof Error ? error.message : String(error);
}

/**
 * The numbers of go.yaml.in/yaml/v2 (resolve.go), which kubectl reads manifests with: Go's integer literals with any `_` left out, a
 * leading 0 is octal, no base 60; what is no integer by this, `08` for one, may still be a float.
 */
function goInteger(source: string): number | undefined {
  const match = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/.exec(withoutUnderscores(source));
  if (match === null) return undefined;
  const [, sign, literal = ""] = match;
  const magnitude = BigInt(/^0[0-7]/.test(literal) ? `0o${literal.slice(1)}` : literal.toLowerCase());
  const limit = sign === "" ? 2n ** 64n - 1n : 2n ** 63n;
  if (magnitude > limit) return undefined;
  return Number(sign === "-" ? -magnitude : magnitude);
}

function goFloat(source: string): number | undefined {
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

const schemas: Readonly<Record<Dialect, Schema>> = {
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

const dumpSchema = DUMP_SCHEMA.withTags(
  alsoQuotedFor(dumpTag(intCoreTag), goInteger),
  alsoQuotedFor(dumpTag(floatCoreTag), goFloat),
);

/** Strings that Go would read as something else stand in `"`. */
const goStyles: readonly ScalarStyleRule[] = [
  (layout) => {
    const { tag, value } = layout.node;
    const isOther =
      /^(|~|null|true|false|yes|no|on|off|y|n)$/i.test(value) || (goInteger(value) ?? goFloat(value)) !== undefined;
    if (isOther && tag === strTag.tagName && !layout.isKey) layout.style = SCALAR_STYLE.DOUBLE_QUOTED;
  },
  ...Object.values(DEFAULT_SCALAR_STYLE_RULES),
];

function dumpTag(like: ScalarTagDefinition<number>): ScalarTagDefinition<number> {
  const tag = DUMP_SCHEMA.tags.find((candidate) => candidate.tagName === like.tagName);
  return tag?.nodeKind === "scalar" ? tag : like;
}
