import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { otherAccess } from "../../lib/access/other-access.ts";
import { outlineGrant } from "../../lib/access/outline.ts";
import { intentWith } from "./grant.ts";
import { bound, clusterRole } from "./rbac-objects.ts";

const everything = clusterRole("all", { apiGroups: ["*"], resources: ["*"], verbs: ["*"] });
const connectOnly = clusterRole("connect", {
  apiGroups: ["operator.metalbear.co"],
  resources: ["targets"],
  verbs: ["proxy"],
});
const granted = (object: KubernetesObject, id: string, expiresAt?: string): KubernetesObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    labels: { "kubectl-mirrord.io/grant": id },
    ...(expiresAt === undefined ? {} : { annotations: { "kubectl-mirrord.io/expires-at": expiresAt } }),
  },
});

const view = outlineGrant(intentWith({ role: "view" }));
const noon = Date.parse("2026-11-22T12:00:00Z");
const cases: [what: string, objects: KubernetesObject[], by: string[][], end?: number][] = [
  ["nothing", [everything], []],
  ["a binding by hand", [everything, bound("hand", "all", "jim")], [["clusterrolebinding/hand"]]],
  ["another grant", [everything, granted(bound("g", "all", "jim"), "abcd")], [["grant abcd"]]],
  [
    "two ways",
    [everything, bound("a", "all", "jim"), bound("b", "all", "jim")],
    [["clusterrolebinding/a", "clusterrolebinding/b"]],
  ],
  ["too few rights for a session", [connectOnly, bound("hand", "connect", "jim")], []],
  ["somebody else's", [everything, bound("hand", "all", "ana")], []],
  ["the grant itself, by its label", [everything, granted(bound("g", "all", "jim"), view.id)], []],
  ["the grant itself, by its name", [everything, bound(`${view.name}:reads`, "all", "jim")], []],
  [
    "a grant that is over first",
    [everything, granted(bound("g", "all", "jim"), "abcd", "2026-11-22T11:00:00Z")],
    [],
    noon,
  ],
  [
    "a grant that ends later",
    [everything, granted(bound("g", "all", "jim"), "abcd", "2026-11-22T13:00:00Z")],
    [["grant abcd"]],
    noon,
  ],
];
for (const [what, objects, by, end] of cases) {
  t.test(`beside a grant: ${what}`, async (t) => {
    t.same(
      otherAccess(view, objects, ["dev"], end).map((other) => other.by),
      by,
    );
  });
}

t.test("a group that a user may be in is named, also where it only adds what a session needs besides", async (t) => {
  const web = { group: "web" };
  const named = (objects: KubernetesObject[], grant = view) =>
    otherAccess(grant, [everything, ...objects], ["dev"]).map(({ groups }) => groups);
  t.same(named([bound("g", "all", web)]), [["web"]]);
  t.same(named([connectOnly, bound("own", "connect", "jim"), bound("g", "all", web)]), [["web"]]);
  t.same(named([bound("own", "all", "jim"), bound("g", "all", web)]), [[]], "not needed");
  t.same(named([connectOnly, bound("g", "connect", web)]), []);
  t.same(named([bound("g", "all", { group: "system:masters" })]), [], "who is in it is an administrator anyway");
  const account = outlineGrant(
    intentWith({ role: "view", subject: { kind: "ServiceAccount", namespace: "ci", name: "x" } }),
  );
  t.same(named([bound("g", "all", web)], account), [], "the groups of an account are known");
});

t.test("a limited grant is looked at for its targets, in each namespace", async (t) => {
  const limited = outlineGrant(intentWith({ targets: ["deployment/web"] }));
  const objects = [everything, bound("hand", "all", "jim", "dev"), bound("base", "all", "jim")];
  t.same(
    otherAccess(limited, objects, ["dev", "qa"]).map(({ namespace }) => namespace),
    ["dev", "qa"],
  );
});
