import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { allObjects, pagedList } from "../../lib/kubernetes/object-list.ts";

const object = (name: string): KubernetesObject => ({ apiVersion: "v1", kind: "Pod", metadata: { name } });

const listed = (read: { pages: number }) =>
  pagedList(async function* pages() {
    for (const items of [[object("a"), object("b")], [], [object("c")]]) {
      read.pages += 1;
      yield { items };
    }
  });

t.test("the objects of all pages are given at once or one after the other", async (t) => {
  const read = { pages: 0 };
  const names = (objects: KubernetesObject[]) => objects.map(({ metadata }) => metadata.name);
  t.same(names(await allObjects(listed(read))), ["a", "b", "c"]);
  t.same(names(await Array.fromAsync(listed(read))), ["a", "b", "c"]);
  t.equal(read.pages, 6);
  async function* plain() {
    yield object("d");
  }
  t.same(names(await allObjects(plain())), ["d"], "a list that knows no better");
});

t.test("of a list that has started over nothing comes twice, also what was made again meanwhile", async (t) => {
  const made = (name: string, uid: string, namespace = "dev"): KubernetesObject => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, uid },
  });
  const list = pagedList(async function* pages() {
    yield { items: [made("a", "1"), made("gone", "2")] };
    yield { items: [made("a", "3"), made("a", "4", "qa")], isAnew: true };
    yield { items: [made("b", "5")] };
  });
  const uids = (objects: KubernetesObject[]) => objects.map(({ metadata }) => metadata.uid);
  t.same(uids(await allObjects(list)), ["3", "4", "5"], "as it was the second time");
  t.same(uids(await Array.fromAsync(list)), ["1", "2", "4", "5"], "each name once");
});

t.test("who stops early reads no further page", async (t) => {
  const read = { pages: 0 };
  for await (const { metadata } of listed(read)) if (metadata.name === "a") break;
  t.equal(read.pages, 1);
});
