// The shapes of the API, for objects that are built here or read by field. They are client-node's, made from the API's own
// OpenAPI document, as types only: nothing of it runs.

import type { V1ObjectMeta } from "@kubernetes/client-node";
import { objectIn } from "../json.ts";

/**
 * A type of client-node as JSON has it. Times are texts. Where client-node renames a key (`from` is `_from` there), an object
 * written by its type would lose the field: whatever has such a key is `never`, so that nobody can write it.
 */
export type Json<Type> = unknown extends Type
  ? unknown
  : Type extends Date
    ? string
    : Type extends readonly (infer Item)[]
      ? Json<Item>[]
      : Type extends object
        ? Extract<keyof Type, `_${string}`> extends never
          ? { [Key in keyof Type]: Json<Type[Key]> }
          : never
        : Type;

/** An object that says what it is, as all do that are sent. */
export type ApiObject<Type> = Omit<Json<Type>, "apiVersion" | "kind" | "metadata"> & {
  apiVersion: string;
  kind: string;
  metadata: Json<V1ObjectMeta>;
};

/** The fields of an object from outside: the names are the API's, the values can be anything. */
export type Unchecked<Type> = { readonly [Key in keyof Type]?: unknown };

/** The fields of a value; none where it is no object. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- It says which names there are, which no argument can.
export function fieldsIn<Type>(value: unknown): Unchecked<Type> {
  return objectIn(value);
}
