import t from "tap";
import { namedObjectFrom, objectFrom } from "../../../lib/kube/live/answered-object.ts";
import { nativeResources } from "../../../lib/kubernetes/resources.ts";

const { roleBindings } = nativeResources;

t.test("an item of a list gets its kind from what was asked for", async (t) => {
  t.same(objectFrom({ metadata: { name: "a" }, subjects: [] }, roleBindings), {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "a" },
    subjects: [],
  });
});

t.test("null in an answer is unset: not every server leaves it out", async (t) => {
  const metadata = { name: "a", labels: null, creationTimestamp: null };
  t.same(objectFrom({ metadata }, roleBindings).metadata, { name: "a" });
});

const refused: [answer: unknown, says: string][] = [
  ["text", "the server's answer is no RoleBinding"],
  [null, "the server's answer is no RoleBinding"],
  [{ metadata: null }, "the server's answer is no RoleBinding"],
  [{ metadata: { name: 3 } }, "the server's answer is no RoleBinding: metadata.name is not a string"],
  [
    { metadata: { name: "a", labels: { b: 3 } } },
    "the server's answer is no RoleBinding: metadata.labels is not a map of strings",
  ],
  [
    { metadata: { name: "a" }, subjects: JSON.parse(`${"[".repeat(9000)}${"]".repeat(9000)}`) as unknown },
    "the server's answer is no RoleBinding: nested deeper than 500 levels",
  ],
];
for (const [answer, message] of refused)
  t.throws(() => objectFrom(answer, roleBindings), { message, kind: "undetermined" }, message);

t.test("the answer about one object is about that one", async (t) => {
  const asked = { name: "a", namespace: "dev" };
  const own = { metadata: { name: "a", namespace: "dev" } };
  t.equal(namedObjectFrom(own, roleBindings, asked).metadata.name, "a");
  const others = [
    { name: "../../a", namespace: "dev" },
    { name: "a", namespace: "qa" },
    { name: "a" },
    { namespace: "dev" },
  ];
  for (const metadata of others)
    t.throws(
      () => namedObjectFrom({ metadata }, roleBindings, asked),
      { message: "the server answered with another RoleBinding than a", kind: "undetermined" },
      JSON.stringify(metadata),
    );
});
