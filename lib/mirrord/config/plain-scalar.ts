import { entryOf } from "../../json.ts";
import type { PlainScalar } from "../../yaml-dialects.ts";

/** What it is where the reader takes anything: null, a boolean, a number, else text. Words of YAML 1.1 (`yes`, `off`) are booleans. */
export function inferred({ plain }: PlainScalar): null | boolean | number | string {
  if (plain === "" || plain === "~" || plain.toLowerCase() === "null") return null;
  return asBoolean(plain) ?? asInteger(plain) ?? asFloat(plain) ?? plain;
}

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  y: true,
  on: true,
  false: false,
  no: false,
  n: false,
  off: false,
};

/** A boolean where one is wanted: the words of YAML 1.1. Undefined for anything else. */
export function asBoolean(source: string): boolean | undefined {
  const word = source.toLowerCase();
  return entryOf(booleans, word);
}

/** A whole number where one is wanted; a leading zero makes it none, as YAML 1.2 has no octals of that form. */
export function asInteger(source: string): number | undefined {
  const digits = source.replaceAll("_", "");
  if (!/^[-+]?(0x[0-9a-f]+|0o[0-7]+|0b[01]+|0|[1-9][0-9]*)$/i.test(digits)) return undefined;
  const magnitude = Number(digits.replace(/^[-+]/, "").toLowerCase());
  return digits.startsWith("-") ? -magnitude : magnitude;
}

function asFloat(plain: string): number | undefined {
  return /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(plain) ? Number(plain) : undefined;
}
