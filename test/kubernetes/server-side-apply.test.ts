import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { applyTo } from "../../lib/kubernetes/server-side-apply.ts";

// plan-live.test.ts has the same beside a real API server.

interface Entry {
  manager?: string;
  operation?: string;
  subresource?: string;
  fields: object;
}

/** An object as it is stored, with who set what. */
function stored(fields: object, ...entries: Entry[]): KubernetesObject {
  const managedFields = entries.map(({ manager = "ours", operation = "Apply", fields: fieldsV1, ...rest }) => ({
    manager,
    operation,
    fieldsV1,
    ...rest,
  }));
  const { metadata, ...body } = fields as { metadata?: object };
  return { apiVersion: "v1", kind: "Thing", ...body, metadata: { name: "x", uid: "1", ...metadata, managedFields } };
}

const applied = (fields: object) => stored(fields);
const theirs = (fields: object): Entry => ({ manager: "theirs", operation: "Update", fields });

/** The merged object without what names it. */
function merge(current: KubernetesObject, fields: object): object {
  const { metadata, ...body } = applyTo(current, applied(fields), "ours");
  const { labels, ownerReferences, finalizers } = metadata;
  const { apiVersion: _version, kind: _kind, ...rest } = body;
  return JSON.parse(JSON.stringify({ ...rest, labels, ownerReferences, finalizers })) as object;
}

const containers = (...list: object[]) => ({ spec: { containers: list } });
const containerFields = (...entries: [name: string, fields: object][]) => ({
  "f:spec": {
    "f:containers": Object.fromEntries(
      entries.map(([name, fields]) => [`k:{"name":"${name}"}`, { ".": {}, "f:name": {}, ...fields }]),
    ),
  },
});
const owner = (uid: string) => ({ apiVersion: "v1", kind: "Job", name: uid, uid });

const cases: { name: string; current: KubernetesObject; given: object; want: object }[] = [
  {
    name: "defaults of the server stay, and what is given is set",
    current: stored({ spec: { replicas: 1, paused: false } }, { fields: { "f:spec": { "f:paused": {} } } }),
    given: { spec: { paused: true } },
    want: { spec: { replicas: 1, paused: true } },
  },
  {
    name: "what was applied before and is not any more goes",
    current: stored({ spec: { a: 1, b: 2 } }, { fields: { "f:spec": { "f:a": {}, "f:b": {} } } }),
    given: { spec: { a: 1 } },
    want: { spec: { a: 1 } },
  },
  {
    name: "a whole part goes with the defaults in it, unless somebody else set something there",
    current: stored(
      { probe: { path: "/", periodSeconds: 10 }, limits: { cpu: "1", memory: "1Gi" } },
      { fields: { "f:probe": { "f:path": {} }, "f:limits": { "f:cpu": {} } } },
      theirs({ "f:limits": { "f:memory": {} } }),
    ),
    given: {},
    want: { limits: { memory: "1Gi" } },
  },
  {
    name: "what another manager set too stays",
    current: stored(
      { metadata: { labels: { a: "1", b: "2" } } },
      { fields: { "f:metadata": { "f:labels": { "f:a": {}, "f:b": {} } } } },
      theirs({ "f:metadata": { "f:labels": { "f:b": {} } } }),
    ),
    given: {},
    want: { labels: { b: "2" } },
  },
  {
    name: "entries of a list map are merged by key, others' stay, ours go, new ones follow",
    current: stored(
      containers({ name: "a", image: "1", pull: "Always" }, { name: "side", image: "s" }, { name: "old" }),
      { fields: containerFields(["a", { "f:image": {} }], ["old", {}]) },
      theirs(containerFields(["side", { "f:image": {} }])),
    ),
    given: containers({ name: "a", image: "2" }, { name: "new" }),
    want: containers({ name: "a", image: "2", pull: "Always" }, { name: "side", image: "s" }, { name: "new" }),
  },
  {
    name: "another order of a list map is another list",
    current: stored(containers({ name: "a" }, { name: "side" }, { name: "b" }), {
      fields: containerFields(["a", {}], ["b", {}]),
    }),
    given: containers({ name: "b" }, { name: "a" }),
    want: containers({ name: "b" }, { name: "side" }, { name: "a" }),
  },
  {
    name: "a port without a protocol is the TCP port",
    current: stored(
      { ports: [{ port: 80, protocol: "TCP", targetPort: 80 }] },
      { fields: { "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:port": {} } } } },
    ),
    given: { ports: [{ port: 80 }] },
    want: { ports: [{ port: 80, protocol: "TCP", targetPort: 80 }] },
  },
  {
    name: "a list that is one value is replaced, and so is a map that is one value",
    current: stored({ rules: [1, 2], selector: { a: "1" } }, { fields: { "f:rules": {}, "f:selector": {} } }),
    given: { rules: [2], selector: { b: "1" } },
    want: { rules: [2], selector: { b: "1" } },
  },
  {
    name: "of a set only our own entries go",
    current: stored(
      { names: ["a", "b", "c", "e"] },
      { fields: { "f:names": { 'v:"a"': {}, 'v:"b"': {}, 'v:"e"': {} } } },
      theirs({ "f:names": { 'v:"c"': {}, 'v:"e"': {} } }),
    ),
    given: { names: ["b", "d"] },
    want: { names: ["b", "c", "e", "d"] },
  },
  {
    name: "owners are added by uid, finalizers one by one",
    current: stored({ metadata: { ownerReferences: [owner("1")], finalizers: ["x/y"] } }, { fields: {} }),
    given: { metadata: { ownerReferences: [owner("2")], finalizers: ["x/z"] } },
    want: { ownerReferences: [owner("1"), owner("2")], finalizers: ["x/y", "x/z"] },
  },
  {
    name: "null is the same as not given",
    current: stored({ a: 1, b: 2 }, { fields: { "f:a": {} } }),
    given: { a: null, b: null },
    want: { b: 2 },
  },
  {
    name: "what our own POST or the status set is another manager's",
    current: stored(
      { a: 1, status: 1 },
      { operation: "Update", fields: { "f:a": {} } },
      { subresource: "status", fields: { "f:status": {} } },
    ),
    given: {},
    want: { a: 1, status: 1 },
  },
  {
    name: "an empty list that we set and the server does not store is set already",
    current: stored({ a: 1 }, { fields: { "f:a": {}, "f:list": {}, "f:map": {} } }),
    given: { a: 1, list: [], map: {} },
    want: { a: 1 },
  },
  {
    name: "an empty list that nobody, or another, has set is new",
    current: stored({ a: 1 }, { fields: { "f:a": {} } }, theirs({ "f:other": {} })),
    given: { a: 1, list: [], other: [] },
    want: { a: 1, list: [], other: [] },
  },
  {
    name: "in a folder of manifests fields are replaced whole, labels merged",
    current: stored({ spec: { a: 1 }, other: 1, metadata: { labels: { a: "1" } } }),
    given: { spec: { b: 2 }, metadata: { labels: { b: "2" } } },
    want: { spec: { b: 2 }, other: 1, labels: { a: "1", b: "2" } },
  },
];
for (const { name, current, given, want } of cases) {
  t.test(name, async (t) => {
    const before = structuredClone(current);
    t.same(merge(current, given), want);
    t.same(current, before, "the stored object is left as it is");
  });
}

// A binding of a grant as it is stored, and what is applied over it again.
const ours = {
  "f:metadata": { "f:labels": { "f:grant": {} }, "f:annotations": { "f:note": {} }, "f:ownerReferences": {} },
  "f:subjects": {},
};
const given = {
  metadata: { labels: { grant: "1" }, annotations: { note: "x" }, ownerReferences: [owner("a")] },
  subjects: [{ kind: "User", name: "jim" }],
};
const more = { labels: { grant: "1", theirs: "1" }, annotations: { note: "x", theirs: "1" } };
const now = stored({ ...given, metadata: { ...given.metadata, ...more } }, { fields: ours }, theirs({ "f:other": {} }));
const again: [what: string, fields: object, isSame: boolean, current?: KubernetesObject][] = [
  ["what is stored so already", given, true],
  ["the same over what another manager set", { ...given, other: undefined }, true],
  ["a subject more", { ...given, subjects: [...given.subjects, { kind: "User", name: "eve" }] }, false],
  ["a subject less", { ...given, subjects: [] }, false],
  ["another label", { ...given, metadata: { ...given.metadata, labels: { grant: "2" } } }, false],
  ["a label less", { ...given, metadata: { ...given.metadata, labels: {} } }, false],
  ["an annotation less", { ...given, metadata: { ...given.metadata, annotations: {} } }, false],
  ["no annotations", { ...given, metadata: { ...given.metadata, annotations: undefined } }, false],
  ["another owner", { ...given, metadata: { ...given.metadata, ownerReferences: [owner("b")] } }, false],
  ["a field less", { metadata: given.metadata }, false],
  ["the same in a folder of manifests", given, true, stored(given)],
  ["a label that somebody else manages", given, true, stored(given, theirs(ours))],
];
for (const [what, fields, isSame, current = now] of again) {
  t.test(`${what}: the stored object ${isSame ? "stays" : "becomes another"}`, async (t) => {
    t.equal(applyTo(current, applied(fields), "ours") === current, isSame);
  });
}
