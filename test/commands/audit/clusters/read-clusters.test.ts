import t from "tap";
import type { ClustersOptions } from "../../../../lib/commands/audit/clusters/contexts.ts";
import { readClusters } from "../../../../lib/commands/audit/clusters/read-clusters.ts";
import { UserError, usageError } from "../../../../lib/errors.ts";
import type { Cluster } from "../../../../lib/kube/cluster.ts";
import { fakeCluster } from "../../../preview/fake-cluster.ts";
import { kubeconfig, severalWorld, silent, unreachable } from "./several.ts";

const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `c${String(at).padStart(2, "0")}`);

function options(t: Parameters<typeof kubeconfig>[0], contexts: readonly string[], timeout?: number): ClustersOptions {
  return { allContexts: true, clusterTimeout: timeout, kubeconfig: kubeconfig(t, contexts) };
}

const closing = (name: string, closed: string[]): Cluster => ({
  ...fakeCluster({}),
  place: name,
  close: () => void closed.push(name),
});

t.test("each is read, in the order of the contexts, and closed; warnings name the cluster", async (t) => {
  const closed: string[] = [];
  const { world, screen } = severalWorld({ a: closing("a", closed), b: closing("b", closed) });
  const answers = await readClusters(options(t, ["b", "a"]), world, async (cluster, said) => {
    said.warn("look");
    return cluster.place;
  });
  t.same(answers, [
    { cluster: "a", value: "a" },
    { cluster: "b", value: "b" },
  ]);
  t.same(closed.toSorted(), ["a", "b"]);
  t.equal(screen.stderr, "Warning: a: look\nWarning: b: look\n");
});

t.test("one that is unreachable, and one that never answers, are named; the others are read", async (t) => {
  const { world } = severalWorld({ down: unreachable, good: fakeCluster({}), slow: silent });
  const answers = await readClusters(options(t, ["down", "good", "slow"], 5), world, async () => "read");
  t.same(answers, [
    { cluster: "down", unread: "The connection to the server 127.0.0.1:1 was refused" },
    { cluster: "good", value: "read" },
    { cluster: "slow", unread: "it took longer than 0.005 s (--cluster-timeout)" },
  ]);
});

t.test("one that goes silent in the middle is given up as well, and its connection ended", async (t) => {
  const signals: (AbortSignal | undefined)[] = [];
  const { world } = severalWorld({
    a: async ({ signal }) => {
      signals.push(signal);
      return fakeCluster({});
    },
  });
  const answers = await readClusters(options(t, ["a"], 5), world, (_cluster, { signal }) => {
    signals.push(signal);
    return new Promise(() => {});
  });
  t.match(answers, [{ cluster: "a", unread: /took longer/ }]);
  t.same(
    signals.map((signal) => signal?.aborted),
    [true, true],
    "also what follows a log by the signal of its world",
  );
});

t.test("at most eight are read at once, and all of them in the end", async (t) => {
  const all = names(30);
  let now = 0;
  let most = 0;
  const { world } = severalWorld(Object.fromEntries(all.map((name) => [name, fakeCluster({})])));
  const answers = await readClusters(options(t, all), world, async () => {
    most = Math.max(most, (now += 1));
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
    return "read";
  });
  t.equal(most, 8);
  t.same(
    answers.map(({ cluster }) => cluster),
    all,
  );
});

t.test("what is wrong with the question itself is thrown, once", async (t) => {
  const { world } = severalWorld({ a: fakeCluster({}), b: fakeCluster({}) });
  const wrong = readClusters(options(t, ["a", "b"]), world, () => Promise.reject(usageError("no such thing")));
  await t.rejects(wrong, { kind: "usage", message: "no such thing" });
});

t.test("what only one of them does not know is that one's", async (t) => {
  const { world } = severalWorld({ a: fakeCluster({}), b: { ...fakeCluster({}), place: "b" } });
  const answers = await readClusters(options(t, ["a", "b"]), world, async ({ place }) => {
    if (place === "b") throw usageError("no such type");
    return "read";
  });
  t.same(answers, [
    { cluster: "a", value: "read" },
    { cluster: "b", unread: "no such type" },
  ]);
});

t.test("a bug is no answer of a cluster, and neither is an interrupt", async (t) => {
  const { world } = severalWorld({ a: fakeCluster({}) });
  await t.rejects(
    readClusters(options(t, ["a"]), world, () => Promise.reject(new TypeError("x"))),
    TypeError,
  );
  const interrupted = { ...world, signal: AbortSignal.abort() };
  await t.rejects(
    readClusters(options(t, ["a"]), interrupted, () => Promise.reject(new UserError("interrupted", "interrupted"))),
    { message: "interrupted" },
  );
});

t.test("a single cluster has no name, and what goes wrong there is thrown", async (t) => {
  const { world } = severalWorld({ a: fakeCluster({}) });
  const single = { allContexts: false, clusterTimeout: undefined, context: "a" };
  t.same(await readClusters(single, world, async () => 1), [{ cluster: undefined, value: 1 }]);
  await t.rejects(
    readClusters(single, world, () => Promise.reject(usageError("x"))),
    { message: "x" },
  );
});
