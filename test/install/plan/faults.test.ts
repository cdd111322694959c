import t from "tap";
import { refuseMove, refuseOldVersions, refuseTerminating } from "../../../lib/install/plan/faults.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { saysKept } from "../../kept-text.ts";

const namespace = (deletionTimestamp?: string, ...conditions: object[]): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "mirrord", ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
  status: { conditions },
});
const definition = (versions: string[], storedVersions?: string[]): KubernetesObject => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "things.example.com" },
  spec: { versions: versions.map((name) => ({ name })) },
  ...(storedVersions === undefined ? {} : { status: { storedVersions } }),
});
const registration = (place: string): KubernetesObject => ({
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  metadata: { name: "v1.operator.metalbear.co" },
  spec: { group: "operator.metalbear.co", service: { namespace: place } },
});

t.test("into a namespace that goes nothing is written, and what keeps it is said", async (t) => {
  t.doesNotThrow(() => refuseTerminating([namespace(), definition([])]));
  const time = "2026-11-22T12:00:00Z";
  t.throws(() => refuseTerminating([namespace(time)]), {
    kind: "refused",
    message: "namespace mirrord is being deleted",
    hint: [
      "Wait until it is gone: kubectl wait --for=delete namespace/mirrord --timeout=5m",
      "Then run the same command again. Nothing was written.",
    ].join("\n"),
  });
  const conditions = [
    { type: "A", status: "True", reason: "DiscoveryFailed", message: "no discovery" },
    { type: "B", status: "False", message: "all well" },
  ];
  t.throws(() => refuseTerminating([namespace(time, ...conditions)]), {
    message: "namespace mirrord is being deleted\n  no discovery",
    hint: [
      "An APIService that does not answer keeps it. See which: kubectl get apiservices | grep False",
      "Wait until it is gone: kubectl wait --for=delete namespace/mirrord --timeout=5m",
      "Then run the same command again. Nothing was written.",
    ].join("\n"),
  });
});

t.test("a version in which objects may be stored does not go without a word", async (t) => {
  const wanted = [definition(["v1"])];
  for (const current of [[], [definition(["v1"], ["v1"])], [definition(["v0"])]])
    t.doesNotThrow(() => refuseOldVersions(wanted, current));
  t.throws(() => refuseOldVersions(wanted, [definition(["v0", "v1"], ["v0", "v1"])]), {
    kind: "refused",
    message: /things\.example\.com may hold objects stored as v0/,
    hint: /--subresource=status[^]*\["v1"\]/,
  });
  t.throws(() => refuseOldVersions(wanted, [definition(["v0"], ["v0"])]), {
    message: /stored as v0/,
    hint: /kubectl delete crd things\.example\.com/,
  });
});

t.test("a second operator is refused where there is one", async (t) => {
  t.doesNotThrow(() => refuseMove([registration("a")], [registration("a")]));
  t.doesNotThrow(() => refuseMove([registration("a")], []));
  t.doesNotThrow(() => refuseMove([], [registration("a")]));
  t.throws(() => refuseMove([registration("b")], [registration("a")]), {
    kind: "usage",
    message: /in namespace a already/,
    hint: /-n a/,
  });
});

const wanted = [definition(["v1"])];
const condition = (status: string, reason: string, message: string) => ({ type: "X", status, reason, message });
const time = "2026-11-22T12:00:00Z";
const faults: Record<string, () => void> = {
  "a namespace that goes": () => refuseTerminating([namespace(time)]),
  "a namespace that goes and is kept": () =>
    refuseTerminating([
      namespace(
        time,
        condition("True", "SomeResourcesRemain", "some remain"),
        condition("False", "ContentDeleted", "all well"),
        condition("True", "SomeFinalizersRemain", "finalizers remain"),
      ),
    ]),
  "a namespace that goes and that an API keeps": () =>
    refuseTerminating([namespace(time, condition("True", "DiscoveryFailed", "no discovery"))]),
  "a namespace that stays, and a definition that goes": () =>
    refuseTerminating([
      namespace(undefined, condition("True", "DiscoveryFailed", "no discovery")),
      { ...definition([]), metadata: { name: "mirrord", deletionTimestamp: time } },
    ]),
  "a version that goes, where another stays": () => refuseOldVersions(wanted, [definition(["v0", "v1"], ["v0", "v1"])]),
  "versions that go, of several definitions": () => {
    const other = (one: KubernetesObject) => ({ ...one, metadata: { name: "others.example.com" } });
    refuseOldVersions(
      [definition(["v1", "v2"]), other(definition(["v1"]))],
      [definition(["v0", "v1", "v2"], ["v0", "v00", "v2"]), other(definition(["v0", "v1"], ["v0"]))],
    );
  },
  "a version that goes, and no other that stays": () => refuseOldVersions(wanted, [definition(["v0"], ["v0"])]),
  "a definition of which nothing is stored": () => refuseOldVersions(wanted, [definition(["v0"], [])]),
  "another kind that says what is stored": () =>
    refuseOldVersions(wanted, [{ ...definition(["v0"], ["v0"]), kind: "ConfigMap" }]),
  "a move of the operator": () => refuseMove([registration("b")], [registration("a")]),
  "another API in another namespace": () =>
    refuseMove([registration("b")], [{ ...registration("a"), spec: { group: "x", service: { namespace: "a" } } }]),
};
for (const [name, refuse] of Object.entries(faults)) {
  t.test(`what is said of ${name}`, async (t) => saysKept(t, import.meta.filename, name, refuse));
}
