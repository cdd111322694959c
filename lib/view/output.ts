import { headers, rowCells, table, type Columns } from "./columns.ts";
import { jsonPieces } from "./json-pieces.ts";
import type { Line, Lines } from "./lines.ts";
import { pieces } from "./pieces.ts";
import { csvField, escapeJson } from "../text/escape.ts";

export type OutputFormat = "table" | "wide" | "json" | "yaml" | "name" | "csv";

/** A command's result as data; every format shows the same. */
export interface Output<Row = unknown> {
  /** Of the JSON and YAML forms: `GrantList`. Their apiVersion is `kubectl-mirrord.io/v1alpha1`. */
  kind: string;
  /** The fields of the JSON and YAML forms beside apiVersion and kind; a list is `{ items: [...] }`. */
  value: object;
  rows: readonly Row[];
  columns: Columns<Row>;
  /** The line for `-o name`: `clusterrolebinding.rbac.authorization.k8s.io/x`. Needed where that format is offered. */
  name?: (row: Row) => string;
  /**
   * A report of few rows, whose cells are wrapped to fit a terminal. A list has a line for each row, wherever it goes; on a
   * terminal its columns are shortened that may be, but not with `-o wide`.
   */
  bounded?: boolean;
  /** The sentence for stderr when there are no rows; left out, `No resources found`. */
  empty?: string;
}

export interface OutputOptions {
  format: OutputFormat;
  /** `--no-headers`. */
  noHeaders?: boolean;
}

/** The part of the World that printing needs; lib/cli/world.ts says more of each. */
export interface Printer {
  /** stdout, for people. */
  print(lines: Lines): void;
  /** stdout, for programs. */
  document(text: string): void;
  /** stderr. */
  note(lines: Lines): void;
  readonly isTerminal: { readonly stdout: boolean };
  /** The width of the terminal. */
  readonly columns: number;
  /** `-o jsonpath=…` and its like: prints documents in place of JSON. */
  readonly template?: TemplateOutput | undefined;
}

/** What a template makes of a document. */
export interface TemplateOutput {
  /** `value` is JSON that was read. */
  print(value: unknown, printer: Pick<Printer, "document" | "print">): Promise<void>;
}

type DocumentPrinter = Pick<Printer, "document" | "print" | "template">;

/** Of every JSON and YAML form that is ours; its schemas are under docs/schema/. */
export const API_VERSION = "kubectl-mirrord.io/v1alpha1";

/** The one way in which a result reaches stdout. An empty table is a sentence on stderr and nothing on stdout. */
export async function printOutput<Row>(output: Output<Row>, options: OutputOptions, printer: Printer): Promise<void> {
  const { kind, value, rows, columns, name, bounded = false, empty = "No resources found" } = output;
  const { format, noHeaders = false } = options;
  switch (format) {
    case "json":
    case "yaml":
      return await printDocument({ apiVersion: API_VERSION, kind, ...value }, format, printer);
    case "csv":
      return rows.length === 0 && noHeaders ? printer.note(empty) : printTexts(csv(columns, rows, noHeaders), printer);
    case "name":
      if (name === undefined) throw new Error(`${kind} has no names to print`);
      return rows.length === 0 ? printer.note(empty) : printer.print(rows.map(name));
    case "table":
    case "wide":
      if (rows.length === 0) return printer.note(empty);
      return await printTable(columns, rows, { wide: format === "wide", noHeaders, bounded }, printer);
  }
}

/** A table of a screen that has more to say; bounded, as Output has it, unless it is said not to be. */
export async function printTable<Row>(
  columns: Columns<Row>,
  rows: readonly Row[],
  options: FittedOptions,
  printer: Printer,
): Promise<void> {
  printer.print(await fittedTable(columns, rows, options, printer));
}

interface FittedOptions {
  wide?: boolean;
  noHeaders?: boolean;
  bounded?: boolean;
}

/** A table as it fits stdout; elsewhere than on a terminal each row is a line. */
export async function fittedTable<Row>(
  columns: Columns<Row>,
  rows: readonly Row[],
  { bounded = true, ...options }: FittedOptions,
  { isTerminal, columns: width }: Pick<Printer, "isTerminal" | "columns">,
): Promise<Line[]> {
  const terminal = isTerminal.stdout ? width : undefined;
  const fitted = bounded ? { wrapAt: terminal } : options.wide === true ? {} : { shortenAt: terminal };
  return await table(columns, rows, { ...options, ...fitted });
}

/** A whole JSON or YAML document that carries its own apiVersion and kind. */
export async function printDocument(value: object, format: "json" | "yaml", printer: DocumentPrinter): Promise<void> {
  if (printer.template !== undefined) return await printer.template.print(plainJson(value), printer);
  const isPlain = format === "yaml" && isPlainYaml(value);
  for (const piece of isPlain ? [await yaml(value)] : jsonPieces(value)) printer.document(piece);
}

/** The JSON form of such a document, for a file. */
export function jsonText(value: object): string {
  return [...jsonPieces(value)].join("");
}

/** Objects as `kubectl apply -f -` takes them: YAML documents, or one List. */
export async function printObjects(
  objects: readonly object[],
  format: "json" | "yaml",
  printer: DocumentPrinter,
): Promise<void> {
  if (format === "json")
    return await printDocument({ apiVersion: "v1", kind: "List", items: objects }, format, printer);
  for (const [at, object] of objects.entries()) {
    if (at > 0) printer.document("---\n");
    await printDocument(object, format, printer);
  }
}

/** A document for a program that is made text by text: it may be longer than a string can be. */
export function printTexts(texts: Iterable<string>, printer: Pick<Printer, "document">): void {
  for (const piece of pieces(texts)) printer.document(piece);
}

/** One value of a stream, in one line. */
export async function printJsonLine(value: object, printer: DocumentPrinter): Promise<void> {
  if (printer.template !== undefined) return await printer.template.print(plainJson(value), printer);
  printer.document(`${escapeJson(JSON.stringify(value))}\n`);
}

/** The value as a reader of its JSON has it. Lists are copied item by item: all of it may be longer than a string can be. */
function plainJson(value: object): unknown {
  if (Array.isArray(value)) return value.map(jsonCopy);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(
    fields.map(([name, field]) => [name, Array.isArray(field) ? field.map(jsonCopy) : jsonCopy(field)]),
  );
}

/** An item that is undefined is null. */
const jsonCopy = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? "null");

const UNICODE_ESCAPE = /(?<!\\)(?:\\\\)*\\u/;
/** In UTF-16 units of JSON. Longer YAML would come near to what a string can hold. */
const LONGEST_YAML = 1 << 27;

/**
 * Characters that could deceive a reader have no safe form outside JSON's escapes, and a very long document is written in pieces,
 * as only JSON is: such a value is printed as JSON, which is YAML too.
 */
function isPlainYaml(value: object): boolean {
  let length = 0;
  for (const piece of jsonPieces(value)) {
    length += piece.length;
    if (length > LONGEST_YAML || UNICODE_ESCAPE.test(piece)) return false;
  }
  return true;
}

/** js-yaml is loaded here, because few runs print YAML. */
async function yaml(value: object): Promise<string> {
  const { toYaml } = await import("../yaml.ts");
  return toYaml(value);
}

/** Lines end with CR LF (RFC 4180). All columns, wide ones too. */
function* csv<Row>(columns: Columns<Row>, rows: readonly Row[], noHeaders: boolean): Generator<string> {
  const line = (fields: readonly string[]) => `${fields.map(csvField).join(",")}\r\n`;
  if (!noHeaders) yield line(headers(columns, true));
  const fields = rowCells(columns, true);
  for (const row of rows) yield line(fields(row));
}
