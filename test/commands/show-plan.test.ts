import t from "tap";
import type { TwoTexts } from "../../lib/cli/world.ts";
import { printDiff } from "../../lib/commands/plan-diff.ts";
import { manifest, planBlock } from "../../lib/commands/show-plan.ts";
import type { Change, Plan } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { plan } from "../../lib/kubernetes/plan.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";

const { clusterRoleBindings, roleBindings } = nativeResources;
const apiVersion = "rbac.authorization.k8s.io/v1";
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

const subjects = [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "jim" }];
const parent = (metadata: object = {}): KubernetesObject => ({
  apiVersion,
  kind: "ClusterRoleBinding",
  metadata: { name: "p", ...metadata },
  subjects,
});
const child = (metadata: object = {}): KubernetesObject => ({
  apiVersion,
  kind: "RoleBinding",
  metadata: { name: "c", namespace: "dev", ...metadata },
  subjects,
});
const owner = { type: clusterRoleBindings, name: "p" };
const wanted = (object: KubernetesObject) => [
  { type: clusterRoleBindings, object: parent(), stage: 0 },
  { type: roleBindings, object, stage: 1, owner },
];

/** What kubectl leaves in an object that it applied: its own annotation, and the fields that it manages. */
const appliedByKubectl = {
  annotations: { [lastApplied]: '{"kind":"RoleBinding"}' },
  managedFields: [
    {
      manager: "kubectl-client-side-apply",
      operation: "Update",
      fieldsV1: { "f:metadata": { "f:annotations": { ".": {}, [`f:${lastApplied}`]: {} } }, "f:subjects": {} },
    },
  ],
};

async function diff(
  changes: Plan,
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; lines: string[]; compared: [string, readonly TwoTexts[]][] }> {
  const lines: string[] = [];
  const compared: [string, readonly TwoTexts[]][] = [];
  const code = await printDiff(changes, {
    env,
    print: (text) => lines.push(...[text].flat().map(String)),
    compare: async (program, texts) => void compared.push([program, texts]),
  });
  return { code, lines, compared };
}

const marked = (lines: readonly string[]) => lines.filter((line) => /^[-+]/.test(line));

t.test("what kubectl applied gets an owner, and nothing else of it changes", async (t) => {
  const stored = [
    { type: clusterRoleBindings, object: parent({ uid: "u1", ...appliedByKubectl }) },
    { type: roleBindings, object: child({ uid: "u2", ...appliedByKubectl }) },
  ];
  const { code, lines } = await diff(plan(stored, wanted(child())));
  t.equal(code, 1);
  t.same(marked(lines), [
    "+   ownerReferences:",
    `+   - apiVersion: ${apiVersion}`,
    "+     kind: ClusterRoleBinding",
    "+     name: p",
    "+     uid: u1",
  ]);
  t.notMatch(lines.join("\n"), /last-applied|managedFields|annotations/);
});

t.test("another owner is taken off", async (t) => {
  const reference = { apiVersion, kind: "ClusterRoleBinding", name: "p", uid: "u1" };
  const ownerReferences = [reference, { ...reference, name: "other", uid: "u9" }];
  const stored = [
    { type: clusterRoleBindings, object: parent({ uid: "u1" }) },
    { type: roleBindings, object: child({ uid: "u2", ownerReferences }) },
  ];
  const { lines } = await diff(plan(stored, wanted(child())));
  t.match(marked(lines).join("\n"), /^- .*\n-     kind: ClusterRoleBinding\n-     name: other\n-     uid: u9$/);
});

t.test("the owner that is to be made has no uid yet", async (t) => {
  const { lines } = await diff(plan([], wanted(child())));
  t.ok(lines.includes("+     name: p"));
  t.notMatch(lines.join("\n"), /uid/);
});

t.test("nothing to do is nothing to show", async (t) => {
  const reference = { apiVersion, kind: "ClusterRoleBinding", name: "p", uid: "u1" };
  const stored = [
    { type: clusterRoleBindings, object: parent({ uid: "u1" }) },
    { type: roleBindings, object: child({ uid: "u2", ownerReferences: [reference] }) },
  ];
  t.match(await diff(plan(stored, wanted(child()))), { code: 0, lines: { length: 0 } });
});

t.test("what is deleted is shown as it is stored, without what the server keeps there", async (t) => {
  const object = child({ uid: "u2", annotations: { ...appliedByKubectl.annotations, reason: "INC-1" } });
  const { lines } = await diff(plan([{ type: roleBindings, object }], []));
  t.equal(lines[0], "rolebinding.rbac.authorization.k8s.io/c in namespace dev");
  t.ok(lines.slice(1).every((line) => line.startsWith("- ")));
  t.ok(lines.includes("-     reason: INC-1"));
  t.notMatch(lines.join("\n"), /last-applied|uid/);
});

const types = {
  ClusterRoleBinding: nativeResources.clusterRoleBindings,
  RoleBinding: nativeResources.roleBindings,
};

function changed(action: Change["action"], kind: keyof typeof types, name: string, namespace?: string): Change {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  return { action, type: types[kind], object: { apiVersion: "rbac.authorization.k8s.io/v1", kind, metadata } };
}

const blocks: { name: string; changes: Change[]; isLong?: boolean; want: string[] }[] = [
  { name: "nothing is no lines", changes: [], want: [] },
  {
    name: "objects are counted by what was done and by kind",
    changes: [
      changed("create", "ClusterRoleBinding", "a"),
      changed("create", "RoleBinding", "a", "dev"),
      changed("create", "RoleBinding", "a", "qa"),
      changed("unchanged", "RoleBinding", "b", "qa"),
    ],
    want: ["", "  created      1 ClusterRoleBinding, 2 RoleBindings", "  unchanged    1 RoleBinding"],
  },
  {
    name: "what is changed before it is deleted counts as deleted; its namesake elsewhere does not",
    changes: [
      changed("update", "ClusterRoleBinding", "a"),
      changed("update", "RoleBinding", "a", "qa"),
      changed("delete", "RoleBinding", "a", "dev"),
      changed("delete", "ClusterRoleBinding", "a"),
    ],
    want: ["", "  configured   1 RoleBinding", "  deleted      1 RoleBinding, 1 ClusterRoleBinding"],
  },
  {
    name: "in the long form each object has a line",
    changes: [changed("delete", "RoleBinding", "a", "dev")],
    isLong: true,
    want: ["", "  rolebinding.rbac.authorization.k8s.io/a in namespace dev deleted"],
  },
];

for (const { name, changes, isLong = false, want } of blocks)
  t.test(name, async (t) => {
    t.same(planBlock(changes, isLong), want);
  });

t.test("KUBECTL_EXTERNAL_DIFF gets both texts of each object, and prints in our place", async (t) => {
  const changes = plan([], wanted(child()));
  const { code, lines, compared } = await diff(changes, { KUBECTL_EXTERNAL_DIFF: "diff -u" });
  t.same([code, lines], [1, []]);
  const [[program, texts] = ["", []]] = compared;
  t.equal(program, "diff -u");
  t.same(
    texts.map(({ name, before }) => [name, before]),
    [
      ["rbac.authorization.k8s.io.v1.ClusterRoleBinding..p", ""],
      ["rbac.authorization.k8s.io.v1.RoleBinding.dev.c", ""],
    ],
  );
  t.match(texts[0]?.after, /^apiVersion: rbac/);
  const nothing = await diff([], { KUBECTL_EXTERNAL_DIFF: "diff -u" });
  t.same([nothing.code, nothing.compared], [0, []]);
});

t.test("a manifest holds nothing of the moment, nor of one cluster", async (t) => {
  const annotations = {
    "kubectl-mirrord.io/granted-at": "2026-11-22T12:00:00Z",
    "kubectl-mirrord.io/namespace-uids": "{}",
    "kubectl-mirrord.io/intent": "{}",
  };
  const { items } = manifest(plan([], [{ type: clusterRoleBindings, object: parent({ annotations }), stage: 0 }]));
  t.same(items[0]?.metadata.annotations, { "kubectl-mirrord.io/intent": "{}" });
  t.notOk("annotations" in (manifest(plan([], wanted(child()))).items[0]?.metadata ?? {}));
});
