import t from "tap";
import { encodeIntent } from "../../lib/access/intent.ts";
import { annotations, GRANT_LABEL } from "../../lib/access/names.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { findExpiredAccess } from "../../lib/preview/expired-access.ts";
import { previewAttributes } from "../../lib/preview/preview.ts";
import { fakeCluster, type FakeOptions } from "./fake-cluster.ts";
import { intentWith } from "../access/grant.ts";
import { bound, NAMESPACE, object, rule, user } from "./objects.ts";

const now = new Date("2026-01-02T04:00:00Z");
const id = "abcdefghijklmnopqrst";
const name = `mirrord:grant:jim-dev-${id}`;
const getPods = { verb: "get", apiGroup: "", resource: "pods", namespace: NAMESPACE };
const reads = rule("", ["pods"], ["get"]);

/** A grant of the reads of pods in one namespace: what carries its intent, and the binding. */
function granted(expiresAt: string | undefined): KubernetesObject[] {
  const labels = { [GRANT_LABEL]: id };
  const notes = {
    [annotations.intent]: encodeIntent(intentWith({ temporary: true })),
    ...(expiresAt === undefined ? {} : { [annotations.expiresAt]: expiresAt }),
  };
  const [role, binding] = bound("reads", user("jim"), [reads], NAMESPACE);
  return [
    object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", name, {
      metadata: { labels, annotations: notes },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "mirrord:role:none" },
      subjects: [user("jim")],
    }),
    ...(role === undefined ? [] : [role]),
    ...(binding === undefined ? [] : [{ ...binding, metadata: { ...binding.metadata, name, labels } }]),
  ];
}

async function find(objects: readonly KubernetesObject[], options: FakeOptions = {}, explain = false) {
  const cluster = fakeCluster({ objects, ...options });
  const as = { name: "jim", groups: [], groupsGiven: true };
  const preview = await previewAttributes(cluster, [getPods], [NAMESPACE], { as, explain });
  cluster.reads.length = 0;
  const found = await findExpiredAccess(cluster, preview, now);
  return { text: found?.text, reads: cluster.reads, found };
}

const past = "2026-01-02T03:59:59Z";
const reason = `RBAC: allowed by RoleBinding "${name}/${NAMESPACE}" of ClusterRole "reads" to User "jim"`;
const allowed: FakeOptions = { answer: () => ({ answer: "yes", reason }) };

const cases: { what: string; objects: KubernetesObject[]; options?: FakeOptions; text: string | undefined }[] = [
  {
    what: "a grant that is over",
    objects: granted(past),
    text: `EXPIRED, still bound: grant ${id} ended at ${past}`,
  },
  {
    what: "a grant that ends now",
    objects: granted("2026-01-02T04:00:00Z"),
    text: `EXPIRED, still bound: grant ${id} ended at 2026-01-02T04:00:00Z`,
  },
  { what: "a grant that is not over", objects: granted("2026-01-02T04:00:01Z"), text: undefined },
  { what: "a grant without an end", objects: granted(undefined), text: undefined },
  { what: "a grant whose end is no time", objects: granted("tomorrow"), text: undefined },
  {
    what: "a grant that is over, and another binding",
    objects: [...granted(past), ...bound("also", user("jim"), [reads])],
    options: allowed,
    text: undefined,
  },
  { what: "a grant whose binding is gone", objects: granted(past).slice(1), options: allowed, text: undefined },
  {
    what: "a grant whose binding may not be read",
    objects: granted(past),
    options: { forbidden: ["clusterrolebindings"] },
    text: undefined,
  },
  {
    what: "no grant",
    objects: bound("also", user("jim"), [reads]),
    text: undefined,
  },
  {
    what: "nothing: it is refused",
    objects: granted(past),
    options: { answer: () => ({ answer: "no", reason }) },
    text: undefined,
  },
];
for (const { what, objects, options, text } of cases) {
  t.test(
    `a yes that stands on ${what} is ${text === undefined ? "no access of the past" : "said to be over"}`,
    async (t) => {
      t.equal((await find(objects, options)).text, text);
    },
  );
}

t.test("nothing is read where no grant let it through, and all else only for one that is over", async (t) => {
  const others = bound("also", user("jim"), [reads]);
  t.same((await find(others)).reads, []);
  t.same((await find(granted(undefined))).reads, ["get clusterrolebindings"]);
  const first = await find(granted(past));
  t.same(first.reads.toSorted(), [
    "get clusterrolebindings",
    ...["clusterrolebindings", "clusterroles", "rolebindings", "roles"].map((type) => `list ${type}`),
  ]);
  t.ok(first.found?.rbac.objects.length);
  t.same((await find(granted(past), {}, true)).reads, ["get clusterrolebindings"], "what was read before counts");
});
