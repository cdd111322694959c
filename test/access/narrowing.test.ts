import t from "tap";
import type { CheckContext } from "../../lib/access/findings.ts";
import type { Intent } from "../../lib/access/intent.ts";
import { operatorRoles } from "../../lib/access/names.ts";
import { planDepartures, takingAway, withoutWidening } from "../../lib/access/narrowing.ts";
import type { Membership } from "../../lib/access/organizations/directory.ts";
import type { Lookup } from "../../lib/access/places.ts";
import type { StoredObject } from "../../lib/access/stored.ts";
import type { RbacSubject } from "../../lib/access/subject.ts";
import { planGrants, sharedRoles, syncPlan, withConsent, type SyncInput } from "../../lib/access/sync.ts";
import type { Change, Plan } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { clusterRole } from "./rbac-objects.ts";
import { intentWith } from "./grant.ts";
import { carriesIntent, changed, end, now, storedGrant, storedParts } from "./stored-grant.ts";

const people = (...names: string[]) => names.map((name): RbacSubject => ({ kind: "User", name }));
const team = (change: Partial<Intent> = {}): Intent =>
  intentWith({
    subject: { kind: "Team", name: "acme/web" },
    set: { kind: "namespaces", namespaces: ["dev", "qa"] },
    ...change,
  });
const everything = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
const look = { apiGroups: [""], resources: ["pods"], verbs: ["get"] };
const roles = new Map<string, Lookup>([
  [operatorRoles.user, clusterRole(operatorRoles.user, look)],
  [operatorRoles.basic, clusterRole(operatorRoles.basic, look)],
  ["cluster-admin", clusterRole("cluster-admin", everything)],
]);
const belong = (members: readonly RbacSubject[]): { membership: Membership } => ({
  membership: { state: "known", subjects: members },
});

const typed = (kind: string) => {
  const type = Object.values(nativeResources).find((each) => each.kind === kind);
  if (type === undefined) throw new Error(kind);
  return type;
};

interface Case {
  what: string;
  intent: Intent;
  /** Of the grant as it is stored, which names ann and jim. */
  change?: (objects: StoredObject[]) => StoredObject[];
  at?: Partial<CheckContext>;
  sync?: Partial<SyncInput>;
  /** Somebody else made a role of this name. */
  foreign?: string;
  /** What the guard against mass pruning lets through. */
  unpruned?: true;
  /** Why the rest waits. */
  why: RegExp | undefined;
}

const without = (namespace: string) => (objects: StoredObject[]) =>
  objects.filter(({ object }) => object.metadata.namespace !== namespace);
const limited = new Map([
  ["dev", []],
  ["qa", []],
]);

// In each of them jim has left, and bob came.
const cases: Case[] = [
  {
    what: "its role needs consent that is not there",
    intent: team({ role: "clusterrole/cluster-admin" }),
    why: /gain more rights/,
  },
  {
    what: "it needs consent, and one of its namespaces lacks everything",
    intent: team({ role: "clusterrole/cluster-admin" }),
    change: without("qa"),
    why: /gain more rights/,
  },
  {
    what: "it needs consent, and ends",
    intent: team({ role: "clusterrole/cluster-admin", temporary: true }),
    why: /gain more rights/,
  },
  {
    what: "a namespace was made anew",
    intent: team(),
    change: (objects) =>
      changed(objects, carriesIntent, (object) => ({
        ...object,
        metadata: {
          ...object.metadata,
          annotations: { ...object.metadata.annotations, "kubectl-mirrord.io/namespace-uids": '{"dev":"1","qa":"1"}' },
        },
      })),
    at: { uids: { dev: "1", qa: "2" } },
    why: /made anew/,
  },
  { what: "somebody else made a role of its name", intent: team(), foreign: "mirrord:role:reads", why: /somebody/ },
  {
    what: "it is to end, and nobody knows what time it is",
    intent: team({ temporary: true }),
    sync: { timeUnknown: true },
    why: /what time it is/,
  },
  {
    what: "the containers of its targets are not known",
    intent: team({ targets: ["deployment/web"] }),
    why: /containers/,
  },
  {
    what: "the guard against mass pruning holds it",
    intent: team(),
    at: { namespaces: ["dev"] },
    unpruned: true,
    why: undefined,
  },
];

for (const {
  what,
  intent,
  change = (objects: StoredObject[]) => objects,
  at = {},
  sync = {},
  foreign,
  unpruned,
  why,
} of cases) {
  t.test(`who has left a team goes although the rest waits: ${what}`, async (t) => {
    const parts = storedParts(intent, intent.targets.length === 0 ? undefined : limited, people("ann", "jim"));
    const grants = [storedGrant(change(parts.objects))];
    const context = { now, live: true, policies: false, ...belong(people("ann", "bob")), ...at };
    const plans = planGrants({ grants, contextOf: () => context, roles: parts.roles, ...sync });
    const facts = { roles, operator: "mirrord" };
    const consented = withConsent(plans, facts, { guards: false, unreadable: [] });
    const others = new Map(foreign === undefined ? [] : [[foreign, "somebody else made it"]]);
    if (foreign !== undefined) t.ok(sharedRoles(consented).includes(foreign));
    const synced = syncPlan(consented, others);
    if (why !== undefined) t.match(synced.skipped, [{ why }]);
    const stored = carriedOut(grants[0]?.objects ?? [], unpruned === true ? synced.unpruned : synced.plan);
    const bindings = stored.filter(({ kind }) => kind.endsWith("Binding"));
    t.ok(bindings.length > 2);
    for (const { kind, metadata, subjects } of bindings) {
      const names = (subjects as { name: string }[]).map(({ name }) => name);
      const label = `${kind} ${metadata.namespace ?? ""} ${metadata.name}: ${names.join()}`;
      t.notOk(names.includes("jim"), label);
      t.ok(names.includes("ann"), `nobody else loses anything: ${label}`);
      const isHeldBack = what !== "a namespace was made anew" || metadata.namespace === "qa";
      if (isHeldBack) t.notOk(names.includes("bob"), `nobody comes: ${label}`);
    }
    const owned = (objects: readonly KubernetesObject[]) =>
      objects.map(
        ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""} ${JSON.stringify(metadata.ownerReferences)}`,
      );
    t.same(owned(stored), owned((grants[0]?.objects ?? []).map(({ object }) => object)), "each is owned as before");
    const again = planGrants({
      grants: [storedGrant(stored.map((object) => ({ type: typed(object.kind), object })))],
      contextOf: () => context,
      roles: parts.roles,
      ...sync,
    });
    const rest = syncPlan(withConsent(again, facts, { guards: false, unreadable: [] }), others);
    const writes = (unpruned === true ? rest.unpruned : rest.plan).filter(({ action }) => action !== "unchanged");
    t.same(
      writes.map(({ action, object }) => `${action} ${object.kind} ${object.metadata.namespace}`),
      [],
      "and then nothing more is written",
    );
  });
}

/** The objects as they are after the plan. */
function carriedOut(objects: readonly StoredObject[], plan: Plan): KubernetesObject[] {
  const key = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata.namespace} ${metadata.name}`;
  const stored = new Map(objects.map(({ object }) => [key(object), object]));
  for (const { action, object, merged } of plan) {
    if (action === "delete") stored.delete(key(object));
    else if (action === "update" && merged !== undefined) stored.set(key(object), merged);
    else if (action === "create" && object.kind !== "ClusterRole") stored.set(key(object), object);
  }
  return [...stored.values()];
}

const user = (name: string) => ({ kind: "User", apiGroup: "rbac.authorization.k8s.io", name });
const rule = (verb: string, ...resourceNames: string[]) => ({
  apiGroups: [""],
  resources: ["pods"],
  verbs: [verb],
  ...(resourceNames.length === 0 ? {} : { resourceNames }),
});
const role = (...rules: object[]): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "Role",
  metadata: { name: "mirrord:grant:x", namespace: "dev" },
  rules,
});
const rules: [what: string, current: object[], wanted: object[], left: object[] | undefined][] = [
  ["another verb", [rule("get")], [rule("list")], []],
  ["a rule more and a rule less", [rule("get"), rule("list")], [rule("list"), rule("watch")], [rule("list")]],
  ["only a rule more", [rule("get")], [rule("get"), rule("list")], undefined],
  ["another name", [rule("get", "a", "b")], [rule("get", "b", "c")], [rule("get", "b")]],
  ["all names that are not any more", [rule("get", "a")], [rule("get", "b")], []],
  ["names in place of all", [rule("get")], [rule("get", "a"), rule("list")], [rule("get", "a")]],
  ["all in place of names", [rule("get", "a")], [rule("get")], undefined],
];
for (const [what, current, wanted, left] of rules) {
  t.test(`a Role with ${what} keeps what both say`, async (t) => {
    const change: Change = {
      action: "update",
      type: nativeResources.roles,
      object: role(...wanted),
      current: role(...current),
    };
    t.same(
      withoutWidening([change]).map(({ object }) => object["rules"]),
      left === undefined ? [] : [left],
    );
  });
}

t.test("a binding to another role goes, though ours waits; what carries the intent stays", async (t) => {
  const { objects } = storedParts(team(), undefined, people("ann"));
  const steps = objects
    .filter(({ object }) => object.kind.endsWith("Binding"))
    .flatMap(({ type, object }): Change[] => [
      { action: "delete", type, object, current: object },
      { action: "create", type, object },
    ]);
  for (const part of [withoutWidening(steps), takingAway(steps)]) {
    t.same(new Set(part.map(({ action }) => action)), new Set(["delete"]));
    t.notOk(part.some(carriesIntent));
    t.equal(part.length, objects.length - 1);
  }
});

t.test("who belongs to a grant stays in what is there, and a stranger of any kind does not", async (t) => {
  const parts = storedParts(team({ temporary: true }), undefined, people("ann"));
  const strangers = [
    user("eve"),
    { kind: "Robot", name: "x" },
    { kind: "ServiceAccount", name: "ann", namespace: "dev" },
  ];
  const objects = changed(
    parts.objects,
    ({ object }) => object.metadata.namespace === "dev" && object.kind === "RoleBinding",
    (object) => ({ ...object, subjects: [user("ann"), ...strangers] }),
  );
  const plan = planDepartures(objects, people("ann"));
  t.equal(plan.length, 2);
  for (const { action, object, force, merged } of plan) {
    t.match({ action, force }, { action: "update", force: true });
    t.same(object["subjects"], [user("ann")]);
    t.same(merged?.["subjects"], [user("ann")]);
    t.ok(object.metadata.ownerReferences?.[0]?.kind === "Job", "it ends with its anchor all the same");
  }
  t.same(planDepartures(objects, []).length, objects.filter(({ object }) => object.kind.endsWith("Binding")).length);
  t.same(planDepartures(parts.objects, people("ann")), []);
  const leaving = changed(
    parts.objects,
    () => true,
    (object) => ({
      ...object,
      metadata: { ...object.metadata, deletionTimestamp: new Date(end) as unknown as string },
    }),
  );
  t.same(planDepartures(leaving, []), []);
});

t.test("only an update of what is stored takes something away from it", async (t) => {
  const type = typed("RoleBinding");
  const object = (...names: string[]): KubernetesObject => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "b", namespace: "dev" },
    subjects: people(...names),
  });
  const current = object("ann", "jim");
  const changes: [change: Change, left: string[] | undefined][] = [
    [{ action: "update", type, object: object("ann"), current }, ["ann"]],
    [{ action: "update", type, object: object("ann", "bob"), current }, ["ann"]],
    [{ action: "update", type, object: object("ann", "jim", "bob"), current }, undefined],
    [{ action: "update", type, object: object("ann") }, undefined],
    [{ action: "unchanged", type, object: object("ann"), current }, undefined],
    [{ action: "create", type, object: object("ann") }, undefined],
  ];
  for (const [change, left] of changes) {
    t.same(
      takingAway([change]).map(({ object: { subjects } }) => (subjects as { name: string }[]).map(({ name }) => name)),
      left === undefined ? [] : [left],
      `${change.action} ${JSON.stringify(change.object["subjects"])}`,
    );
  }
});
