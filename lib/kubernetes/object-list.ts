import type { KubernetesObject } from "./object.ts";

/** Objects one after the other. */
export interface ObjectList extends AsyncIterable<KubernetesObject> {
  /** All of them, where that is quicker: thousands of objects are thousands of turns to wait for. */
  all?(): Promise<KubernetesObject[]>;
}

export const allObjects = (list: ObjectList): Promise<KubernetesObject[]> =>
  list.all === undefined ? Array.fromAsync(list) : list.all();

/** A list that comes in pages, read again whenever it is asked for. */
export function pagedList(pages: () => AsyncIterable<{ items: readonly KubernetesObject[] }>): ObjectList {
  return {
    async all() {
      const objects: KubernetesObject[] = [];
      for await (const { items } of pages()) for (const item of items) objects.push(item);
      return objects;
    },
    async *[Symbol.asyncIterator]() {
      for await (const { items } of pages()) for (const item of items) yield item;
    },
  };
}
