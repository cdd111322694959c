import { isJsonObject, type JsonObject } from "../../json.ts";

/** Reads fields with Go's types: null is the zero value, any other mismatch is an error that names the field. */
export interface Fields {
  text(key: string): string;
  flag(key: string): boolean;
  /** Base64 text, decoded. */
  bytes(key: string): string;
  texts(key: string): string[];
  textMap(key: string): Record<string, string>;
  textLists(key: string): Record<string, string[]>;
  list(key: string): Fields[];
  object(key: string, type: string): Fields | undefined;
  raw(key: string): unknown;
}

/** The Go names of the list items, for the errors. */
const itemTypes: Record<string, string> = {
  clusters: "NamedCluster",
  users: "NamedAuthInfo",
  contexts: "NamedContext",
  extensions: "NamedExtension",
  env: "ExecEnvVar",
};

/**
 * @param type the Go struct and @param path the JSON path of `source`, for the errors
 * @throws Error in the words of Go's JSON decoder
 */
export function goFields(source: unknown, type: string, path: string): Fields {
  const object = expectObject(source, type, path);
  const at = (key: string): string => (path === "" ? key : `${path}.${key}`);
  const read = <Value>(
    key: string,
    goType: string,
    matches: (value: unknown) => value is Value,
    zero: Value,
  ): Value => {
    const value = object[key] ?? zero;
    if (matches(value)) return value;
    throw new Error(
      `json: cannot unmarshal ${goKind(value)} into Go struct field ${type}.${at(key)} of type ${goType}`,
    );
  };
  return {
    text: (key) => read(key, "string", isText, ""),
    flag: (key) => read(key, "bool", (value) => typeof value === "boolean", false),
    bytes: (key) => decodeBase64(read(key, "[]uint8", isText, "")),
    texts: (key) => read(key, "[]string", isTextList, []),
    textMap: (key) => read(key, "map[string]string", isTextMap, {}),
    textLists: (key) => read(key, "map[string][]string", isTextListMap, {}),
    list: (key) => read(key, "slice", Array.isArray, []).map((item) => goFields(item, itemTypes[key] ?? key, at(key))),
    object: (key, itemType) => {
      const value = object[key];
      return value === undefined || value === null ? undefined : goFields(value, itemType, at(key));
    },
    raw: (key) => object[key],
  };
}

function expectObject(value: unknown, type: string, path: string): JsonObject {
  if (value === null || value === undefined) return {};
  if (isJsonObject(value)) return value;
  throw new Error(`json: cannot unmarshal ${goKind(value)} into Go struct field ${path} of type v1.${type}`);
}

const isText = (value: unknown): value is string => typeof value === "string";
const isTextList = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isTextMap = (value: unknown): value is Record<string, string> =>
  isJsonObject(value) && Object.values(value).every(isText);
const isTextListMap = (value: unknown): value is Record<string, string[]> =>
  isJsonObject(value) && Object.values(value).every(isTextList);

/** What Go's JSON decoder calls the type of a value. */
export function goKind(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function decodeBase64(text: string): string {
  const compact = text.replaceAll(/[\r\n]/g, "");
  const wrong = /[^A-Za-z0-9+/]/.exec(compact.replace(/={1,2}$/, ""));
  if (wrong !== null || compact.length % 4 !== 0) {
    throw new Error(`illegal base64 data at input byte ${wrong?.index ?? compact.length}`);
  }
  return Buffer.from(compact, "base64").toString("utf8");
}
