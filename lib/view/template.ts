// `-o jsonpath=` and `-o custom-columns=` of kubectl, over the same value that `-o json` prints. Loaded only for those.

import { usageError } from "../errors.ts";
import { cellText, jsonPath, jsonPathJson, jsonPathTexts, relaxedPath, type JsonPath } from "../jsonpath/jsonpath.ts";
import { JsonPathError } from "../jsonpath/nodes.ts";
import { escapeJson, escapeText } from "../text/escape.ts";
import { table, type Columns } from "./columns.ts";
import { printTexts, type Printer, type TemplateOutput } from "./output.ts";

/** What stands before the `=`. */
export type TemplateFormat =
  | "custom-columns"
  | "custom-columns-file"
  | "jsonpath"
  | "jsonpath-as-json"
  | "jsonpath-file";

/**
 * Reads the template behind `-o FORMAT=`; `text` is that of the file for the formats with `-file`.
 * @throws UserError "usage", in kubectl's words
 */
export function parseTemplate(format: TemplateFormat, text: string, noHeaders: boolean): TemplateOutput {
  if (format.startsWith("custom-columns")) {
    const columns = inWords(() => (format === "custom-columns" ? parseColumns(text) : parseColumnsFile(text)));
    return { print: async (value, printer) => await printColumns(columns, value, { noHeaders, printer }) };
  }
  const path = inWords(
    () => jsonPath(text),
    (message) => `error parsing jsonpath ${text}, ${message}`,
  );
  return {
    print: async (value, printer) => {
      const texts = inWords(
        () => pathTexts(path, format, value),
        (message) => executing(text, message),
      );
      printTexts(texts, printer);
    },
  };
}

const executing = (text: string, message: string) => `error executing jsonpath ${JSON.stringify(text)}: ${message}`;

/** Values may hold line feeds and tabs, as they do for kubectl; what else could steer a terminal is shown. */
function pathTexts(path: JsonPath, format: TemplateFormat, value: unknown): Iterable<string> {
  if (format !== "jsonpath-as-json") return jsonPathTexts(path, value, escapeText);
  return jsonPathJson(path, value, escapeJson);
}

interface CustomColumn {
  header: string;
  path: JsonPath;
}

/** `NAME:.metadata.name,AGE:…`. */
function parseColumns(spec: string): CustomColumn[] {
  return spec.split(",").map((part) => {
    const colon = part.indexOf(":");
    if (colon === -1)
      throw new JsonPathError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    return { header: part.slice(0, colon), path: relaxedPath(part.slice(colon + 1)) };
  });
}

/** A line of headers and a line of paths. */
function parseColumnsFile(text: string): CustomColumn[] {
  const [headers = [], paths = []] = text.split("\n", 2).map((line) => line.split(/\s+/).filter((word) => word !== ""));
  if (headers.length !== paths.length || headers.length === 0)
    throw new JsonPathError(
      `number of headers (${headers.length}) and field specifications (${paths.length}) don't match`,
    );
  return headers.map((header, at) => ({ header, path: relaxedPath(paths[at] ?? "") }));
}

/** A line for each item of a list; for the whole value, where it is none. */
async function printColumns(
  columns: readonly CustomColumn[],
  value: unknown,
  { noHeaders, printer }: { noHeaders: boolean; printer: Pick<Printer, "print"> },
): Promise<void> {
  const items = listItems(value);
  // Two columns may have one name.
  const cells = inWords(() => items.map((item) => columns.map(({ path }) => cellText(path, item) ?? "<none>")));
  const shown: Columns<readonly string[]> = Object.fromEntries(
    columns.map((_, at) => [`column ${at}`, (row: readonly string[]) => row[at]]),
  );
  const rows = noHeaders ? cells : [columns.map(({ header }) => header), ...cells];
  printer.print(await table(shown, rows, { noHeaders: true }));
}

function listItems(value: unknown): readonly unknown[] {
  const isList = typeof value === "object" && value !== null && "items" in value && Array.isArray(value.items);
  return isList ? (value.items as unknown[]) : [value];
}

function inWords<Result>(does: () => Result, words = (message: string) => message): Result {
  try {
    return does();
  } catch (error) {
    throw error instanceof JsonPathError ? usageError(words(error.message), undefined, { cause: error }) : error;
  }
}
