import t from "tap";
import { grantId } from "../../lib/access/intent.ts";
import { annotations } from "../../lib/access/names.ts";
import {
  bindsPolicyReads,
  boundSubjects,
  grantName,
  idInName,
  isRevoked,
  storedGrants,
  withLeftovers,
  withoutExpired,
  type StoredObject,
} from "../../lib/access/stored.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { intentWith } from "./grant.ts";
import { bound } from "./rbac-objects.ts";
import { carriesIntent, end, storedParts } from "./stored-grant.ts";

const grantParts = (temporary: boolean, namespace: string) =>
  storedParts(intentWith({ temporary, set: { kind: "namespaces", namespaces: [namespace] } })).objects.map(
    ({ object }) => object,
  );
const temporary = grantParts(true, "dev");
const permanent = grantParts(false, "qa");
const foreign = bound("by-hand", "mine", "jim", "dev");
const all = [...temporary, foreign, ...permanent];

t.test("a grant that has ended goes with all its objects; others and what is nobody's grant stay", async (t) => {
  t.ok(temporary.length > 1);
  t.same(withoutExpired(all, end - 1), all);
  t.same(withoutExpired(all, end), [foreign, ...permanent]);
});

t.test("only the binding that carries the intent says when it ends", async (t) => {
  const moved = temporary.filter((object) => !carriesIntent({ object } as never));
  const claims = moved.map((object) => ({
    ...object,
    metadata: { ...object.metadata, annotations: { [annotations.expiresAt]: "2000-01-01T00:00:00Z" } },
  }));
  t.same(withoutExpired(claims, end), claims);
});

const parts = (namespace: string) =>
  storedParts(intentWith({ set: { kind: "namespaces", namespaces: [namespace] } })).objects;
const idOf = (namespace: string) => grantId(intentWith({ set: { kind: "namespaces", namespaces: [namespace] } }));
const withLabels = ({ type, object }: StoredObject, labels: Record<string, string>): StoredObject => ({
  type,
  object: { ...object, metadata: { ...object.metadata, labels } },
});
const seen = (grants: ReturnType<typeof storedGrants>) =>
  grants.map(({ id, intent, objects }) => [id, intent?.subject.name, objects.length]);

t.test("grants are told apart by their label, in the order of their ids", async (t) => {
  const [dev, qa] = [parts("dev"), parts("qa")];
  const both = [
    [idOf("dev"), "jim", dev.length],
    [idOf("qa"), "jim", qa.length],
  ].toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  t.same(seen(storedGrants([...dev, ...qa])), both);
  t.same(seen(storedGrants([...qa, ...dev])), both);
  t.same(storedGrants([]), []);
});

t.test("an object with a grant's label is ours by its name, or because it says so", async (t) => {
  const label = { "kubectl-mirrord.io/grant": "abc" };
  const config = (name: string | undefined, labels: Record<string, string>): StoredObject => ({
    type: nativeResources.configMaps,
    object: { apiVersion: "v1", kind: "ConfigMap", metadata: { ...(name === undefined ? {} : { name }), labels } },
  });
  const managed = { "app.kubernetes.io/managed-by": "kubectl-mirrord" };
  t.same(seen(storedGrants([config("x", label)])), []);
  t.same(seen(storedGrants([config(undefined, label)])), []);
  t.same(seen(storedGrants([config("x", { ...label, "app.kubernetes.io/managed-by": "Helm" })])), []);
  t.same(seen(storedGrants([config("x", { ...label, ...managed })])), [["abc", undefined, 1]]);
  t.same(seen(storedGrants([config("mirrord:grant:x", label)])), [["abc", undefined, 1]]);
  t.same(seen(storedGrants([config("mirrord:grant:x", managed)])), []);
});

t.test("an intent counts only under the label of its own grant, and only on the binding that carries it", async (t) => {
  const [grant] = storedGrants(parts("dev"));
  t.equal(grant?.binding?.kind, "ClusterRoleBinding");
  const copied = parts("dev").map((part) => withLabels(part, { "kubectl-mirrord.io/grant": idOf("qa") }));
  t.match(storedGrants(copied), [{ id: idOf("qa"), intent: undefined, binding: { kind: "ClusterRoleBinding" } }]);
});

const names: [name: string, grant: string | undefined][] = [
  [`mirrord:grant:jim-dev-${"a".repeat(20)}`, `mirrord:grant:jim-dev-${"a".repeat(20)}`],
  [`mirrord:grant:jim-dev-${"a".repeat(20)}:reads`, `mirrord:grant:jim-dev-${"a".repeat(20)}`],
  [`mirrord:grant:jim-dev-${"a".repeat(19)}`, undefined],
  [`mirrord:grant:jim-dev-${"a".repeat(21)}`, undefined],
  [`mirrord:grant:jim-dev-${"1".repeat(20)}`, undefined],
  [`mirrord:grant:jim.dev-${"a".repeat(20)}`, undefined],
  [`my-mirrord:grant:jim-dev-${"a".repeat(20)}`, undefined],
  [`mirrord:role:jim-dev-${"a".repeat(20)}`, undefined],
];
for (const [name, want] of names) {
  t.test(`${name} is ${want === undefined ? "no" : "a"} name of an object of a grant`, async (t) => {
    t.equal(grantName(name), want);
    t.equal(idInName(name), want && "a".repeat(20));
  });
}

t.test(
  "what lost its label belongs to its grant by its name; without a grant it is one that cannot be read",
  async (t) => {
    const dev = parts("dev");
    const whole = storedGrants(dev);
    t.same(withLeftovers(whole, dev), whole, "nothing is added twice");
    const binding = dev.find(({ object }) => object.kind === "RoleBinding");
    if (binding === undefined) throw new Error("there is none");
    const bare = withLabels(binding, {});
    const rest = storedGrants(dev.filter((one) => one !== binding));
    const [found, ...more] = withLeftovers(rest, [bare]);
    t.same(more, []);
    t.equal(found?.objects.at(-1)?.object, bare.object);
    t.equal(found?.objects.length, dev.length);
    t.same(found?.intent, rest[0]?.intent);
    t.same(seen(withLeftovers([], [bare])), [[idOf("dev"), undefined, 1]]);
    const stranger = { ...bare, object: { ...bare.object, metadata: { name: "stranger" } } };
    t.same(withLeftovers(rest, [stranger, { ...bare, object: { ...bare.object, metadata: {} } }]), rest);
  },
);

t.test("a grant is being taken back when its binding is marked, or was deleted and still stands", async (t) => {
  const binding = (metadata: object) => ({
    binding: { apiVersion: "v1", kind: "x", metadata: { name: "b", ...metadata } },
  });
  t.notOk(isRevoked({ binding: undefined }));
  t.notOk(isRevoked(binding({})));
  t.notOk(isRevoked(binding({ annotations: { [annotations.intent]: "x" } })));
  t.ok(isRevoked(binding({ annotations: { [annotations.revokedAt]: "" } })));
  t.ok(isRevoked(binding({ deletionTimestamp: "2026-01-01T00:00:00Z" })));
});

t.test("whom the bindings of a grant name, once each, and whether they may list policies", async (t) => {
  const [grant] = storedGrants(parts("dev"));
  t.same(boundSubjects(grant?.objects ?? []), [{ kind: "User", name: "jim" }]);
  t.same(boundSubjects([]), []);
  t.notOk(bindsPolicyReads(undefined));
  t.notOk(bindsPolicyReads(grant));
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "mirrord:role:reads-basic" };
  const [first] = parts("dev");
  if (grant === undefined || first === undefined) throw new Error("there is none");
  const reading = { type: first.type, object: { ...first.object, roleRef } };
  t.ok(bindsPolicyReads({ ...grant, objects: [...grant.objects, reading] }));
});
