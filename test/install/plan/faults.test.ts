import t from "tap";
import { refuseMove, refuseOldVersions, refuseTerminating } from "../../../lib/install/plan/faults.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";

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
