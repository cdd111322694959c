// What a no ends with, and for whom the command is.
import { spawnSync } from "node:child_process";
import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";
import { smallestFixes } from "../../lib/preview/fix.ts";
import type { FixOptions } from "../../lib/preview/fix-commands.ts";
import { escapeCell } from "../../lib/text/escape.ts";
import { previewSession } from "../../lib/preview/preview.ts";
import { fakeCluster, type FakeOptions } from "./fake-cluster.ts";
import {
  allRights,
  bound,
  deployment,
  NAMESPACE,
  namespace,
  nativeRules,
  operator,
  operatorRoles,
  policy,
  user,
} from "./objects.ts";

const noSteal = policy("no-steal", { block: ["steal"] });
const world = [namespace(), operator(), deployment("web"), ...operatorRoles];
const jim = { name: "jim", groups: ["system:authenticated"] };

const hostile: [what: string, name: string][] = [
  ["a line feed", "new\nline"],
  ["a character that nobody sees", "zero\u200bwidth"],
  ["a mark that turns the text around", "\u202ejim"],
  ["an escape", "\u001b[31mjim"],
  ["a blank at its start", " lead"],
  ["a blank at its end", "trail "],
];
for (const [what, name] of hostile)
  t.test(`a name with ${what} is in no command but as data that says it exactly`, async (t) => {
    const cluster = fakeCluster({ objects: world });
    const preview = await previewSession(
      cluster,
      { action: "steal", target: parseTarget("deploy/web"), namespace: NAMESPACE },
      { as: { name, groups: [], groupsGiven: true }, explain: false, now: new Date() },
    );
    const fixes = smallestFixes(preview, { connection: [], manifests: [] });
    t.match(fixes, [{ kind: "role", proven: true }]);
    const [command = ""] = fixes[0]?.commands ?? [];
    t.equal(escapeCell(command), command, "what is shown is what is pasted");
    const [printed = ""] = command.split(" | kubectl ");
    const { stdout } = spawnSync("sh", ["-c", printed], { encoding: "utf8" });
    const list = JSON.parse(stdout) as { items: { subjects?: object[] }[] };
    t.same(
      list.items.flatMap(({ subjects = [] }) => subjects),
      [1, 2].map(() => ({ apiGroup: "rbac.authorization.k8s.io", kind: "User", name })),
    );
  });

t.test("one file, or standard input, is nothing that a grant could be written to", async (t) => {
  for (const path of ["one.yaml", "one.json", "-"]) {
    const fixes = await computeFixes([], { manifests: [path], connection: [] });
    t.same(
      fixes.map(({ kind, commands }) => [kind, commands.length === 0]),
      [["role", path !== "one.yaml"]],
    );
  }
});

t.test("beside standard input, which is gone, a role goes to the folder or file that stays", async (t) => {
  for (const [path, end] of [
    ["mine", "> mine/mirrord-extra-jim-"],
    ["mine.yaml", ">> mine.yaml"],
  ] as const) {
    const [fix] = await computeFixes([], { manifests: ["-", path], connection: [] });
    t.equal(fix?.kind, "role");
    t.match(fix?.commands[0], end);
    t.notMatch(fix?.commands[0], "--manifests");
  }
});

t.test("what needs no copy is offered without copies first", async (t) => {
  for (const action of ["ci", "targetless"] as const) {
    const preview = await previewSession(
      fakeCluster({ objects: world }),
      { action, target: { kind: "targetless" }, namespace: NAMESPACE },
      { as: { ...jim, groupsGiven: true }, explain: false, now: new Date() },
    );
    const [first] = smallestFixes(preview, { connection: [], manifests: [] });
    t.match(first, { commands: ["kubectl mirrord grant jim --ns dev --role minimal"], proven: true }, action);
  }
});

async function computeFixes(
  objects: readonly KubernetesObject[],
  options: Partial<FixOptions> = {},
  { self = false, ...more }: FakeOptions & { self?: boolean } = {},
) {
  const cluster = fakeCluster({ objects: [...world, ...objects], ...(self ? { caller: jim } : {}), ...more });
  const preview = await previewSession(
    cluster,
    { action: "steal", target: parseTarget("deploy/web"), namespace: NAMESPACE },
    { ...(self ? {} : { as: { ...jim, groupsGiven: true } }), explain: false, now: new Date() },
  );
  return smallestFixes(preview, { connection: ["--context", "dev"], manifests: [], ...options });
}

t.test("whoever asks about somebody else gets a command for their own kubeconfig", async (t) => {
  const [fix] = await computeFixes([]);
  t.match(fix, {
    kind: "grant",
    commands: [/^kubectl mirrord grant jim --ns dev --target deployment\/web --context dev$/],
  });
});

t.test("whoever asks about themselves gets one for an administrator's, which has other contexts", async (t) => {
  const [fix] = await computeFixes([], {}, { self: true });
  t.match(fix, { kind: "grant", commands: [/^kubectl mirrord grant jim --ns dev --target deployment\/web$/] });
  const [patch] = await computeFixes([...allRights(user("jim")), noSteal], {}, { self: true });
  t.match(patch, { kind: "policy", policies: [{ command: /^kubectl patch / }] });
  t.notMatch(patch?.policies?.[0]?.command, /--context/);
});

t.test("so does whoever asks about somebody else and may not read who has which role", async (t) => {
  const forbidden = ["clusterroles", "roles", "clusterrolebindings", "rolebindings"];
  const [fix] = await computeFixes([], {}, { forbidden });
  t.match(fix, { kind: "grant", commands: [/^kubectl mirrord grant jim --ns dev --target deployment\/web$/] });
});

t.test("a policy that refuses is to be changed, also by whom other policies could not be read", async (t) => {
  const forbidden = ["mirrordclusterpolicies"];
  const fixes = await computeFixes([...allRights(user("jim")), noSteal], {}, { self: true, forbidden });
  t.match(fixes, [
    { kind: "policy", policies: [{ command: /^kubectl patch mirrordpolicies\.\S+ no-steal -n dev / }], proven: false },
  ]);
  t.equal(fixes.length, 1, "and no other");
});

t.test("only where what was read refuses nothing, reading the others is what helps", async (t) => {
  const fixes = await computeFixes(allRights(user("jim")), {}, { self: true, forbidden: ["mirrordclusterpolicies"] });
  t.match(fixes, [{ kind: "role", opens: "reading the policies" }]);
});

t.test("in a folder of manifests access has a command, and the policy is changed by hand besides", async (t) => {
  const fixes = await computeFixes([noSteal], { manifests: ["cluster"], connection: [] });
  t.match(fixes[0], {
    kind: "grant",
    commands: [/^kubectl mirrord grant jim --ns dev --target deployment\/web --manifests cluster$/],
    byHand: ['remove "steal" from spec.block in MirrordPolicy dev/no-steal'],
    proven: true,
  });
});

const seeing: [allNamespaces: boolean, where: string, command: string][] = [
  [false, "dev", "kubectl mirrord grant jim --ns dev --role view"],
  [true, "all namespaces", "kubectl mirrord grant jim -A --role view --yes"],
];
for (const [allNamespaces, where, command] of seeing) {
  t.test(`who may not see the sessions of ${where} is offered just that`, async (t) => {
    const preview = await previewSession(
      fakeCluster({ objects: world }),
      { action: "list-sessions", target: { kind: "targetless" }, namespace: NAMESPACE, allNamespaces },
      { as: { ...jim, groupsGiven: true }, explain: false, now: new Date() },
    );
    t.same(smallestFixes(preview, { connection: [], manifests: [] })[0], {
      kind: "grant",
      commands: [command],
      opens: `seeing sessions and targets in ${where}`,
      lets: { named: `see sessions and targets in ${where}`, brief: "see sessions and targets there" },
      proven: true,
    });
  });
}

t.test("a grant that would not change the answer is not offered", async (t) => {
  const kinds = async (objects: KubernetesObject[]) => {
    const preview = await previewSession(
      fakeCluster({ objects: [...objects, ...bound("some", user("jim"), nativeRules)] }),
      { action: "copy", target: parseTarget("deploy/web"), namespace: NAMESPACE },
      { as: { ...jim, groupsGiven: true }, explain: false, now: new Date() },
    );
    t.ok(preview.checks.some(({ required, answer }) => required && answer === "yes"));
    return new Set(smallestFixes(preview, { connection: [], manifests: [] }).map(({ kind }) => kind));
  };
  t.ok((await kinds(world)).has("grant"));
  const withoutRoles = world.filter((each) => !operatorRoles.includes(each));
  t.notOk((await kinds(withoutRoles)).has("grant"), "without the roles that it would bind");
});
