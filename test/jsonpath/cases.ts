// Templates of `-o jsonpath=` and what the real kubectl does with each: test/e2e/jsonpath.test.ts asks it for all of them.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface JsonPathCase {
  template: string;
  /** What kubectl prints, or the message with which it refuses. */
  prints?: string;
  fails?: string;
  /** Go visits the fields of an object in any order: only the words are the same. */
  anyOrder?: boolean;
}

const read = (file: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, file), "utf8"));

export const cases = read("cases.json") as JsonPathCase[];

/** The object that they are about. */
export const sample = {
  apiVersion: "jsonpath.test/v1",
  kind: "Sample",
  metadata: { name: "x" },
  data: read("sample.json"),
};

/** Comparable where the order is anybody's. */
export const words = (text: string): string[] => text.split(/\s+/).toSorted();
