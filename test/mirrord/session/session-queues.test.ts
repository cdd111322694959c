import t from "tap";
import { queueSplits, topicSplits } from "../../../lib/mirrord/session/session-queues.ts";
import { sessionOfEntry } from "../../../lib/mirrord/session/session.ts";

const of = (entry: object) => [sessionOfEntry({ id: "AB", user: "a/b@c", ...entry })];
const spec = {
  sessionId: "AB",
  queueFilters: { orders: { tenant: "^jim$", env: "dev" } },
  queueConsumer: { name: "web" },
};
const names = { orders: { originalName: "orders", outputName: "mirrord-1-orders" } };

t.test("the queues of a split that is ready", async (t) => {
  for (const state of ["Ready", "RegisteringFilters"]) {
    const sqs = [{ spec, status: { [state]: { queueNames: names, envUpdates: {} } } }];
    t.same(queueSplits(of({ sqs }), "sqs"), [
      {
        session: "AB",
        user: "a/b@c",
        queue: "orders",
        originalName: "orders",
        outputName: "mirrord-1-orders",
        filter: "tenant=^jim$,env=dev",
      },
    ]);
  }
});

t.test("one that is not ready has no names yet; a jq program is a filter too", async (t) => {
  const rmq = [{ spec: { queueFilters: {}, queueJqFilters: { jobs: ".x == 1" } }, status: { Starting: {} } }];
  t.same(queueSplits(of({ rmq }), "rmq"), [{ session: "AB", user: "a/b@c", queue: "jobs", filter: ".x == 1" }]);
  t.same(queueSplits(of({ rmq }), "sqs"), []);
});

t.test("topics, filtered and what is left of them", async (t) => {
  const kafka = [
    { name: "mirrord-tmp-1-orders", clientConfig: "base" },
    { spec: { name: "mirrord-tmp-1-fallback-orders", clientConfig: "base" } },
    7,
  ];
  t.same(topicSplits(of({ kafka })), [
    { session: "AB", user: "a/b@c", topic: "mirrord-tmp-1-orders", clientConfig: "base", type: "Filtered" },
    { session: "AB", user: "a/b@c", topic: "mirrord-tmp-1-fallback-orders", clientConfig: "base", type: "Fallback" },
  ]);
});

t.test("what is no split is none", async (t) => {
  for (const odd of [[null], [7], [{}], [{ spec: 7, status: 7 }], "x"])
    t.same(queueSplits(of({ sqs: odd }), "sqs"), []);
});
