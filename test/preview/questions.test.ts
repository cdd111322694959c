import t from "tap";
import { questions } from "../../lib/preview/questions.ts";
import { fakeCluster } from "./fake-cluster.ts";

const get = (name: string) => ({ verb: "get", apiGroup: "", resource: "pods", namespace: "dev", name });
const yesTo = (...names: string[]) =>
  fakeCluster({
    answer: (question) => ({
      answer: "name" in question && names.includes(question.name ?? "") ? "yes" : "no",
      reason: "",
    }),
  });

t.test("answers come in the order of the questions, whoever asked first", async (t) => {
  const cluster = yesTo("b");
  const asker = questions(cluster, undefined, undefined);
  const [first, second] = await Promise.all([
    asker.ask([get("a"), get("b")]),
    asker.ask([get("b"), get("c"), get("a")]),
  ]);
  t.same(
    first.map(({ answer }) => answer),
    ["no", "yes"],
  );
  t.same(
    second.map(({ answer }) => answer),
    ["yes", "no", "no"],
  );
  t.equal(cluster.reviews, 1, "what is wanted at the same time is asked at once");
  t.equal(cluster.reviewed.length, 3, "each different question was asked once");
});

t.test("nothing is asked twice, however it is written", async (t) => {
  const cluster = yesTo();
  const asker = questions(cluster, undefined, undefined);
  await asker.ask([get("a")]);
  await asker.ask([{ subresource: "", ...get("a") }, get("b")]);
  await asker.ask([
    { verb: "get", path: "/version" },
    { verb: "get", path: "/version" },
  ]);
  t.equal(cluster.reviewed.length, 3, "each different question was asked once");
});

t.test("questions that differ in one attribute are different questions", async (t) => {
  const cluster = yesTo();
  const asker = questions(cluster, undefined, undefined);
  const base = get("a");
  await asker.ask([
    base,
    { ...base, verb: "list" },
    { ...base, apiGroup: "x" },
    { ...base, resource: "x" },
    { ...base, subresource: "x" },
    { ...base, namespace: "x" },
    { ...base, name: "x" },
  ]);
  t.equal(cluster.reviewed.length, 7, "each of them was asked");
});

t.test("an answer that is missing is unknown", async (t) => {
  const cluster = fakeCluster();
  cluster.review = async () => [];
  t.match(await questions(cluster, undefined, undefined).ask([get("a")]), [
    { answer: "unknown", reason: "the server did not answer" },
  ]);
});

t.test("a failure reaches whoever asked", async (t) => {
  const cluster = fakeCluster();
  cluster.review = () => Promise.reject(new Error("gone"));
  await t.rejects(questions(cluster, undefined, undefined).ask([get("a")]), { message: "gone" });
});
