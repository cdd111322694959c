import { textIn } from "../../json.ts";

// Fields that may be missing, null, empty or of another type: then they are left out.

export function textFields<Name extends string>(
  fields: Readonly<Record<Name, unknown>>,
): Partial<Record<Name, string>> {
  const texts: Partial<Record<Name, string>> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (textIn(value) !== "") Object.assign(texts, { [name]: value });
  }
  return texts;
}

/** Numbers that count something: finite, and not below zero. */
export function countFields<Name extends string>(
  fields: Readonly<Record<Name, unknown>>,
): Partial<Record<Name, number>> {
  const counts: Partial<Record<Name, number>> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "number" && Number.isFinite(value) && value >= 0) Object.assign(counts, { [name]: value });
  }
  return counts;
}
