import t from "tap";
import type { Intent } from "../../lib/access/intent.ts";
import { grantObjects } from "../../lib/access/objects.ts";
import { outlineGrant } from "../../lib/access/outline.ts";
import { planDeletion, planGrantObjects, type PlanInput } from "../../lib/access/plan.ts";
import type { Plan } from "../../lib/kube/cluster.ts";
import { annotations } from "../../lib/access/names.ts";
import { intentWith, provenance } from "./grant.ts";
import { carriesIntent, changed, end, now, storedParts, withSpec } from "./stored-grant.ts";

const permanent = intentWith({ set: { kind: "namespaces", namespaces: ["dev", "qa"] } });
const temporary: Intent = { ...permanent, temporary: true };

const wantedFor = (intent: Intent) =>
  grantObjects(
    outlineGrant(intent),
    { ...provenance, grantedAt: "2026-02-02T00:00:00Z" },
    new Map(),
    intent.temporary === true ? { anchorSeconds: 3600 } : {},
  );

function planFor(intent: Intent, change: Partial<PlanInput> = {}): Plan {
  const { objects, roles } = storedParts(intent);
  return planGrantObjects({
    wanted: wantedFor(intent),
    stored: objects,
    roles,
    live: true,
    ...(intent.temporary === true ? { expiry: { end, now } } : {}),
    ...change,
  });
}

/** The writes, without the names that depend on the intent: `create RoleBinding dev < Job`. */
const writes = (plan: Plan) =>
  plan
    .filter(({ action }) => action !== "unchanged")
    .map(({ action, type, object, owner }) =>
      [action, type.kind, object.metadata.namespace ?? "", owner === undefined ? "" : `< ${owner.type.kind}`]
        .filter((word) => word !== "")
        .join(" "),
    );

for (const intent of [permanent, temporary, intentWith({ set: { kind: "all" } })]) {
  t.test(`what is there as wanted is not written again: ${JSON.stringify(intent.set)}`, async (t) => {
    const plan = planFor(intent);
    t.same(writes(plan), []);
    t.ok(plan.length > 2);
  });
}

t.test(
  "everything of a new grant: roles, the main binding, what ends it, and the bindings that hang on that",
  async (t) => {
    t.same(writes(planFor(temporary, { stored: [], roles: new Map() })), [
      "create ClusterRole",
      "create ClusterRoleBinding",
      "create Job dev < ClusterRoleBinding",
      "create Job qa < ClusterRoleBinding",
      "create RoleBinding dev < Job",
      "create RoleBinding dev < Job",
      "create RoleBinding qa < Job",
      "create RoleBinding qa < Job",
    ]);
    t.same(
      writes(planFor(temporary, { stored: [], roles: new Map(), live: false })),
      [
        "create ClusterRole",
        "create ClusterRoleBinding",
        ...["dev", "dev", "qa", "qa"].map((at) => `create RoleBinding ${at}`),
      ],
      "a folder has neither owners nor anchors",
    );
  },
);

t.test("who granted, when and why is kept, the rest of the annotations is as wanted", async (t) => {
  const { objects } = storedParts(permanent);
  const stored = changed(objects, carriesIntent, (object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      annotations: { ...object.metadata.annotations, [annotations.reason]: "INC-42", [annotations.intent]: "{}" },
    },
  }));
  const [main, ...rest] = planFor(permanent, { stored }).filter(({ action }) => action !== "unchanged");
  t.same(rest, []);
  t.match(main?.object.metadata.annotations, {
    [annotations.grantedAt]: provenance.grantedAt,
    [annotations.reason]: "INC-42",
    [annotations.intent]: /jim/,
  });
});

const isJob =
  (namespace: string) =>
  ({ type, object }: ReturnType<typeof storedParts>["objects"][number]) =>
    type.kind === "Job" && object.metadata.namespace === namespace;

const anchorsInDev: [name: string, change: Parameters<typeof changed>[2], writes: string[]][] = [
  [
    "is gone",
    () => undefined,
    ["create Job dev < ClusterRoleBinding", "update RoleBinding dev < Job", "update RoleBinding dev < Job"],
  ],
  [
    "will never end",
    (job) => withSpec(job, { managedBy: "example.com/x" }),
    [
      "create Job dev < ClusterRoleBinding",
      "update RoleBinding dev < Job",
      "update RoleBinding dev < Job",
      "delete Job dev",
    ],
  ],
  ["ends a little late, as a busy controller has it", (job) => withSpec(job, { ttlSecondsAfterFinished: 3610 }), []],
  ["ends much later", (job) => withSpec(job, { ttlSecondsAfterFinished: 9000 }), ["update Job dev"]],
];
for (const [name, change, want] of anchorsInDev) {
  t.test(`the anchor of a namespace that ${name}`, async (t) => {
    const stored = changed(storedParts(temporary).objects, isJob("dev"), change);
    const plan = planFor(temporary, { stored });
    t.same(writes(plan), want);
    const update = plan.find(({ action, type }) => action === "update" && type.kind === "Job");
    if (update !== undefined) {
      t.match(update, {
        force: true,
        object: { metadata: { uid: "uid-anchor-dev" }, spec: { ttlSecondsAfterFinished: 3600 } },
      });
      t.same(
        Object.keys(update.object["spec"] as object),
        ["ttlSecondsAfterFinished"],
        "nothing else of it is written",
      );
    }
  });
}

t.test("strangers among the subjects go only where that is asked for, by taking the field over", async (t) => {
  const isChild = ({ object }: { object: { metadata: { namespace?: string } } }) => object.metadata.namespace === "dev";
  const stored = changed(storedParts(permanent).objects, isChild, (object) => ({
    ...object,
    subjects: [...(object["subjects"] as object[]), { kind: "User", name: "eve" }],
  }));
  const forced = (plan: Plan) => plan.filter(({ action }) => action === "update").map(({ force }) => force);
  t.same(forced(planFor(permanent, { stored })), [undefined, undefined]);
  t.same(forced(planFor(permanent, { stored, revert: true })), [true, true]);
});

t.test("a main binding to another role is made anew, and everything below it gets the new owner", async (t) => {
  const stored = changed(storedParts(permanent).objects, carriesIntent, (object) => ({
    ...object,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
  }));
  t.same(writes(planFor(permanent, { stored })), [
    "delete ClusterRoleBinding",
    "create ClusterRoleBinding",
    ...["dev", "dev", "qa", "qa"].map((namespace) => `update RoleBinding ${namespace} < ClusterRoleBinding`),
  ]);
});

t.test("anchors that hang on a main binding to another role go with it, so they are made anew", async (t) => {
  const stored = changed(storedParts(temporary).objects, carriesIntent, (object) => ({
    ...object,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
  }));
  const steps = writes(planFor(temporary, { stored }));
  t.same(
    steps.filter((step) => step.includes("Job") && !step.includes("RoleBinding ")),
    ["create Job dev < ClusterRoleBinding", "create Job qa < ClusterRoleBinding", "delete Job dev", "delete Job qa"],
  );
});

t.test("what is not wanted any more goes after everything that is made", async (t) => {
  const narrow = intentWith({ set: { kind: "namespaces", namespaces: ["dev"] } });
  const wanted = wantedFor(permanent).filter(({ object }) => object.metadata.namespace !== "qa");
  t.same(writes(planFor(permanent, { wanted })), ["delete RoleBinding qa", "delete RoleBinding qa"]);
  t.same(
    writes(planFor(narrow, { stored: [] })).filter((step) => step.startsWith("delete")),
    [],
  );
});

t.test("a deletion takes what gives the access first, and what carries the intent last", async (t) => {
  const steps = writes(planDeletion(storedParts(temporary).objects));
  t.equal(steps.at(-1), "delete ClusterRoleBinding");
  t.equal(steps.length, storedParts(temporary).objects.length);
});

t.test("who revokes is noted first, beside what the grant noted, and by nobody else's words", async (t) => {
  const { objects } = storedParts(permanent);
  const foreign = changed(objects, carriesIntent, (object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      annotations: { ...object.metadata.annotations, "example.com/x": "kept by others" },
    },
  }));
  const main = foreign.find(carriesIntent)?.object;
  const { "example.com/x": _others, ...notes } = main?.metadata.annotations ?? {};
  const [mark, ...rest] = planDeletion(foreign, "2026-01-02T04:00:00Z");
  t.match(mark, { action: "update", force: true, optional: true });
  t.same(mark?.object, {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: {
      name: main?.metadata.name,
      uid: main?.metadata.uid,
      labels: main?.metadata.labels,
      annotations: { ...notes, [annotations.revokedAt]: "2026-01-02T04:00:00Z" },
    },
    roleRef: main?.["roleRef"],
    subjects: [],
  });
  t.ok(rest.length > 2);
  t.ok(rest.every(({ action }) => action === "delete"));
});

t.test("a revoke that was interrupted keeps its first time, and is not noted twice", async (t) => {
  const revoked = (subjects: object[]) =>
    changed(storedParts(permanent).objects, carriesIntent, (object) => ({
      ...object,
      subjects,
      metadata: {
        ...object.metadata,
        annotations: { ...object.metadata.annotations, [annotations.revokedAt]: "2026-01-01T00:00:00Z" },
      },
    }));
  const marks = (subjects: object[]) =>
    planDeletion(revoked(subjects), "2026-01-02T04:00:00Z")
      .filter(({ action }) => action === "update")
      .map(({ object }) => object.metadata.annotations?.[annotations.revokedAt]);
  t.same(marks([]), []);
  t.same(marks([{ kind: "User", name: "jim" }]), ["2026-01-01T00:00:00Z"]);
});
