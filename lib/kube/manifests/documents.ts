// What the text of a file of manifests holds: documents with objects, or why it is none.

import { usageError } from "../../errors.ts";
import { isJsonObject, textIn } from "../../json.ts";
import { metadataFault, withoutNulls } from "../../kubernetes/object-meta.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { parseDocuments } from "../../yaml.ts";

export interface ManifestDocument {
  /** To the letter, without the `---` before it. */
  text: string;
  objects: KubernetesObject[];
  /** The line on which it begins, comments aside; from 1. */
  line: number;
  /** The wrapper of a JSON list, which cannot be written back as separate objects. */
  keepWhole?: boolean;
}

/**
 * The documents of a text. Throws UserError "usage", `SOURCE: line N: …`, for what is no YAML and for a document that is no
 * Kubernetes object, is several at once (a repeated key), or has no name.
 */
export function readDocuments(text: string, source: string): ManifestDocument[] {
  return splitDocuments(text).map(({ text: part, firstLine }) => {
    const line =
      firstLine +
      Math.max(
        0,
        part.split("\n").findIndex((one) => /^\s*[^\s#]/.test(one)),
      );
    const values = parseDocuments(part, { source, dialect: "manifest", firstLine });
    const objects = values.flatMap((value) => objectsIn(value, `${source}: line ${line}`));
    const keepWhole = source.endsWith(".json") && objects.length > 1;
    return { text: part, objects, line, ...(keepWhole ? { keepWhole } : {}) };
  });
}

interface Part {
  text: string;
  firstLine: number;
}

/** The YAML documents of a file, each with its own text: a `---` in the first column starts one, wherever it stands. */
function splitDocuments(text: string): Part[] {
  const parts: { lines: string[]; firstLine: number }[] = [{ lines: [], firstLine: 1 }];
  for (const [index, line] of text.split("\n").entries()) {
    if (/^\uFEFF?---(\s|$)/.test(line)) {
      parts.push({ lines: [line.slice(line.indexOf("---") + 3)], firstLine: index + 1 });
    } else parts.at(-1)?.lines.push(line);
  }
  return parts.map(({ lines, firstLine }) => ({ text: lines.join("\n"), firstLine }));
}

interface ListTypes {
  apiVersion: unknown;
  kind: string;
}

// Source: UnstructuredJSONScheme in apimachinery: an item of a typed list that says neither takes both from the list.
function objectsIn(value: unknown, where: string, list?: ListTypes): KubernetesObject[] {
  if (!isJsonObject(value)) {
    throw usageError(`${where}: ${Array.isArray(value) ? "a list" : "a value"} is not a Kubernetes object`);
  }
  const { items } = value;
  const isTyped = list !== undefined && list.kind !== "" && !value["kind"] && !value["apiVersion"];
  const { apiVersion, kind } = isTyped ? list : value;
  if (typeof apiVersion !== "string" || typeof kind !== "string" || apiVersion === "" || kind === "") {
    throw usageError(`${where}: not a Kubernetes object: ${missing(apiVersion, kind)}`);
  }
  if (kind.endsWith("List") && (Array.isArray(items) || items === null)) {
    const types = { apiVersion, kind: kind.slice(0, -"List".length) };
    return (items ?? []).flatMap((item, index) => objectsIn(item, `${where}: items[${index}]`, types));
  }
  const metadata = isJsonObject(value["metadata"]) ? value["metadata"] : {};
  if (typeof metadata["name"] !== "string" || metadata["name"] === "") {
    const why = metadata["generateName"] === undefined ? "" : " (generateName needs a server to make one up)";
    throw usageError(`${where}: ${kind} without metadata.name${why}`);
  }
  for (const field of ["name", "namespace"]) {
    const given = textIn(metadata[field]);
    if (/\{\{|\$\{/.test(given)) {
      throw usageError(`${where}: metadata.${field} ${JSON.stringify(given)} is not filled in`);
    }
  }
  const filled = withoutNulls(metadata);
  const fault = metadataFault(filled);
  if (fault !== undefined) throw usageError(`${where}: ${kind} ${metadata["name"]}: ${fault}`);
  return [{ ...value, apiVersion, kind, metadata: filled }];
}

function missing(apiVersion: unknown, kind: unknown): string {
  const absent = [
    ...(typeof apiVersion === "string" && apiVersion !== "" ? [] : ["apiVersion"]),
    ...(typeof kind === "string" && kind !== "" ? [] : ["kind"]),
  ];
  return `${absent.join(" and ")} ${absent.length === 1 ? "is" : "are"} missing`;
}
