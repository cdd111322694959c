import { goQuote } from "../text/go-quote.ts";

/** One fault of an object, in the words of the API server: `rules[0].verbs: Required value: …`. */
export type FieldError = string;

export const required = (path: string, detail = ""): FieldError => withDetail(`${path}: Required value`, detail);

/** `value` as JSON, as the API server prints it. */
export const invalid = (path: string, value: unknown, detail: string): FieldError =>
  withDetail(`${path}: Invalid value: ${JSON.stringify(value)}`, detail);

export const forbiddenField = (path: string, detail: string): FieldError => withDetail(`${path}: Forbidden`, detail);

export const tooLong = (path: string, bytes: number): FieldError =>
  `${path}: Too long: may not be more than ${bytes} bytes`;

export function notSupported(path: string, value: string, supported: readonly string[]): FieldError {
  return `${path}: Unsupported value: ${goQuote(value)}: supported values: ${supported.map(goQuote).join(", ")}`;
}

const withDetail = (text: string, detail: string): string => (detail === "" ? text : `${text}: ${detail}`);
