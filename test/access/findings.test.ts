import t from "tap";
import { grantFindings, wasWrittenByUs, type CheckContext } from "../../lib/access/findings.ts";
import { statusWord } from "../../lib/access/grant-rules.ts";
import type { Intent } from "../../lib/access/intent.ts";
import { annotations } from "../../lib/access/names.ts";
import { limitedTarget } from "../../lib/access/roles.ts";
import type { StoredObject } from "../../lib/access/stored.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { Membership } from "../../lib/access/organizations/directory.ts";
import type { RbacSubject } from "../../lib/access/subject.ts";
import { intentWith } from "./grant.ts";
import { carriesIntent, changed, end, now, storedGrant, storedParts, withSpec } from "./stored-grant.ts";
import { saysKept } from "../kept-text.ts";

const permanent = intentWith({ set: { kind: "namespaces", namespaces: ["dev", "qa"] } });
const temporary: Intent = { ...permanent, temporary: true };
const live: CheckContext = { now, live: true, policies: false };

const isBinding = ({ object }: StoredObject) => object.kind === "RoleBinding" && object.metadata.namespace === "dev";
const isJob = ({ object }: StoredObject) => object.kind === "Job" && object.metadata.namespace === "dev";
const withMeta = (object: KubernetesObject, metadata: object): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, ...metadata },
});
const applied = { managedFields: [{ manager: "kubectl-mirrord", operation: "Apply" }] };
type Change = (objects: StoredObject[]) => StoredObject[];
const none: Change = (objects) => objects;
const edit =
  (
    matches: (item: StoredObject) => boolean,
    change: (object: KubernetesObject) => KubernetesObject | undefined,
  ): Change =>
  (objects) =>
    changed(objects, matches, change);

const asFiles: Change = (objects) => objects.filter(({ object }) => object.kind !== "Job");
const withoutEndIn: Change = (objects) =>
  asFiles(edit(carriesIntent, (object) => withMeta(object, { annotations: withoutEnd(object) }))(objects));
const everywhere = intentWith({ set: { kind: "all" }, temporary: true });

/** As written since the uids of namespaces are recorded. */
const recorded: Change = edit(carriesIntent, (object) => {
  const uids = JSON.stringify({ dev: "u1", qa: "u2" });
  return withMeta(object, { annotations: { ...object.metadata.annotations, [annotations.namespaceUids]: uids } });
});
const gone: Change = (objects) => recorded(objects.filter(({ object }) => object.metadata.namespace !== "dev"));

/** The binding or the Job of dev once more, under another name. */
const another =
  (isWanted: (item: StoredObject) => boolean): Change =>
  (objects) => {
    const like = objects.find(isWanted);
    return like === undefined ? [] : [{ ...like, object: withMeta(like.object, { name: "stray", uid: "uid-stray" }) }];
  };
const stray = another(isBinding);
const strayJob: Change = (objects) => {
  const { labels = {} } = objects.find(isBinding)?.object.metadata ?? {};
  const jobs = another(isJob)(storedParts(temporary).objects);
  return jobs.map(({ type, object }) => ({ type, object: withMeta(object, { labels }) }));
};
/** A second one of the same end, which everybody would choose before the first. */
const rival: Change = (objects) =>
  strayJob(objects).map(({ type, object }) => ({ type, object: withMeta(object, { uid: "first-of-all" }) }));
/** One of the two bindings of dev hangs on the second. */
const halved: Change = (objects) => {
  const one = objects.find(isBinding);
  const { ownerReferences: [owner] = [] } = one?.object.metadata ?? {};
  const ownerReferences = [{ ...owner, name: "stray", uid: "first-of-all" }];
  return changed(
    objects,
    (item) => item === one,
    (object) => withMeta(object, { ownerReferences }),
  );
};
const withMore =
  (more: Change): Change =>
  (objects) => [...objects, ...more(objects)];

const cases: [
  what: string,
  intent: Intent,
  change: Change,
  context: Partial<CheckContext>,
  status: string,
  count: number,
][] = [
  ["as it was granted", permanent, none, {}, "ok", 0],
  ["as it was granted, for a time", temporary, none, {}, "ok", 0],
  ["over, with its bindings", temporary, none, { now: end }, "EXPIRED, still bound", 1],
  [
    "over, without them",
    temporary,
    edit(
      ({ object }) => object.kind === "RoleBinding",
      () => undefined,
    ),
    { now: end },
    "expired",
    1,
  ],
  ["without a binding", permanent, edit(isBinding, () => undefined), {}, "incomplete", 2],
  ["of somebody more", permanent, edit(isBinding, (object) => ({ ...object, subjects: [] })), {}, "DETACHED", 2],
  [
    "without an owner, as from a file",
    permanent,
    edit(isBinding, (object) => withMeta(object, { ownerReferences: [] })),
    {},
    "unadopted",
    2,
  ],
  [
    "stripped of its owner",
    permanent,
    edit(isBinding, (object) => withMeta(object, { ownerReferences: [], ...applied })),
    {},
    "DETACHED",
    2,
  ],
  [
    "in a folder, which has no owners",
    permanent,
    edit(isBinding, (object) => withMeta(object, { ownerReferences: [] })),
    { live: false },
    "ok",
    0,
  ],
  ["with a place that no label matches any more", permanent, none, { namespaces: ["qa"] }, "DETACHED", 2],
  ["without one that a label matches now", permanent, none, { namespaces: ["dev", "prod", "qa"] }, "incomplete", 2],
  [
    "whose intent was edited",
    permanent,
    edit(carriesIntent, (object) => withMeta(object, { annotations: { [annotations.intent]: "{}" } })),
    {},
    "unreadable",
    1,
  ],
  ["whose main binding is gone", permanent, edit(carriesIntent, () => undefined), {}, "unreadable", 1],
  [
    "with a finalizer on a binding",
    permanent,
    edit(isBinding, (object) => withMeta(object, { finalizers: ["example.com/keep"] })),
    {},
    "DETACHED",
    2,
  ],
  [
    "with a finalizer that every binding has",
    permanent,
    edit(isBinding, (object) => withMeta(object, { finalizers: ["example.com/keep"] })),
    { platform: new Set(["RoleBinding example.com/keep"] as const) },
    "ok",
    2,
  ],
  [
    "with a binding that was deleted and does not go",
    permanent,
    edit(isBinding, (object) => withMeta(object, { deletionTimestamp: "2026-01-02T04:00:00Z" })),
    {},
    "DETACHED",
    2,
  ],
  [
    "that is being revoked",
    permanent,
    edit(carriesIntent, (object) =>
      withMeta(object, { annotations: { ...object.metadata.annotations, [annotations.revokedAt]: "x" } }),
    ),
    {},
    "REVOKED, still bound",
    1,
  ],
  [
    "whose main binding was deleted and does not go",
    permanent,
    edit(carriesIntent, (object) => withMeta(object, { deletionTimestamp: "2026-01-02T04:00:00Z" })),
    {},
    "REVOKED, still bound",
    2,
  ],
  [
    "with a binding that was deleted and that a finalizer keeps",
    permanent,
    edit(isBinding, (object) =>
      withMeta(object, {
        deletionTimestamp: "2026-01-02T04:00:00Z",
        finalizers: ["example.com/keep", "example.com/too"],
      }),
    ),
    {},
    "DETACHED",
    2,
  ],
  ["without an anchor", temporary, edit(isJob, () => undefined), {}, "UNANCHORED", 2],
  [
    "on an anchor that never ends",
    temporary,
    edit(isJob, (object) => withSpec(object, { managedBy: "example.com/nobody" })),
    {},
    "UNANCHORED",
    2,
  ],
  [
    "on an anchor that ends later",
    temporary,
    edit(isJob, (object) => withSpec(object, { ttlSecondsAfterFinished: 9999 })),
    {},
    "EXPIRY NOT ENFORCED",
    2,
  ],
  [
    "on an anchor that a busy controller completed late",
    temporary,
    edit(isJob, (object) => withSpec(object, { ttlSecondsAfterFinished: 3650 })),
    {},
    "ok",
    0,
  ],
  [
    "whose jobs may not be listed",
    temporary,
    edit(
      ({ object }) => object.kind === "Job",
      () => undefined,
    ),
    { anchorsRead: false },
    "expiry unknown",
    1,
  ],
  ["whose subject could undo the end", temporary, none, { weak: ["qa"] }, "EXPIRY NOT ENFORCED", 1],
  [
    "whose subject could undo the end through a group",
    temporary,
    none,
    { weakGroups: [{ group: "devs", namespaces: ["dev", "qa"] }] },
    "expiry in doubt",
    1,
  ],
  [
    "that lost the time of its end",
    temporary,
    edit(carriesIntent, (object) => withMeta(object, { annotations: withoutEnd(object) })),
    {},
    "UNANCHORED",
    5,
  ],
  ["for a time, in files", temporary, asFiles, { live: false }, "UNANCHORED", 1],
  ["for a time, in files that do not say for how long", temporary, withoutEndIn, { live: false }, "UNANCHORED", 1],
  ["for all namespaces and a time, in files", everywhere, asFiles, { live: false }, "ok", 0],
  ["whose namespaces are those that were granted", permanent, recorded, { uids: { dev: "u1", qa: "u2" } }, "ok", 0],
  ["one of whose namespaces is gone", permanent, recorded, { uids: { dev: "u1" } }, "ok", 0],
  ["with a namespace made anew", permanent, gone, { uids: { dev: "u9", qa: "u2" } }, "namespace anew", 1],
  ["that somebody bound in the new one", permanent, recorded, { uids: { dev: "u9", qa: "u8" } }, "namespace anew", 2],
  ["whose namespaces nobody recorded", permanent, none, { uids: { dev: "u9", qa: "u8" } }, "ok", 0],
  ["for a time, with a binding that is no part of it", temporary, withMore(stray), {}, "DETACHED", 1],
  ["with a binding that is no part of it", permanent, withMore(stray), {}, "DETACHED", 1],
  ["with a Job that is no part of it", permanent, withMore(strayJob), {}, "DETACHED", 1],
  ["for a time, with one Job more, which ends nothing", temporary, withMore(strayJob), {}, "DETACHED", 1],
  ["for a time, with one Job more that would end it as well", temporary, withMore(rival), {}, "DETACHED", 1],
  [
    "for a time, whose bindings hang on two Jobs",
    temporary,
    (objects) => withMore(rival)(halved(objects)),
    {},
    "DETACHED",
    1,
  ],
  ["that lacks the reads of policies", permanent, none, { policies: true }, "incomplete", 1],
];
function withoutEnd({ metadata: { annotations: notes = {} } }: KubernetesObject): Record<string, string> {
  return Object.fromEntries(Object.entries(notes).filter(([key]) => key !== annotations.expiresAt));
}

for (const [what, intent, change, context, status, count] of cases) {
  t.test(`a grant ${what} is ${status}`, async (t) => {
    const grant = storedGrant(change(storedParts(intent).objects));
    const found = grantFindings(grant, { ...live, ...context });
    t.equal(statusWord(found), status, JSON.stringify(found));
    t.equal(found.length, count, JSON.stringify(found));
    saysKept(t, import.meta.filename, `a grant ${what}`, () => found);
  });
}

t.test("a namespace made anew is named, with what gives it the access", async (t) => {
  const grant = storedGrant(gone(storedParts(permanent).objects));
  t.match(grantFindings(grant, { ...live, uids: { dev: "u9", qa: "u2" } }), [
    { rule: "namespace-anew", severity: "warning", subject: { kind: "Grant", namespace: "dev" }, fix: /sync --yes/ },
  ]);
});

t.test("a limit that does not fit the containers of today is outdated", async (t) => {
  const limited = intentWith({ targets: ["deployment/web"] });
  const target = { kind: "deployment", name: "web" } as const;
  const web: KubernetesObject = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "dev" },
    spec: { template: { spec: { containers: [{ name: "a" }] } } },
  };
  const was = new Map([["dev", [limitedTarget(target, undefined)]]]);
  const grant = storedGrant(storedParts(limited, was).objects);
  t.same(grantFindings(grant, { ...live, limits: was }), []);
  const found = grantFindings(grant, { ...live, limits: new Map([["dev", [limitedTarget(target, web)]]]) });
  t.equal(statusWord(found), "outdated", JSON.stringify(found));
  t.same(grantFindings(grant, live), [], "not compared where the containers are not known");
});

const team = intentWith({ subject: { kind: "Team", name: "acme/web" } });
const jim: RbacSubject = { kind: "User", name: "jim" };
const ann: RbacSubject = { kind: "User", name: "ann" };
const teams: [what: string, membership: Membership, status: string, message?: RegExp][] = [
  ["as it is bound", { state: "known", subjects: [jim, ann] }, "ok"],
  ["in another order", { state: "known", subjects: [ann, jim] }, "ok"],
  [
    "with one more",
    { state: "known", subjects: [jim, ann, { kind: "Group", name: "x" }] },
    "outdated",
    /not name all who belong to team:acme/,
  ],
  ["with one less", { state: "known", subjects: [jim] }, "DETACHED", /names other subjects/],
  ["that is gone", { state: "absent" }, "DANGLING", /team:acme\/web does not exist/],
  ["that nobody may read", { state: "unknown" }, "ok"],
];
for (const [what, membership, status, message = /^/] of teams) {
  t.test(`a grant to a team ${what} is ${status}`, async (t) => {
    const grant = storedGrant(storedParts(team, undefined, [jim, ann]).objects);
    const found = grantFindings(grant, { ...live, membership });
    t.equal(statusWord(found), status, JSON.stringify(found));
    if (status !== "ok") t.match(found[0]?.message, message);
    saysKept(t, import.meta.filename, `a grant to a team ${what}`, () => found);
  });
}

const writers: [managedFields: unknown, isOurs: boolean][] = [
  [undefined, false],
  [[], false],
  [[{ manager: "kubectl-mirrord", operation: "Apply" }], true],
  [[{ manager: "kubectl-mirrord", operation: "Update" }], false],
  [[{ manager: "kubectl", operation: "Apply" }], false],
  [
    [
      { manager: "kubectl", operation: "Update" },
      { manager: "kubectl-mirrord", operation: "Apply" },
    ],
    true,
  ],
];
for (const [managedFields, isOurs] of writers) {
  t.test(`${JSON.stringify(managedFields)} shows ${isOurs ? "" : "no "}write of ours`, async (t) => {
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", managedFields } };
    t.equal(wasWrittenByUs(object as KubernetesObject), isOurs);
  });
}
