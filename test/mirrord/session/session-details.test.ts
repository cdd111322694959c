import t from "tap";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { withDetails } from "../../../lib/mirrord/session/session-details.ts";
import { operatorStatus } from "../../../lib/mirrord/session/session-status.ts";
import { sessionOfEntry } from "../../../lib/mirrord/session/session.ts";

const record = (name: string, spec: object, status?: object): KubernetesObject => ({
  apiVersion: "mirrord.metalbear.co/v1alpha",
  kind: "MirrordClusterSession",
  metadata: { name, creationTimestamp: "2026-08-20T10:00:00Z" },
  spec: { namespace: "shop", ...spec },
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

const onWeb = sessionOfEntry({
  id: "AB12",
  user: "Jim/jim@laptop",
  user_id: "Zm9v",
  namespace: "shop",
  target: "deployment/web/container/main",
});
const web = { apiVersion: "apps/v1", kind: "Deployment", name: "web", container: "main" };
const jim = { userId: "Zm9v", username: "Jim", hostname: "laptop", k8sUsername: "jim" };
const eve = { userId: "ZXZl", username: "Eve", hostname: "laptop", k8sUsername: "eve" };
const closed = { closed: { reason: "Unused" } };

const joined: { name: string; spec: object; status?: object; listed?: object; want: "joined" | "disputed" | "left" }[] =
  [
    { name: "the same user, namespace and target", spec: { owner: jim, target: web }, want: "joined" },
    { name: "another user", spec: { owner: eve, target: web }, want: "disputed" },
    { name: "another machine", spec: { owner: { ...jim, hostname: "tower" }, target: web }, want: "disputed" },
    { name: "another certificate", spec: { owner: { ...jim, userId: "ZXZl" }, target: web }, want: "disputed" },
    { name: "another namespace", spec: { owner: jim, target: web, namespace: "qa" }, want: "disputed" },
    { name: "no namespace", spec: { owner: jim, target: web, namespace: null }, want: "disputed" },
    { name: "another workload", spec: { owner: jim, target: { ...web, name: "cart" } }, want: "disputed" },
    { name: "another kind", spec: { owner: jim, target: { ...web, kind: "StatefulSet" } }, want: "disputed" },
    { name: "another container", spec: { owner: jim, target: { ...web, container: "side" } }, want: "disputed" },
    { name: "no target", spec: { owner: jim, target: null }, want: "disputed" },
    { name: "a closed record", spec: { owner: jim, target: web }, status: closed, want: "left" },
    { name: "a closed record of another user", spec: { owner: eve, target: web }, status: closed, want: "left" },
    {
      name: "the container that the client did not name",
      spec: { owner: jim, target: web },
      listed: { ...onWeb, target: "deployment/web" },
      want: "joined",
    },
    {
      name: "neither has a target",
      spec: { owner: jim, target: null },
      listed: { ...onWeb, target: undefined },
      want: "joined",
    },
    {
      name: "labels, of which the record names one pod",
      spec: { owner: jim, target: { ...web, kind: "Pod", name: "web-1" } },
      listed: { ...onWeb, target: "label/app=web" },
      want: "joined",
    },
    {
      name: "a real name that is made to read like another user",
      spec: { owner: eve, target: web },
      listed: { ...onWeb, user: "x/jim@laptop/eve@laptop" },
      want: "disputed",
    },
  ];
for (const { name, spec, status, listed = onWeb, want } of joined)
  t.test(`a record with the id of a session is ${want}: ${name}`, async (t) => {
    const given = listed as typeof onWeb;
    const [found] = withDetails([given], [record("ab12", { key: "k", ...spec }, status)], undefined);
    t.equal(found?.key, want === "joined" ? "k" : undefined);
    t.equal(found?.owner.certain, want === "joined" ? true : undefined);
    t.equal(found?.disputed !== undefined, want === "disputed", found?.disputed ?? "");
    t.equal(found?.owner.kubernetesUser, given.owner.kubernetesUser, "whose it is stays what the list says");
  });

t.test("a disputed id says whose record it is", async (t) => {
  const [found] = withDetails([onWeb], [record("ab12", { owner: eve, target: web, namespace: "qa" })], undefined);
  t.equal(
    found?.disputed,
    "mirrordclustersession ab12 has its id, and is of Eve/eve@laptop on deployment/web in namespace qa",
  );
});

t.test("a copy, or a summary of several clusters, that was made for another user is another session's", async (t) => {
  const copied = (user: string, namespace: string) =>
    live({
      copy_targets: [["pod", { metadata: { namespace }, spec: {}, status: { creator_session: { id: "ab12", user } } }]],
    });
  t.equal(withDetails([onWeb], [], copied("Jim/jim@laptop", "shop"))[0]?.kind, "copy");
  t.equal(withDetails([onWeb], [], copied("Eve/eve@laptop", "shop"))[0]?.kind, "session");
  t.equal(withDetails([onWeb], [], copied("Jim/jim@laptop", "qa"))[0]?.kind, "session");
  const summary = { id: "AB12", user: "Eve/eve@laptop", namespace: "shop", phase: "Ready" };
  t.match(withDetails([onWeb], [], live({ multi_cluster_sessions: [summary] })), [
    { user: "Jim/jim@laptop", kind: "session" },
    { user: "Eve/eve@laptop", kind: "multi-cluster" },
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
