import t from "tap";
import type { CheckContext } from "../../lib/access/findings.ts";
import type { Intent } from "../../lib/access/intent.ts";
import { annotations } from "../../lib/access/names.ts";
import type { StoredObject } from "../../lib/access/stored.ts";
import { nextEnd, planGrants, syncPlan } from "../../lib/access/sync.ts";
import { isMassPruning } from "../../lib/access/prune-guard.ts";
import type { Membership } from "../../lib/access/organizations/directory.ts";
import type { RbacSubject } from "../../lib/access/subject.ts";
import { intentWith } from "./grant.ts";
import { carriesIntent, changed, end, now, storedGrant, storedParts } from "./stored-grant.ts";

const permanent = intentWith({ set: { kind: "namespaces", namespaces: ["dev", "qa"] } });
const temporary: Intent = { ...permanent, temporary: true };
const context: CheckContext = { now, live: true, policies: false };

function planSync(
  intents: readonly Intent[],
  {
    at = context,
    change = (objects) => objects,
    withRoles = true,
    foreign = new Map(),
  }: {
    at?: CheckContext;
    change?: (objects: StoredObject[]) => StoredObject[];
    withRoles?: boolean;
    foreign?: Map<string, string>;
  } = {},
) {
  const parts = intents.map((intent) => storedParts(intent));
  const roles = new Map(withRoles ? parts.flatMap((part) => [...part.roles]) : []);
  const grants = parts.map(({ objects }) => storedGrant(change(objects)));
  const { plan, ...rest } = syncPlan(planGrants({ grants, contextOf: () => at, roles }), foreign);
  const writes = plan
    .filter(({ action }) => action !== "unchanged")
    .map(({ action, type, object, force }) =>
      `${action}${force === true ? " by force" : ""} ${type.kind} ${object.metadata.namespace ?? ""}`.trim(),
    );
  return { ...rest, writes, steps: plan.length };
}

const inPlace = ({ object }: StoredObject, namespace: string) => object.metadata.namespace === namespace;

t.test("nothing to do is a plan without a write", async (t) => {
  for (const intent of [permanent, temporary]) {
    const { writes, pruned, steps, skipped } = planSync([intent]);
    t.same({ writes, pruned, skipped }, { writes: [], pruned: 0, skipped: [] });
    t.ok(steps > 4);
  }
});

const repairs: [
  name: string,
  intent: Intent,
  options: Parameters<typeof planSync>[1],
  writes: string[],
  pruned: number,
][] = [
  [
    "what somebody deleted comes back",
    permanent,
    { change: (objects) => objects.filter((item) => !inPlace(item, "qa")) },
    ["create RoleBinding qa", "create RoleBinding qa"],
    0,
  ],
  [
    "subjects that somebody added go",
    permanent,
    {
      change: (objects) =>
        changed(objects, carriesIntent, (object) => ({
          ...object,
          subjects: [...(object["subjects"] as object[]), { kind: "User", name: "eve" }],
        })),
    },
    ["update by force ClusterRoleBinding"],
    0,
  ],
  [
    "a namespace where it does not hold any more is left, and counts as pruned",
    permanent,
    { at: { ...context, namespaces: ["dev"] } },
    ["delete RoleBinding qa", "delete RoleBinding qa"],
    2,
  ],
  [
    "a new namespace is granted",
    permanent,
    { at: { ...context, namespaces: ["dev", "new", "qa"] } },
    ["create RoleBinding new", "create RoleBinding new"],
    0,
  ],
  [
    "what is over is deleted, main binding last, and is not pruned",
    temporary,
    { at: { ...context, now: end } },
    [
      ...["dev", "dev", "qa", "qa"].map((at) => `delete RoleBinding ${at}`),
      "delete Job dev",
      "delete Job qa",
      "delete ClusterRoleBinding",
    ],
    0,
  ],
  [
    "so is one that is to end, and of which nobody can say when",
    temporary,
    {
      change: (objects) =>
        changed(objects, carriesIntent, (object) => {
          const { [annotations.expiresAt]: _gone, ...rest } = object.metadata.annotations ?? {};
          return { ...object, metadata: { ...object.metadata, annotations: rest } };
        }),
    },
    [
      ...["dev", "dev", "qa", "qa"].map((at) => `delete RoleBinding ${at}`),
      "delete Job dev",
      "delete Job qa",
      "delete ClusterRoleBinding",
    ],
    0,
  ],
  [
    "what is left of a grant whose main binding is gone goes, and does not count as pruned",
    permanent,
    { change: (objects) => objects.filter((item) => !carriesIntent(item)) },
    ["dev", "dev", "qa", "qa"].map((at) => `delete RoleBinding ${at}`),
    0,
  ],
  [
    "a folder has no anchors, and gets none",
    temporary,
    {
      at: { ...context, live: false },
      change: (objects) => objects.filter(({ type }) => type.kind !== "Job"),
    },
    [],
    0,
  ],
];
for (const [name, intent, options, writes, pruned] of repairs) {
  t.test(name, async (t) => {
    const synced = planSync([intent], options);
    t.same({ writes: synced.writes.toSorted(), pruned: synced.pruned }, { writes: writes.toSorted(), pruned });
    if (writes.includes("delete ClusterRoleBinding")) t.equal(synced.writes.at(-1), "delete ClusterRoleBinding");
  });
}

t.test("a role that grants share is written once", async (t) => {
  const others = ["jim", "ann", "bob"].map((name) => intentWith({ subject: { kind: "User", name } }));
  t.same(planSync(others, { withRoles: false }).writes, ["create ClusterRole"]);
});

t.test("a grant that would bind somebody else's role is left alone, the others are not", async (t) => {
  const [reads, plain] = [permanent, intentWith({ reads: false })];
  const foreign = new Map([["mirrord:role:reads", "was not made by us"]]);
  const change = (objects: StoredObject[]) => objects.filter((item) => !inPlace(item, "dev"));
  const { writes, skipped, refused } = planSync([reads, plain], { foreign, change });
  t.same(writes, ["create RoleBinding dev"]);
  t.match(refused, [{ why: "was not made by us" }]);
  t.same(skipped, refused);
});

t.test("an intent that cannot be read is left alone, and said", async (t) => {
  const unreadable = (objects: StoredObject[]) =>
    changed(objects, carriesIntent, (object) => ({
      ...object,
      metadata: { ...object.metadata, annotations: { [annotations.intent]: "{" } },
    }));
  t.match(planSync([permanent], { change: unreadable }), {
    writes: { length: 0 },
    skipped: [{ why: /changed by hand/ }],
  });
});

t.test("a limited grant is left alone while nobody knows the containers, but ends when it is over", async (t) => {
  const limited = intentWith({ targets: ["deployment/web"], temporary: true });
  t.match(planSync([limited]), { writes: { length: 0 }, skipped: [{ why: /containers/ }] });
  t.ok(planSync([limited], { at: { ...context, now: end } }).writes.includes("delete ClusterRoleBinding"));
});

const pruning: [pruned: number, bindings: number, mass: boolean][] = [
  [0, 0, false],
  [0, 10, false],
  [1, 10, false],
  [5, 6, false],
  [6, 10, true],
  [6, 100, false],
  [31, 100, true],
  [1, 1, true],
];
for (const [pruned, bindings, mass] of pruning) {
  t.test(`${pruned} of ${bindings} bindings ${mass ? "are" : "are not"} rather a mistake`, async (t) => {
    t.equal(isMassPruning({ pruned, bindings }), mass);
  });
}

t.test(
  "an object under another grant's label stays where its name says, and is not deleted with the other",
  async (t) => {
    const [mine, other] = [
      storedParts(permanent),
      storedParts({ ...permanent, subject: { kind: "User", name: "ann" } }),
    ];
    const moved = mine.objects.find((item) => item.object.kind === "RoleBinding");
    const grants = [mine.objects, [...other.objects, ...(moved === undefined ? [] : [moved])]].map(storedGrant);
    const roles = new Map([...mine.roles, ...other.roles]);
    const sync = (at: CheckContext) =>
      syncPlan(planGrants({ grants, contextOf: () => at, roles }), new Map())
        .plan.filter(({ action }) => action !== "unchanged")
        .map(({ action, object }) => `${action} ${object.metadata.namespace ?? ""}`);
    t.same(sync(context), []);
    t.same(sync({ ...context, namespaces: [] }).filter((step) => step === "delete dev").length, 4, "each once");
  },
);

const team = intentWith({ subject: { kind: "Team", name: "acme/web" }, set: permanent.set });
const people = (...names: string[]): RbacSubject[] => names.map((name) => ({ kind: "User", name }));

function planTeam(bound: RbacSubject[], membership: Membership) {
  const { objects, roles } = storedParts(team, undefined, bound);
  const [planned] = planGrants({
    grants: [storedGrant(objects)],
    contextOf: () => ({ ...context, membership }),
    roles,
  });
  if (planned === undefined) throw new Error("nothing was planned");
  return { ...planned, writes: planned.plan.filter(({ action }) => action !== "unchanged") };
}

t.test("who comes into a team and who goes changes its bindings in place, every one of them once", async (t) => {
  const { writes } = planTeam(people("jim"), { state: "known", subjects: people("ann", "jim") });
  t.same([...new Set(writes.map(({ action }) => action))], ["update"]);
  t.equal(writes.length, planTeam(people("jim"), { state: "absent" }).plan.length);
  t.same(planTeam(people("jim"), { state: "known", subjects: people("jim") }).writes, []);
});

t.test(
  "a team that is gone takes its grant with it, and says so; one that nobody may read is left alone",
  async (t) => {
    const gone = planTeam(people("jim"), { state: "absent" });
    t.same([...new Set(gone.writes.map(({ action }) => action))], ["delete"]);
    t.match(syncPlan([gone], new Map()).dangling, [{ why: /team:acme\/web does not exist/ }]);
    const unread = planTeam(people("jim"), { state: "unknown" });
    t.match(unread, { plan: { length: 0 }, leftAlone: "you may not list organizations" });
  },
);

t.test("a team that was emptied counts as pruned", async (t) => {
  const emptied = planTeam(people("jim"), { state: "known", subjects: [] });
  t.ok(isMassPruning(syncPlan([emptied], new Map())));
});

t.test("a team of too many gets nothing more, and loses who is gone", async (t) => {
  const many = people("jim", ...[...Array(20_000).keys()].map((at) => `person-${at}`));
  const { withheld, writes } = planTeam(people("jim", "gone"), { state: "known", subjects: many });
  t.match(withheld, /20001 members, which would be 2 MB in one binding/);
  t.ok(writes.length > 0);
  for (const { object } of writes) t.match(object["subjects"], [{ name: "jim" }]);
});

t.test("the next end is the first that is yet to come", async (t) => {
  const ending = (expiresAt?: number) => ({ id: "", intent: undefined, binding: undefined, expiresAt, objects: [] });
  t.equal(nextEnd([ending(now - 1), ending(end + 1), ending(end), ending()], now), end);
  t.equal(nextEnd([ending(now), ending()], now), undefined);
});

t.test("a revoked grant goes, also where its intent cannot be read", async (t) => {
  const revoked = (notes: object) => (objects: StoredObject[]) =>
    changed(objects, carriesIntent, (object) => ({
      ...object,
      metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...notes } },
    }));
  const gone = { [annotations.revokedAt]: "2026-01-02T03:04:05Z" };
  const deletions = planSync([permanent], { change: revoked(gone) }).writes;
  t.ok(deletions.length > 2 && deletions.every((write) => write.startsWith("delete ")), deletions.join());
  const unreadable = planSync([permanent], { change: revoked({ ...gone, [annotations.intent]: "{" }) });
  t.same([unreadable.writes, unreadable.skipped], [deletions, []]);
});
