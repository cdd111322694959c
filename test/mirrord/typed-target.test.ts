import t from "tap";
import { parseTypedPath, parseTypedTarget, typedKind } from "../../lib/mirrord/typed-target.ts";

const kinds: [word: string, kind: string | undefined][] = [
  ["deployments", "deployment"],
  ["deployment.apps", "deployment"],
  ["deployments.v1.apps", "deployment"],
  ["Deployment.apps", "deployment"],
  ["rollout.argoproj.io", "rollout"],
  ["rollouts.v1alpha1.argoproj.io", "rollout"],
  ["cronjob.batch", "cronjob"],
  ["sts", "statefulset"],
  ["deployment.extensions", undefined],
  ["pod.apps", undefined],
  ["daemonset.apps", undefined],
  ["web.example", undefined],
];
for (const [word, kind] of kinds)
  t.test(`${word} is ${kind ?? "no kind"}`, async (t) => void t.equal(typedKind(word), kind));

const web = { kind: "deployment", name: "web" } as const;
const typed: [text: string, target: object][] = [
  ["deployment.apps/web", web],
  ["deployments/web", web],
  ["deployments.v1.apps/web/container/app", { ...web, container: "app" }],
  ["web", { kind: "bare", name: "web" }],
  ["web.v2", { kind: "bare", name: "web.v2" }],
  ["targetless", { kind: "targetless" }],
  ["label/app=web", { kind: "label", labels: { app: "web" } }],
];
for (const [text, target] of typed)
  t.test(`${text} is read as it is typed`, async (t) => void t.same(parseTypedTarget(text), target));

t.test("what is neither a path nor a name is refused", async (t) => {
  t.throws(() => parseTypedTarget("Web"), { kind: "usage", message: /unknown target kind "Web"/ });
  t.throws(() => parseTypedTarget("deployment"), { kind: "usage", message: /has no name/ });
  t.throws(() => parseTypedTarget("deployment.foo/web"), {
    kind: "usage",
    message: /unknown/,
    hint: /^Did you mean deployment\/web\?/,
  });
  t.throws(() => parseTypedPath("web"), { kind: "usage", message: /unknown target kind "web"/ });
});
