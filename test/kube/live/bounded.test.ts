import t from "tap";
import { bounded } from "../../../lib/kube/live/bounded.ts";
import { memoryCluster } from "../memory-cluster.ts";

const type = { group: "", version: "v1", resource: "namespaces", kind: "Namespace", namespaced: false };

t.test("at most so many requests are under way at once, and all of them are made", async (t) => {
  const cluster = memoryCluster();
  await Promise.all(Array.from({ length: 100 }, (_, index) => bounded(cluster, 100).get(type, `n${index}`)));
  t.equal(cluster.peak(), 100);
  const limited = memoryCluster();
  const few = bounded(limited, 5);
  await Promise.all(Array.from({ length: 100 }, (_, index) => few.get(type, `n${index}`)));
  t.equal(limited.peak(), 5);
});

t.test("a request that fails gives its place back", async (t) => {
  const cluster = memoryCluster();
  cluster.get = () => Promise.reject(new Error("no"));
  const one = bounded(cluster, 1);
  await t.rejects(one.get(type, "a"), { message: "no" });
  await t.rejects(one.get(type, "b"), { message: "no" });
});

t.test("equal questions are asked once, and each gets its answer in order", async (t) => {
  const cluster = memoryCluster();
  let asked = 0;
  cluster.review = async (questions) => {
    asked += questions.length;
    return questions.map((question) => ({ answer: "yes", reason: JSON.stringify(question) }));
  };
  const question = (name: string) => ({ verb: "get", apiGroup: "", resource: "pods", name });
  const names = ["a", "b", "a", "c", "b", "d", "e", "f"];
  const answers = await bounded(cluster).review(names.map(question));
  t.same(
    answers.map(({ reason }) => (JSON.parse(reason) as { name: string }).name),
    names,
  );
  t.equal(asked, 6);
});

t.test("a folder is given back as it is", async (t) => {
  const folder = { ...memoryCluster(), offline: true };
  t.equal(bounded(folder), folder);
});
