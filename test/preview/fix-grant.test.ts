// The change that flips a no, for every kind of session and of caller.
import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { Action } from "../../lib/mirrord/plan/session-plan.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";
import { smallestFixes } from "../../lib/preview/fix.ts";
import type { FixOptions } from "../../lib/preview/fix-commands.ts";
import { coveringGrant, flips } from "../../lib/preview/fix-grant.ts";
import { previewSession } from "../../lib/preview/preview.ts";
import { saysKept } from "../kept-text.ts";
import { fakeCluster, type FakeOptions } from "./fake-cluster.ts";
import {
  bound,
  currentFeatures,
  NAMESPACE,
  namespace,
  nativeRules,
  operator,
  operatorRoles,
  targets,
  user,
} from "./objects.ts";

const features = [...currentFeatures, "PreviewEnv"];
const world = [namespace(), operator({ features }), ...targets, ...operatorRoles];

interface Asked {
  action?: Action;
  target?: string;
  who?: string;
  place?: string;
  allNamespaces?: boolean;
}

async function ask(
  { action = "mirror", target = "deploy/web", who = "jim", place = NAMESPACE, allNamespaces = false }: Asked,
  more: readonly KubernetesObject[] = [],
  cluster: FakeOptions = {},
) {
  return await previewSession(
    fakeCluster({ objects: [...world, ...more], ...cluster }),
    { action, target: parseTarget(target), namespace: place, allNamespaces },
    { as: { name: who, groups: [], groupsGiven: true }, explain: false, now: new Date("2026-11-22T12:00:00Z") },
  );
}
const live: FixOptions = { connection: ["--context", "c"], manifests: [] };

const sessions: Asked[] = [
  ...(["mirror", "steal", "copy", "copy-scale-down", "preview"] as const).flatMap((action) => [
    { action },
    { action, target: "statefulset/db" },
  ]),
  { target: "deploy/web/container/side" },
  { target: "service/svc" },
  { target: "pod/p1" },
  { target: "job/j1" },
  { target: "label/app=web" },
  { action: "targetless", target: "targetless" },
  { action: "ci", target: "targetless" },
  { action: "list-sessions", target: "targetless" },
  { action: "list-sessions", target: "targetless", allNamespaces: true },
  { action: "kill-sessions", target: "targetless" },
  { who: "system:serviceaccount:ci:runner" },
  { who: "system:kube-scheduler" },
  { who: "list" },
  { who: "group:x" },
];
for (const asked of sessions) {
  const name = JSON.stringify(asked);
  t.test(`what would let somebody in who has nothing: ${name}`, async (t) => {
    const preview = await ask(asked);
    saysKept(t, import.meta.filename, name, () => smallestFixes(preview, live));
  });
}

const places: [what: string, options: FixOptions][] = [
  ["a folder", { connection: [], manifests: ["cluster"] }],
  ["two folders", { connection: [], manifests: ["a", "b"] }],
  ["a file", { connection: [], manifests: ["cluster.yaml"] }],
  ["a file of JSON", { connection: [], manifests: ["cluster.json"] }],
  ["standard input", { connection: [], manifests: ["-"] }],
  ["standard input and a folder", { connection: [], manifests: ["-", "cluster/"] }],
];
for (const [what, options] of places) {
  t.test(`the command for ${what}`, async (t) => {
    const preview = await ask({});
    saysKept(t, import.meta.filename, what, () => smallestFixes(preview, options));
  });
}

t.test("what lacks a part only gets that part by a role, where no grant is smaller", async (t) => {
  const preview = await ask({ action: "steal" }, bound("some", user("jim"), nativeRules));
  saysKept(t, import.meta.filename, "a part is there", () => smallestFixes(preview, live));
});

t.test("without the operator's roles no grant is offered, but a role", async (t) => {
  const objects = world.filter((each) => !operatorRoles.includes(each));
  const preview = await ask({}, [], { objects });
  saysKept(t, import.meta.filename, "no roles of the operator", () => smallestFixes(preview, live));
});

t.test("who may not read RBAC objects gets what nobody could try, and it says so", async (t) => {
  const preview = await ask({}, [], { forbidden: ["clusterroles"] });
  saysKept(t, import.meta.filename, "RBAC unread", () => smallestFixes(preview, live));
  t.equal(flips(preview, [], []), undefined);
});

t.test("the smallest grant that covers what is refused, in whichever session", async (t) => {
  const mirror = await ask({});
  saysKept(t, import.meta.filename, "covering a mirror session", () => coveringGrant(mirror, NAMESPACE, live));
  const copy = await ask({ action: "copy" });
  saysKept(t, import.meta.filename, "covering a copy", () => coveringGrant(copy, NAMESPACE, live));
  saysKept(t, import.meta.filename, "covering in the system", () => coveringGrant(mirror, "kube-system", live));
});

t.test("objects flip a no only where they answer every check that fails", async (t) => {
  const preview = await ask({});
  const failing = preview.checks.filter(({ required, answer }) => required && answer !== "yes");
  t.equal(flips(preview, [], failing), false);
  t.equal(flips(preview, [], []), true);
});
