import t from "tap";
import { administrators, planAdministrators, planNoAdministrators } from "../../lib/access/administrators.ts";
import type { GrantSubject } from "../../lib/access/subject.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { saysKept } from "../kept-text.ts";
import { shownPlan } from "./shown-plan.ts";
import { bound, clusterRole } from "./rbac-objects.ts";

const manage = { apiGroups: ["access.kubectl-mirrord.io"], resources: ["grants"], verbs: ["manage"] };
const ann: GrantSubject = { kind: "User", name: "ann" };
const bob: GrantSubject = { kind: "User", name: "bob" };
const stored = (): KubernetesObject => {
  const binding = bound("mirrord-access-admin", "mirrord-access-admin", "ann");
  return { ...binding, metadata: { ...binding.metadata, resourceVersion: "7" } };
};

t.test("an administrator is whoever may manage grants at cluster scope", async (t) => {
  const found = administrators([
    clusterRole("mirrord-access-admin", manage),
    clusterRole("everything", { apiGroups: ["*"], resources: ["*"], verbs: ["*"] }),
    clusterRole("one-grant", { ...manage, resourceNames: ["x"] }),
    clusterRole("view", { apiGroups: [""], resources: ["pods"], verbs: ["get"] }),
    stored(),
    bound("boss", "everything", { group: "ops" }),
    bound("there", "everything", "zoe", "dev"),
    bound("one", "one-grant", "zoe"),
    bound("look", "view", "zoe"),
    bound("dangling", "gone", "zoe"),
  ]);
  t.match(found, [
    { subject: ann, binding: "mirrord-access-admin", managed: true },
    { subject: { kind: "Group", name: "ops" }, binding: "boss", role: "everything", managed: false },
  ]);
  t.equal(found.length, 2);
});

t.test("the first is named in a new binding, the next beside the first", async (t) => {
  t.match(planAdministrators(undefined, [ann]), [
    { action: "create", isNew: true, object: { subjects: [{ name: "ann" }] } },
  ]);
  t.match(planAdministrators(stored(), [ann, bob]), [
    { action: "update", patch: { metadata: { resourceVersion: "7" }, subjects: [{ name: "ann" }, { name: "bob" }] } },
  ]);
  t.match(planAdministrators(stored(), [ann]), [{ action: "unchanged" }]);
});

t.test("the last is never taken out", async (t) => {
  t.same(planNoAdministrators(undefined, [ann]), []);
  t.match(planNoAdministrators(stored(), [bob]), [{ action: "unchanged" }]);
  t.throws(() => planNoAdministrators(stored(), [ann]), { message: /ann is the last administrator/ });
  const [both] = planAdministrators(stored(), [bob]);
  t.match(planNoAdministrators(both?.merged, [ann]), [{ action: "update", patch: { subjects: [{ name: "bob" }] } }]);
  t.throws(() => planNoAdministrators(both?.merged, [ann, bob]), {
    message: /ann and bob are the last administrators/,
  });
  t.match(
    planNoAdministrators({ ...stored(), subjects: [] }, [ann]),
    [{ action: "unchanged" }],
    "one that names nobody stays so",
  );
});

t.test("a subject of no known kind is kept, and another's binding is left alone", async (t) => {
  const odd = {
    ...stored(),
    subjects: [
      { kind: "Robot", name: "r2" },
      { kind: "User", name: "ann" },
    ],
  };
  t.match(planNoAdministrators(odd, [ann]), [{ patch: { subjects: [{ kind: "Robot" }] } }]);
  const foreign = bound("mirrord-access-admin", "view", "eve");
  t.throws(() => planAdministrators(foreign, [ann]), { message: /binds another role/ });
  t.throws(() => planNoAdministrators(foreign, [ann]), { message: /binds another role/ });
});

const robot: GrantSubject = { kind: "ServiceAccount", namespace: "ci", name: "robot" };
const both = () => ({ ...stored(), subjects: planAdministrators(undefined, [ann, bob])[0]?.object["subjects"] });
const plans: Record<string, () => unknown> = {
  "the first": () => planAdministrators(undefined, [ann, robot]),
  "another beside the first": () => planAdministrators(stored(), [bob]),
  "another in a folder": () => planAdministrators(bound("mirrord-access-admin", "mirrord-access-admin", "ann"), [bob]),
  "one who is it already": () => planAdministrators(stored(), [ann]),
  "a binding of another role": () => planAdministrators(bound("mirrord-access-admin", "view", "ann"), [bob]),
  "one less": () => planNoAdministrators(both(), [bob]),
  "one less, of a binding of another role": () =>
    planNoAdministrators(bound("mirrord-access-admin", "view", "ann"), [ann]),
  "the last": () => planNoAdministrators(stored(), [ann]),
  "the last two": () => planNoAdministrators(both(), [ann, bob]),
  "one less, beside what names nobody": () =>
    planNoAdministrators({ ...stored(), subjects: [...(stored()["subjects"] as object[]), { kind: "Robot" }] }, [ann]),
};
for (const [name, plan] of Object.entries(plans)) {
  t.test(`administrators: ${name}, whole`, async (t) =>
    saysKept(t, import.meta.filename, `whole: ${name}`, () => shownPlan(plan())),
  );
}
