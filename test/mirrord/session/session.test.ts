import t from "tap";
import { portText, sessionOfEntry, sessionOfObject, sessionOfSummary } from "../../../lib/mirrord/session/session.ts";

const entry = {
  id: "487F4F2B6D2376AD",
  duration_secs: 184,
  user: "Jim Raynor/jim@acme.example@jims-laptop.local",
  target: "deployment/checkout",
  namespace: "shop",
  locked_ports: [{ port: 80, kind: "steal", filter: "header=^x-user: jim$" }],
  user_id: "Zm9v",
  sqs: null,
  rmq: null,
  kafka: null,
  key: "jim",
  http_filter: { headerFilter: "^baggage: .*jim.*$" },
};

t.test("an entry of a current operator", async (t) => {
  t.same(sessionOfEntry(entry), {
    id: "487F4F2B6D2376AD",
    kind: "session",
    namespace: "shop",
    target: "deployment/checkout",
    user: "Jim Raynor/jim@acme.example@jims-laptop.local",
    owner: { name: "Jim Raynor", kubernetesUser: "jim@acme.example", host: "jims-laptop.local" },
    userId: "Zm9v",
    key: "jim",
    seconds: 184,
    ports: [{ port: 80, kind: "steal", filter: "header=^x-user: jim$" }],
    httpFilter: "^baggage: .*jim.*$",
    queues: { sqs: [], rmq: [], kafka: [] },
  });
});

const ports: { name: string; given: unknown; want: object[] }[] = [
  {
    name: "tuples of an old operator",
    given: [
      [80, "steal", "header=x"],
      [81, "mirror", null],
    ],
    want: [
      { port: 80, kind: "steal", filter: "header=x" },
      { port: 81, kind: "mirror" },
    ],
  },
  { name: "an unknown kind stays as it is", given: [{ port: 1, kind: "sniff" }], want: [{ port: 1, kind: "sniff" }] },
  { name: "no kind at all", given: [{ port: 1 }], want: [{ port: 1, kind: "unknown" }] },
  {
    name: "what is no port",
    given: [
      { port: "80", kind: "steal" },
      { port: 70_000, kind: "steal" },
      { port: 1.5, kind: "steal" },
      [-1, "steal"],
    ],
    want: Array.from({ length: 4 }, () => ({ port: undefined, kind: "steal" })),
  },
  { name: "neither object nor tuple", given: ["80", null, 80], want: [] },
  { name: "null", given: null, want: [] },
  { name: "no list", given: { port: 80 }, want: [] },
];

for (const { name, given, want } of ports)
  t.test(`locked ports: ${name}`, async (t) => {
    t.same(sessionOfEntry({ ...entry, locked_ports: given }).ports, want);
  });

t.test("a session without a target has none, however that is written", async (t) => {
  for (const target of [null, undefined, "", "targetless", 7, {}])
    t.notOk("target" in sessionOfEntry({ ...entry, target }), JSON.stringify(target) ?? "undefined");
});

t.test("what is missing or of another type is left out, never made up", async (t) => {
  for (const given of [undefined, null, 5, "x", [], {}]) {
    t.same(sessionOfEntry(given), {
      id: "",
      kind: "session",
      user: "",
      owner: {},
      ports: [],
      queues: { sqs: [], rmq: [], kafka: [] },
    });
  }
  const odd = sessionOfEntry({ ...entry, duration_secs: "184", namespace: null, key: 7, http_filter: [] });
  for (const field of ["seconds", "namespace", "key", "httpFilter"]) t.notOk(field in odd, field);
  t.notOk("seconds" in sessionOfEntry({ ...entry, duration_secs: -1 }));
});

t.test("a preview is nobody's session", async (t) => {
  t.match(sessionOfEntry({ ...entry, user: "preview-env" }), { kind: "preview", owner: {} });
  t.match(sessionOfEntry({ ...entry, user: "x/preview-env@h" }), { kind: "session" });
});

t.test("an item of the sessions API", async (t) => {
  const object = { apiVersion: "v1", kind: "Session", metadata: { name: "AB", namespace: "dev" } };
  t.match(sessionOfObject({ ...object, spec: { session: entry } }), { id: entry.id, namespace: "shop" });
  const { id: _id, namespace: _namespace, ...bare } = entry;
  t.match(sessionOfObject({ ...object, spec: { session: bare } }), { id: "AB", namespace: "dev" });
  for (const spec of [undefined, null, {}, { session: null }, { session: [] }, { session: "x" }])
    t.equal(sessionOfObject({ ...object, spec }), undefined);
});

t.test("sessions over several clusters and previews come in another spelling", async (t) => {
  t.match(
    sessionOfSummary(
      {
        id: "mc-487f4f2b6d2376ad",
        durationSecs: 61,
        user: "Jim Raynor/jim@acme.example@laptop",
        target: "deployment/checkout",
        namespace: "shop",
        clusters: ["us", 7, "eu"],
        phase: "Ready",
      },
      "multi-cluster",
    ),
    { id: "mc-487f4f2b6d2376ad", kind: "multi-cluster", seconds: 61, clusters: ["us", "eu"], phase: "Ready" },
  );
  t.match(sessionOfSummary({ id: "preview-1", key: "pr-1", phase: "Idle", idleSecs: 9 }, "preview"), {
    kind: "preview",
    key: "pr-1",
    idleSeconds: 9,
    owner: {},
  });
  t.match(sessionOfSummary(null, "preview"), { id: "", kind: "preview" });
});

t.test("a port in words", async (t) => {
  t.equal(portText({ port: 80, kind: "steal", filter: "header=x" }), "80 steal header=x");
  t.equal(portText({ port: undefined, kind: "mirror" }), "? mirror");
});
