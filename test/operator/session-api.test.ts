import t from "tap";
import { at, jim, startDirect } from "./direct.ts";
import type { Direct } from "./direct.ts";
import { listAt, objectAt, textAt } from "./json.ts";

const metadataOnly =
  "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/** Two in `dev`, one in `qa`. */
function addThree({ operator: { control } }: Direct) {
  const one = control.addSession({ namespace: "dev", target: "deployment.web", user: "jim", key: "pr-1" });
  const two = control.addSession({ namespace: "dev", target: "pod.web-1", user: "sarah", key: "a,b=c\\d" });
  const three = control.addSession({ namespace: "qa", target: "targetless", user: "jim", key: "pr-1" });
  return { one, two, three };
}

async function names(direct: Direct, path: string): Promise<string[]> {
  const { json } = await direct.call(at(path));
  return listAt(json, "items").map((item) => textAt(objectAt(item, "metadata"), "name") ?? "");
}

t.test("sessions are listed per namespace, for all, and by key", async (t) => {
  const direct = await startDirect(t);
  const { one, two, three } = addThree(direct);
  const escaped = encodeURIComponent("spec.session.key=a\\,b\\=c\\\\d");
  const cases: [string, string[]][] = [
    ["sessions", [one, two, three]],
    ["namespaces/dev/sessions", [one, two]],
    ["namespaces/none/sessions", []],
    ["sessions?fieldSelector=spec.session.key%3Dpr-1", [one, three]],
    ["namespaces/qa/sessions?fieldSelector=spec.session.key%3D%3Dpr-1", [three]],
    ["sessions?fieldSelector=spec.session.key%21%3Dpr-1", [two]],
    [`sessions?fieldSelector=${escaped}`, [two]],
    [`sessions?fieldSelector=metadata.name%3D${one},metadata.namespace%3Ddev`, [one]],
    [`sessions?fieldSelector=metadata.name%3D${one},metadata.namespace%3Dqa`, []],
  ];
  for (const [path, want] of cases) t.same(await names(direct, path), want, path);
});

t.test("a list has the shape that clients and controllers read", async (t) => {
  const direct = await startDirect(t);
  const { one } = addThree(direct);
  const { json } = await direct.call(at("namespaces/dev/sessions"));
  t.match(json, {
    apiVersion: "operator.metalbear.co/v1",
    kind: "SessionList",
    metadata: { resourceVersion: /^\d+$/ },
    items: [
      {
        kind: "Session",
        metadata: { name: one, namespace: "dev" },
        spec: { session: { id: one, user: "jim/jim@laptop", key: "pr-1" } },
      },
      {},
    ],
  });
  const partial = await direct.call(at("namespaces/dev/sessions"), { headers: { ...jim, accept: metadataOnly } });
  t.match(partial.json, {
    apiVersion: "meta.k8s.io/v1",
    kind: "PartialObjectMetadataList",
    metadata: { resourceVersion: /^\d+$/ },
    items: [{ kind: "PartialObjectMetadata", metadata: { name: one, namespace: "dev" } }, {}],
  });
  t.notMatch(partial.text, /spec/);
});

t.test("a session is found by its hexadecimal and its decimal name, in its own namespace only", async (t) => {
  const direct = await startDirect(t);
  const { one } = addThree(direct);
  const decimal = BigInt(`0x${one}`).toString();
  for (const name of [one, decimal, one.toLowerCase()]) {
    t.match((await direct.call(at(`sessions/${name}`))).json, { metadata: { name: one } });
    t.equal((await direct.call(at(`namespaces/dev/sessions/${name}`))).code, 200);
    t.equal((await direct.call(at(`namespaces/qa/sessions/${name}`))).code, 404);
  }
  t.match((await direct.call(at("sessions/nothing"))).json, {
    message: 'sessions.operator.metalbear.co "nothing" not found',
    reason: "NotFound",
    code: 404,
  });
});

t.test("a session is deleted at either path and by either name", async (t) => {
  const direct = await startDirect(t);
  const { one, two, three } = addThree(direct);
  const decimal = BigInt(`0x${two}`).toString();
  t.equal((await direct.call(at(`namespaces/qa/sessions/${one}`), { method: "DELETE" })).code, 404);
  const stopped = await direct.call(at(`sessions/${one}`), { method: "DELETE" });
  t.match(stopped.json, { kind: "Status", status: "Success", code: 200 });
  await direct.call(at(`namespaces/dev/sessions/${decimal}`), { method: "DELETE" });
  t.same(await names(direct, "sessions"), [three]);
  t.equal((await direct.call(at(`sessions/${one}`), { method: "DELETE" })).code, 404);
});

const collections: { name: string; path: string; left: ("one" | "two" | "three")[] }[] = [
  { name: "all", path: "sessions", left: [] },
  { name: "those of a namespace", path: "namespaces/dev/sessions", left: ["three"] },
  { name: "those with a key", path: "sessions?fieldSelector=spec.session.key%3Dpr-1", left: ["two"] },
  { name: "none on a dry run", path: "sessions?dryRun=All", left: ["one", "two", "three"] },
];
for (const { name, path, left } of collections) {
  t.test(`deletecollection deletes ${name}`, async (t) => {
    const direct = await startDirect(t);
    const added = addThree(direct);
    const answer = await direct.call(at(path), { method: "DELETE" });
    t.match(answer.json, { kind: "Status", status: "Success" });
    t.same(
      await names(direct, "sessions"),
      left.map((which) => added[which]),
    );
  });
}

t.test("a selector that cannot be honoured deletes nothing", async (t) => {
  const direct = await startDirect(t);
  addThree(direct);
  for (const selector of ["labelSelector=app%3Dweb", "fieldSelector=spec.user%3Djim", "fieldSelector=nonsense"]) {
    t.equal((await direct.call(at(`sessions?${selector}`), { method: "DELETE" })).code, 400, selector);
  }
  t.equal((await names(direct, "sessions")).length, 3);
});

t.test("inactive sessions are those without a connection", async (t) => {
  const direct = await startDirect(t);
  addThree(direct);
  const connection = await direct.connect({ target: "deployment.web" });
  t.ok(connection.ok);
  await direct.call(at("sessions/inactive"), { method: "DELETE", body: { kind: "DeleteOptions", dryRun: ["All"] } });
  t.equal(direct.operator.sessions().length, 4, "a dry run ends none");
  t.match((await direct.call(at("sessions/inactive"), { method: "DELETE" })).json, { status: "Success" });
  t.equal(direct.operator.sessions().length, 1, "the one with a connection stays");
});

t.test("deleting a session closes its connection, and it cannot be resumed", async (t) => {
  const direct = await startDirect(t);
  const headers = { "x-session-id": "43794" };
  const connection = await direct.connect({ target: "deployment.web", headers });
  t.same(await names(direct, "namespaces/dev/sessions"), ["AB12"]);
  await direct.call(at("sessions/43794"), { method: "DELETE" });
  if (connection.ok) t.match(await connection.closed, { code: 1001, reason: "session stopped" });
  t.match(await direct.connect({ target: "deployment.web", headers }), {
    ok: false,
    status: 410,
    reason: "ReconnectNotPossible",
    message: "session can no longer be resumed",
  });
});
