import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { readOperatorStatus, readSessions } from "../../lib/reading/sessions.ts";
import { fakeCluster, type FakeOptions } from "../preview/fake-cluster.ts";
import { object, OPERATOR } from "../preview/objects.ts";

const session = (id: string, namespace = "dev", spec: object = { session: { id, user: "jim/jim@host" } }) =>
  object(`${OPERATOR}/v1`, "Session", id, { spec }, namespace);
const live = (sessions: object[] = []) => ({
  sessions: sessions.map((one) => ({ id: "AA", user: "jim/jim@host", namespace: "dev", locked_ports: [], ...one })),
});
const operator = (status: unknown) => object(`${OPERATOR}/v1`, "MirrordOperator", "operator", { spec: {}, status });

const read = (objects: KubernetesObject[], more: FakeOptions = {}) =>
  readSessions(fakeCluster({ objects, ...more }), "dev");

t.test("where the sessions API is forbidden, the sessions are those of the status, and that is said", async (t) => {
  const found = await read([operator(live([{}]))], { forbidden: ["sessions"] });
  t.equal(found.source, "status");
  t.equal(found.sessions.length, 1);
  t.equal(found.notes[0], "You may not list sessions: only those that the operator's status shows are known.");
});

t.test("where the sessions API is missing, likewise", async (t) => {
  const found = await read([operator(live([{}]))], { failing: { sessions: 404 } });
  t.equal(found.notes[0], "The operator has no sessions API: only those that its status shows are known.");
});

const refusals: { name: string; objects: KubernetesObject[]; more: FakeOptions }[] = [
  { name: "the list fails for another reason", objects: [operator(live())], more: { failing: { sessions: 503 } } },
  { name: "neither may be read", objects: [operator(live())], more: { forbidden: ["sessions", "mirrordoperators"] } },
  { name: "the list is forbidden and there is no operator", objects: [], more: { forbidden: ["sessions"] } },
  { name: "there is neither", objects: [], more: { failing: { sessions: 404 } } },
  {
    name: "the list is forbidden and the status is empty",
    objects: [operator(undefined)],
    more: { forbidden: ["sessions"] },
  },
];
for (const { name, objects, more } of refusals)
  t.test(`nobody knows the sessions where ${name}`, async (t) => {
    await t.rejects(read(objects, more), { name: "UserError", kind: "undetermined" });
  });

t.test("what is read besides may be missing: notes say what is not known, and failures may pass", async (t) => {
  const whole = await read([operator(live())]);
  t.same([whole.source, whole.notes, whole.failing], ["sessions", [], []]);
  const poor = await read([], { failing: { mirrordoperators: 503, mirrordclustersessions: 500 } });
  t.equal(poor.status, undefined);
  t.same(
    poor.notes.map((note) => note.split(":")[0]),
    ["The operator's status cannot be read", "The operator's session records cannot be read"],
  );
  t.same(
    poor.failing.map(({ what }) => what),
    ["status", "records"],
  );
  const forbidden = await read([], { forbidden: ["mirrordoperators", "mirrordclustersessions"] });
  t.equal(forbidden.notes.length, 2);
  t.same(forbidden.failing, [], "rights do not come back by themselves");
});

t.test("the operator's status, or why there is none", async (t) => {
  t.same((await readOperatorStatus(fakeCluster({ objects: [operator(live([{}]))] }))).live.sessions.length, 1);
  const states: FakeOptions[] = [
    { objects: [] },
    { objects: [operator(undefined)] },
    { forbidden: ["mirrordoperators"] },
    { failing: { mirrordoperators: 503 } },
  ];
  for (const state of states)
    await t.rejects(readOperatorStatus(fakeCluster(state)), { kind: "undetermined", message: /./ });
});

t.test("the sessions of a namespace, or of all", async (t) => {
  const cluster = () => fakeCluster({ objects: [session("AA"), session("BB", "qa"), operator(live())] });
  const ids = async (namespace: string | undefined) =>
    (await readSessions(cluster(), namespace)).sessions.map(({ id, namespace: place }) => `${place}/${id}`);
  t.same(await ids("dev"), ["dev/AA"]);
  t.same(await ids(undefined), ["dev/AA", "qa/BB"]);
});

t.test("an answer that is no list of sessions is not taken for one", async (t) => {
  await t.rejects(read([session("AA", "dev", {}), operator(live())]), { kind: "undetermined", message: /./ });
});
