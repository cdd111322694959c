import type { KubernetesObject } from "./object.ts";

/** Objects one after the other. */
export interface ObjectList extends AsyncIterable<KubernetesObject> {
  /** All of them, where that is quicker: thousands of objects are thousands of turns to wait for. */
  all?(): Promise<KubernetesObject[]>;
}

export const allObjects = (list: ObjectList): Promise<KubernetesObject[]> =>
  list.all === undefined ? Array.fromAsync(list) : list.all();

interface ListPage {
  items: readonly KubernetesObject[];
  /** The list has started over: what was given before is given again. */
  isAnew?: true;
}

/**
 * A list that comes in pages, read again whenever it is asked for. All of a list that has started over are those of the second
 * time; one after the other, what was given already is left out by its name, so that an object that was deleted and made
 * again does not come twice.
 */
export function pagedList(pages: () => AsyncIterable<ListPage>): ObjectList {
  return {
    async all() {
      let objects: KubernetesObject[] = [];
      for await (const { items, isAnew } of pages()) {
        if (isAnew === true) objects = [];
        for (const item of items) objects.push(item);
      }
      return objects;
    },
    async *[Symbol.asyncIterator]() {
      const given = new Set<string>();
      for await (const { items } of pages())
        for (const item of items) {
          const key = nameKey(item);
          if (given.has(key)) continue;
          given.add(key);
          yield item;
        }
    },
  };
}

const nameKey = ({ metadata: { namespace = "", name = "" } }: KubernetesObject): string => `${namespace}/${name}`;
