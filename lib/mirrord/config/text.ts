import { isJsonObject } from "../../json.ts";
import { parse as parseToml, TomlError } from "smol-toml";
import { usageError } from "../../errors.ts";
import { isDeeperThan, repeatedKeyFault } from "../../json-texts.ts";
import { parseDocuments } from "../../yaml.ts";

/**
 * Reads the text by the file's extension, as the client does: `.json` or none is strict JSON, `.toml`, `.yaml` and `.yml` are
 * what they say. An empty YAML or TOML file is an empty object. Throws UserError "usage" with the place of the mistake.
 * The only place that knows the TOML library.
 */
export function parseConfigText(text: string, fileName: string): ConfigText {
  const format = configFormat(fileName);
  const value = parseAs(format, text, fileName);
  if (!isJsonObject(value)) throw usageError(`${fileName}: a mirrord configuration has to be an object`);
  if (isDeeperThan(value, MAX_DEPTH)) throw usageError(`${fileName}: nested deeper than ${MAX_DEPTH} levels`);
  return { value, isYaml: format === "yaml" };
}

/** The client's parser stops there (serde_json's recursion limit). */
const MAX_DEPTH = 127;

export interface ConfigText {
  /** In YAML, scalars without quotes are as they are written: what they mean depends on the field. */
  value: Record<string, unknown>;
  isYaml: boolean;
}

type Format = "json" | "toml" | "yaml";

function configFormat(fileName: string): Format {
  const base = fileName.slice(Math.max(fileName.lastIndexOf("/"), fileName.lastIndexOf("\\")) + 1);
  const dot = base.lastIndexOf(".");
  // A leading dot starts a name, not an extension.
  const extension = dot <= 0 ? "" : base.slice(dot + 1);
  switch (extension) {
    case "":
    case "json":
      return "json";
    case "toml":
      return "toml";
    case "yaml":
    case "yml":
      return "yaml";
    default:
      throw usageError(
        `${fileName}: mirrord reads no configuration with the extension .${extension}`,
        "Name it .json, .toml, .yaml or .yml.",
      );
  }
}

function parseAs(format: Format, text: string, source: string): unknown {
  if (format === "json") return parseJson(text, source);
  if (format === "toml") return parseTomlText(text, source);
  const documents = parseDocuments(text, { source, dialect: "written" });
  if (documents.length > 1) throw usageError(`${source}: holds ${documents.length} documents, not one`);
  return documents[0] ?? {};
}

function parseJson(text: string, source: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw usageError(`${source}: ${why}`, "Strict JSON: no comments, no commas at the end.", {
      cause: error,
    });
  }
  // JSON.parse takes the last of two equal keys without a word; the client refuses them.
  const fault = repeatedKeyFault(text);
  if (fault !== undefined) throw usageError(`${source}: ${fault}`);
  return value;
}

function parseTomlText(text: string, source: string): unknown {
  try {
    return parseToml(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [first = ""] = error.message.split("\n");
    throw usageError(`${source}: line ${error.line}: ${first.replace(/^Invalid TOML document: /, "")}`, undefined, {
      cause: error,
    });
  }
}
