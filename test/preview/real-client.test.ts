import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { AccessAttributes } from "../../lib/kubernetes/access.ts";
import { configuredAction, parseSessionConfig } from "../../lib/mirrord/config/config.ts";
import { previewSession } from "../../lib/preview/preview.ts";
import { clientSessions } from "../mirrord/client-sessions.ts";
import { fakeCluster } from "./fake-cluster.ts";
import { currentFeatures, deployment, namespace, object, operator, pod, readyPods, workload } from "./objects.ts";

// What the vendor's own client met on a real API server, against what the preview says beforehand.
const world = (name: string): KubernetesObject[] => [
  namespace("dev"),
  namespace("default"),
  operator({
    operator_version: name === "label" ? "3.192.0" : "3.187.0",
    supported_features: currentFeatures.filter((feature) => name === "label" || feature !== "LabelTargeting"),
  }),
  deployment("web", { available: name === "deployment-no-replicas" ? 0 : 1 }),
  workload("apps/v1", "StatefulSet", "db"),
  ...readyPods("db"),
  pod("web-7887448d46-g5jkj", { app: "web" }),
  workload("batch/v1", "Job", "j1"),
  object(
    "profiles.mirrord.metalbear.co/v1alpha",
    "MirrordProfile",
    "prof",
    { spec: { featureAdjustments: [] } },
    "dev",
  ),
  object("profiles.mirrord.metalbear.co/v1alpha", "MirrordClusterProfile", "cprof", {
    spec: { featureAdjustments: [] },
  }),
];

/** In the words of the table: `verb group/resource namespace name`, copies without names. */
function written(attributes: AccessAttributes): string {
  if ("path" in attributes) return `${attributes.verb} ${attributes.path}`;
  const { verb, apiGroup, resource, namespace: place, name } = attributes;
  const type = `${apiGroup === "" ? "*" : apiGroup}/${resource}`;
  return [verb, type, place ?? "-", ...(name === undefined ? [] : [name])].join(" ");
}

function preview(name: string, config: Record<string, unknown>, rights: readonly string[] | undefined) {
  const session = parseSessionConfig(JSON.stringify(config), { fileName: "mirrord.json", env: {} });
  const allowed = (question: AccessAttributes) => rights === undefined || rights.includes(written(question));
  const answer = (question: AccessAttributes) => ({ answer: allowed(question) ? "yes" : "no", reason: "" }) as const;
  return previewSession(
    fakeCluster({ objects: world(name), answer }),
    {
      action: configuredAction(session),
      target: session.target,
      namespace: session.namespace ?? "default",
      config: { session, file: "mirrord.json" },
    },
    { explain: false, exposure: false, now: new Date("2026-11-22T12:00:00Z") },
  );
}

for (const { name, config, requests, requires, stopped } of clientSessions) {
  t.test(`${name}: the session meets what the client met`, async (t) => {
    const { verdict, checks } = await preview(name, config, undefined);
    t.equal(verdict.answer, stopped === undefined ? "yes" : "no", verdict.reason);
    if (stopped !== undefined) return;
    // The certificate was cached, a ready copy is not waited for, and what the operator asks is not the client's.
    const sent = checks.filter(
      ({ id, checkedBy }) => checkedBy === "api-server" && !/^(credential-|copy-poll|version)/.test(id),
    );
    t.same(
      sent.map(({ attributes }) => written(attributes)),
      requests,
    );
  });
  if (requires === undefined) continue;
  // The operator of the recording made no check of its own; the namespace is what it would have asked about.
  const rights = [...requires, ...(name === "targetless" ? ["get */namespaces dev dev"] : [])];
  t.test(`${name}: with the necessary rights and no others it is a yes`, async (t) => {
    t.equal((await preview(name, config, rights)).verdict.answer, "yes");
  });
  for (const missing of requires) {
    t.test(`${name}: without "${missing}" it is a no at that step, as for the client`, async (t) => {
      const { verdict, checks } = await preview(
        name,
        config,
        rights.filter((right) => right !== missing),
      );
      t.equal(verdict.answer, "no");
      const first = checks.find(({ required, answer }) => required && answer === "no");
      t.equal(first === undefined ? undefined : written(first.attributes), missing);
    });
  }
}
