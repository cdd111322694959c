/** What a template consists of. A template is a list of texts and actions; an action (`{…}`) is a list of steps. */
export type Node =
  | { kind: "list"; nodes: readonly Node[] }
  | { kind: "text"; text: string }
  | { kind: "field"; name: string }
  | { kind: "slice"; slice: Slice }
  | { kind: "filter"; left: readonly Node[]; operator: string; right: readonly Node[] }
  | { kind: "literal"; value: Literal }
  | { kind: "wildcard" }
  | { kind: "recursive" }
  | { kind: "union"; branches: readonly (readonly Node[])[] }
  | { kind: "word"; word: string };

/** A whole number, one with a decimal point, or a boolean; Go compares a number only with one of its own kind. */
export type Literal = boolean | number | Float;

/** The key of a Float's value, which no JSON has. */
export const FLOAT = Symbol("float");

/** A number that was written with a decimal point, `5.0` included. */
export interface Float {
  readonly [FLOAT]: number;
}

/** Undefined: left out. */
export interface Slice {
  start: number | undefined;
  end: number | undefined;
  /** `[3]`: the end follows from the start. */
  isIndex: boolean;
  step: number | undefined;
}

/** What is wrong with a template, or with what it does to a value; in the words of client-go. */
export class JsonPathError extends Error {
  /** What the failed step had found so far: a filter that only looks whether something is there goes on with it. */
  readonly found: readonly unknown[];

  constructor(message: string, found: readonly unknown[] = []) {
    super(message);
    this.name = "JsonPathError";
    this.found = found;
  }
}
