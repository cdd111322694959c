import t from "tap";
import { parseTarget } from "../../lib/mirrord/target.ts";
import { isTypeWord } from "../../lib/mirrord/unknown-kind.ts";

const others: [text: string, message: string, hint: RegExp][] = [
  ["ds/web", 'mirrord cannot target a DaemonSet: "ds/web"', /^Target one of its pods: pod\/NAME\.\nA target is /],
  ["daemonset.apps/web", 'mirrord cannot target a DaemonSet: "daemonset.apps/web"', /pod\/NAME/],
  ["daemonst/web", 'mirrord cannot target a DaemonSet: "daemonst/web"', /pod\/NAME/],
  ["rc/web", 'mirrord cannot target a ReplicationController: "rc/web"', /pod\/NAME/],
  ["ing/web", 'mirrord cannot target an Ingress: "ing/web"', /service\/NAME/],
  ["hpa/web", 'mirrord cannot target a HorizontalPodAutoscaler: "hpa/web"', /deployment\/NAME/],
  ["cm/web", 'mirrord cannot target a ConfigMap: "cm/web"', /^A target is /],
  ["mirrordpolicy/web", 'mirrord cannot target a MirrordPolicy: "mirrordpolicy/web"', /^A target is /],
];
for (const [text, message, hint] of others) {
  t.test(`${text} is of a kind that has a name`, async (t) => {
    t.throws(() => parseTarget(text), { kind: "usage", message, hint });
  });
}

const near: [text: string, meant: string | undefined][] = [
  ["deploi/web", "deployment/web"],
  ["statefullset/db", "statefulset/db"],
  ["dep/web", "deployment/web"],
  ["stateful/db", "statefulset/db"],
  ["deployment.apps/web", "deployment/web"],
  ["xs/web", undefined],
  ["re/web", undefined],
  ["rep/web", "replicaset/web"],
  ["foo/web", undefined],
];
for (const [text, meant] of near) {
  t.test(`${text} ${meant === undefined ? "is not guessed at" : `may mean ${meant}`}`, async (t) => {
    const hint = meant === undefined ? /^A target is / : new RegExp(`^Did you mean ${meant}\\? A target is `);
    t.throws(() => parseTarget(text), { kind: "usage", message: /^unknown target kind/, hint });
  });
}

t.test("a word for a type is one in any of its spellings", async (t) => {
  for (const word of ["deploy", "Deployment", "deployments.v1.apps", "ds", "mirrordpolicies"])
    t.ok(isTypeWord(word), word);
  for (const word of ["web", "steal", "get"]) t.notOk(isTypeWord(word), word);
});
