import t from "tap";
import { grantRefusal, isCovered, recordedConsent, widens, type Consent } from "../../lib/access/consent.ts";
import { withoutWidening } from "../../lib/access/narrowing.ts";
import type { Intent } from "../../lib/access/intent.ts";
import { operatorRoles } from "../../lib/access/names.ts";
import { outlineGrant } from "../../lib/access/outline.ts";
import type { Lookup } from "../../lib/access/places.ts";
import { planGrants, syncPlan, withConsent } from "../../lib/access/sync.ts";
import type { Change } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { intentWith } from "./grant.ts";
import { bound, clusterRole } from "./rbac-objects.ts";
import { carriesIntent, changed, now, storedGrant, storedParts } from "./stored-grant.ts";
import { saysKept } from "../kept-text.ts";

const everything = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
const look = { apiGroups: [""], resources: ["pods"], verbs: ["get"] };
const roles = new Map<string, Lookup>([
  [operatorRoles.user, clusterRole(operatorRoles.user, look)],
  [operatorRoles.basic, clusterRole(operatorRoles.basic, look)],
  ["cluster-admin", clusterRole("cluster-admin", everything)],
  ["looks", clusterRole("looks", look)],
  ["hidden", "forbidden"],
]);
const facts = { roles, operator: "mirrord" };
const none: Consent = { dangerous: false, allowSystem: false };
const inPlaces = (...namespaces: string[]) => ({ set: { kind: "namespaces" as const, namespaces } });

const intents: [what: string, intent: Partial<Intent>, refused?: RegExp, lifts?: Partial<Consent>][] = [
  ["an ordinary grant", {}],
  ["an ordinary grant everywhere", { set: { kind: "all" } }],
  ["a role that looks", { role: "clusterrole/looks" }],
  ["a service account of Kubernetes", { subject: { kind: "ServiceAccount", namespace: "kube-system", name: "x" } }],
  ["a name that would have to be written user:", { subject: { kind: "User", name: "list" } }],
  ["a dangerous role", { role: "clusterrole/cluster-admin" }, /gain more rights/, { dangerous: true }],
  ["it everywhere", { role: "clusterrole/cluster-admin", set: { kind: "all" } }, /gain more/, { dangerous: true }],
  ["a role nobody may read", { role: "clusterrole/hidden" }, /may not read clusterrole "hidden"/, { dangerous: true }],
  ["a role that is yet to be made", { role: "clusterrole/later" }, /"later" was not found/],
  ["everybody", { subject: { kind: "Group", name: "system:authenticated" } }, /of Kubernetes/, { dangerous: true }],
  [
    "a user of Kubernetes",
    { subject: { kind: "User", name: "system:anonymous" } },
    /of Kubernetes/,
    { dangerous: true },
  ],
  ["a name that looks like another", { subject: { kind: "User", name: "jim\u200B" } }, /in its name/],
  ["Kubernetes' namespace", inPlaces("dev", "kube-system"), /belongs to Kubernetes/, { allowSystem: true }],
  ["the operator's namespace", inPlaces("mirrord"), /operator's own/, { allowSystem: true }],
  ["a selector of everything", { set: { kind: "namespaces", namespaces: [], selectors: [""] } }, /every namespace/],
];
for (const [what, change, refused, lifts] of intents) {
  t.test(
    `${what} in a stored intent is ${refused === undefined ? "made" : "refused as grant refuses it"}`,
    async (t) => {
      const grant = outlineGrant(intentWith(change));
      const refusal = grantRefusal(grant, facts, none);
      if (refused === undefined) t.equal(refusal, undefined);
      else t.match(refusal?.message, refused);
      saysKept(t, import.meta.filename, what, () => {
        if (refusal !== undefined) throw refusal;
      });
      const whole = { dangerous: true, allowSystem: true, ...lifts };
      if (lifts !== undefined) {
        t.equal(grantRefusal(grant, facts, { ...none, ...lifts }), undefined, "one consent lifts it");
        const others = { ...whole, ...Object.fromEntries(Object.keys(lifts).map((key) => [key, false])) };
        t.match(grantRefusal(grant, facts, others)?.message, refused, "the other does not");
      } else if (refused !== undefined)
        t.match(grantRefusal(grant, facts, whole)?.message, refused, "nothing lifts it");
    },
  );
}

t.test("consent that an intent records counts only where intents are guarded", async (t) => {
  const intent = intentWith({ dangerous: true });
  t.same(recordedConsent(intent, true), { dangerous: true, allowSystem: false });
  t.same(recordedConsent(intent, false), none);
});

const eve = { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "eve" };
const binding = bound("a", "looks", "jim", "dev");
const wider = { ...binding, subjects: [...(binding["subjects"] as object[]), eve] };
const ending = (at: string, object = bound("a", "looks", "jim")): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, annotations: { "kubectl-mirrord.io/expires-at": at } },
});
const job = (ttlSecondsAfterFinished: number): KubernetesObject => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "j", namespace: "dev" },
  spec: { ttlSecondsAfterFinished },
});
const role = (...rules: object[]): KubernetesObject => ({ ...clusterRole("r"), kind: "Role", rules });
const steps: [
  what: string,
  action: Change["action"],
  object: KubernetesObject,
  current: KubernetesObject | undefined,
  want: boolean,
][] = [
  ["a new binding", "create", binding, undefined, true],
  ["a binding as it is", "unchanged", binding, binding, false],
  ["a binding that goes", "delete", binding, binding, false],
  ["another subject", "update", wider, binding, true],
  ["a subject less", "update", binding, wider, false],
  ["a new role", "create", role(look), undefined, true],
  ["another rule", "update", role(look, everything), role(look), true],
  ["a rule less", "update", role(look), role(look, everything), false],
  ["a later end", "update", ending("2026-01-02T00:00:00Z"), ending("2026-01-01T00:00:00Z"), true],
  ["an earlier end", "update", ending("2026-01-01T00:00:00Z"), ending("2026-01-02T00:00:00Z"), false],
  ["a first end", "update", ending("2026-01-01T00:00:00Z"), bound("a", "looks", "jim"), false],
  ["no end any more", "update", bound("a", "looks", "jim"), ending("2026-01-01T00:00:00Z"), true],
  ["a new anchor", "create", job(5), undefined, false],
  ["a longer anchor", "update", job(50), job(5), true],
  ["a shorter anchor", "update", job(5), job(50), false],
  ["a shared role of ours", "create", clusterRole("mirrord:role:view", look), undefined, false],
];
for (const [what, action, object, current, want] of steps) {
  t.test(`${what} ${want ? "widens" : "does not widen"} access`, async (t) => {
    const types = Object.values(nativeResources);
    const type = types.find(({ kind }) => kind === object.kind) ?? nativeResources.roles;
    t.equal(widens({ action, type, object, ...(current === undefined ? {} : { current }) }), want);
  });
}

/** The writes of a sync of this grant, as it stands after the change, with what it says of it. */
function sync(
  intent: Intent,
  change: (objects: ReturnType<typeof storedParts>["objects"]) => ReturnType<typeof storedParts>["objects"],
  { guarded = false, at = {} }: { guarded?: boolean; at?: object } = {},
) {
  const parts = storedParts(intent);
  const grants = [storedGrant(change(parts.objects))];
  const context = { now, live: true, policies: false, ...at };
  const plans = planGrants({ grants, contextOf: () => context, roles: parts.roles });
  const { plan, refused } = syncPlan(withConsent(plans, facts, { guards: guarded, unreadable: [] }), new Map());
  const writes = plan.filter(({ action }) => action !== "unchanged");
  return {
    refused,
    writes: writes.map(({ action, type, object }) =>
      `${action} ${type.kind} ${object.metadata.namespace ?? ""}`.trim(),
    ),
  };
}

const powerful = intentWith({ role: "clusterrole/cluster-admin", ...inPlaces("dev", "qa"), dangerous: true });
const inDev = (object: KubernetesObject) => object.metadata.namespace === "dev";

t.test("a forged intent binds nothing, and what stands under its name stays", async (t) => {
  const forged = intentWith({ role: "clusterrole/cluster-admin", set: { kind: "all" }, reads: false });
  const { refused, writes } = sync(forged, (objects) =>
    changed(objects.filter(carriesIntent), carriesIntent, (object) => ({
      ...object,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
    })),
  );
  t.same(writes, []);
  t.match(refused, [
    { why: /clusterrole "cluster-admin" lets its holder gain more rights.*grants it again.*revokes it/ },
  ]);
});

t.test("nor is it deleted under another name, with the grant that it carries", async (t) => {
  const misnamed = sync(powerful, (objects) =>
    changed(objects.filter(carriesIntent), carriesIntent, (object) => ({
      ...object,
      metadata: { ...object.metadata, name: "mirrord:grant:another" },
    })),
  );
  t.match(misnamed, { writes: { length: 0 }, refused: [{}] });
});

t.test("a dangerous grant is restored where its consent counts, and only there", async (t) => {
  const without = (objects: ReturnType<typeof storedParts>["objects"]) =>
    objects.filter(({ object }) => !inDev(object));
  t.match(sync(powerful, without), { writes: { length: 0 }, refused: [{}] });
  const { refused, writes } = sync(powerful, without, { guarded: true });
  t.same(refused, []);
  t.same(writes, ["create RoleBinding dev", "create RoleBinding dev"]);
});

t.test("what takes away is done also of a grant that is refused the rest", async (t) => {
  const spread = sync(powerful, (objects) =>
    changed(
      objects.filter(({ object }) => !inDev(object)),
      carriesIntent,
      (object) => ({
        ...object,
        subjects: [...(object["subjects"] as object[]), eve],
      }),
    ),
  );
  t.same(spread.writes, ["update ClusterRoleBinding"], "a stranger goes");
  const narrowed = sync(powerful, (objects) => objects.filter(({ object }) => !inDev(object)), {
    at: { namespaces: ["dev"] },
  });
  t.same(narrowed.writes, ["delete RoleBinding qa", "delete RoleBinding qa"]);
});

t.test("a dangerous grant that is whole is no matter", async (t) => {
  t.same(
    sync(powerful, (objects) => objects),
    { writes: [], refused: [] },
  );
});

t.test("a dangerous grant without its anchors gets them, because they end it", async (t) => {
  const temporary = { ...powerful, temporary: true };
  const { writes } = sync(temporary, (objects) => objects.filter(({ type }) => type.kind !== "Job"));
  t.ok(writes.includes("create Job dev") && writes.includes("create Job qa"), writes.join());
  t.notOk(writes.includes("create RoleBinding dev"));
});

t.test("an anchor without anything to end is not made", async (t) => {
  const temporary = { ...powerful, temporary: true };
  t.same(sync(temporary, (objects) => objects.filter(carriesIntent)).writes, []);
});

t.test("a plan of what is there already under other names gives nothing new", async (t) => {
  const create = (object: KubernetesObject): Change => ({
    action: "create",
    type: nativeResources.roleBindings,
    object,
  });
  const renamed = bound("b", "looks", "jim", "dev");
  t.ok(isCovered([create(renamed)], [binding]));
  t.notOk(isCovered([create(bound("b", "looks", "jim", "qa"))], [binding]), "elsewhere");
  t.notOk(isCovered([create(bound("b", "cluster-admin", "jim", "dev"))], [binding]), "another role");
  t.notOk(isCovered([create(bound("b", "looks", "eve", "dev"))], [binding]), "somebody else");
  t.same(withoutWidening([create(renamed)]), []);
});
