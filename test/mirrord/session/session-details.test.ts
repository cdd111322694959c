import t from "tap";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { withDetails } from "../../../lib/mirrord/session/session-details.ts";
import { operatorStatus } from "../../../lib/mirrord/session/session-status.ts";
import { sessionOfEntry } from "../../../lib/mirrord/session/session.ts";

const record = (name: string, spec: object, status?: object): KubernetesObject => ({
  apiVersion: "mirrord.metalbear.co/v1alpha",
  kind: "MirrordClusterSession",
  metadata: { name, creationTimestamp: "2026-08-20T10:00:00Z" },
  spec,
  ...(status === undefined ? {} : { status }),
});

const owner = { userId: "Zm9v", username: "Jim Raynor", hostname: "laptop", k8sUsername: "jim/of@acme" };
const session = sessionOfEntry({ id: "AB12", user: "Jim Raynor/jim/of@acme@laptop", namespace: "shop" });
const live = (status: object) => operatorStatus({ apiVersion: "", kind: "", metadata: {}, spec: {}, status }).live;

t.test("the record of a session says who its owner is, in parts", async (t) => {
  const [known] = withDetails(
    [session],
    [
      record(
        "ab12",
        {
          owner,
          clientCliVersion: "3.250.0",
          jiraMetrics: { branchName: "feature/x" },
          multiClusterParentName: "mc-1",
          ciInfo: null,
          copyTarget: null,
        },
        { connectedTimestamp: "2026-08-20T10:00:03Z" },
      ),
    ],
    undefined,
  );
  t.match(known, {
    kind: "session",
    owner: { name: "Jim Raynor", kubernetesUser: "jim/of@acme", host: "laptop", certain: true },
    clientVersion: "3.250.0",
    branch: "feature/x",
    parent: "mc-1",
    startedAt: "2026-08-20T10:00:03Z",
  });
});

t.test("CI sessions and copies are told apart", async (t) => {
  const kindOf = (spec: object) => withDetails([session], [record("ab12", { owner, ...spec })], undefined)[0]?.kind;
  t.equal(kindOf({ ciInfo: { provider: "github" } }), "ci");
  t.equal(kindOf({ ciInfo: {} }), "ci");
  t.equal(kindOf({ copyTarget: { scaledown: true } }), "copy");
  t.equal(kindOf({ ciInfo: {}, copyTarget: { scaledown: true } }), "ci");
  t.equal(kindOf({}), "session");
});

t.test("the operator's copies name the session that they were made for", async (t) => {
  const copyTargets = [["pod", { metadata: {}, spec: {}, status: { creator_session: { id: "ab12" } } }]];
  t.equal(withDetails([session], [], live({ copy_targets: copyTargets }))[0]?.kind, "copy");
  const nameless = sessionOfEntry({ user: "a/b@c" });
  const noCreator = [["pod", { metadata: {}, spec: {}, status: {} }]];
  t.equal(withDetails([nameless], [], live({ copy_targets: noCreator }))[0]?.kind, "session");
});

t.test("a record of another session, or a broken one, changes nothing", async (t) => {
  t.same(withDetails([session], [record("ab13", { owner })], undefined), [session]);
  t.match(withDetails([session], [record("ab12", { owner: 7, ciInfo: "x" })], undefined), [
    { kind: "session", owner: session.owner },
  ]);
});

t.test("what only the status shows is added, once", async (t) => {
  const preview = sessionOfEntry({ id: "preview-1", user: "preview-env", duration_secs: 5, key: "pr-1" });
  const status = live({
    preview_sessions: [{ id: "preview-1", key: "pr-1", phase: "Idle" }],
    multi_cluster_sessions: [{ id: "mc-1", user: "a/b@c", phase: "Ready" }],
  });
  const all = withDetails([session, preview], [], status);
  t.equal(all.length, 3, "none is there twice");
  t.match(all, [
    { id: "AB12", kind: "session" },
    { id: "preview-1", kind: "preview", phase: "Idle", seconds: 5 },
    { id: "mc-1", kind: "multi-cluster" },
  ]);
});

t.test("previews of one name in two namespaces are two; one that is listed as a session as well is one", async (t) => {
  const summary = (namespace?: string) => ({
    id: "pr-1",
    phase: "Ready",
    ...(namespace === undefined ? {} : { namespace }),
  });
  const both = live({ preview_sessions: [summary("dev"), summary("qa")] });
  t.same(
    withDetails([], [], both).map(({ namespace }) => namespace),
    ["dev", "qa"],
  );
  const listed = sessionOfEntry({ id: "pr-1", user: "preview-env", namespace: "qa" });
  t.match(withDetails([listed], [], both), [
    { namespace: "qa", phase: "Ready" },
    { namespace: "dev", phase: "Ready" },
  ]);
  const placeless = withDetails([listed], [], live({ preview_sessions: [summary()] }));
  t.match(placeless, [{ namespace: "qa", phase: "Ready" }]);
  t.equal(placeless.length, 1, "without a namespace it is the listed one");
});
