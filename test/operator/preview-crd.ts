// PreviewSession as a CustomResourceDefinition: the operator watches such objects, and the API server serves them.
// Source: operator contract, previewsessions.preview.mirrord.metalbear.co.
import { connectKube } from "./kube.ts";
import type { Plane } from "./registration.ts";
import { until } from "../until.ts";

const group = "preview.mirrord.metalbear.co";
export const previewApi = `/apis/${group}/v1alpha`;

const text = { type: "string" };
const nullable = { ...text, nullable: true };
const anything = { type: "object", nullable: true, "x-kubernetes-preserve-unknown-fields": true };
const time = { ...nullable, format: "date-time" };
const object = (properties: object, required: string[] = []) => ({
  type: "object",
  properties,
  ...(required.length === 0 ? {} : { required }),
});

const spec = {
  ...object(
    {
      image: text,
      key: text,
      target: object({ apiVersion: text, kind: text, name: text, container: text }, [
        "apiVersion",
        "kind",
        "name",
        "container",
      ]),
      ttlSecs: { type: "integer", format: "uint64", minimum: 0 },
      replicas: { type: "integer", format: "int32", default: 1 },
      incoming: {
        ...object(
          {
            steal: { type: "boolean" },
            httpFilter: nullable,
            ports: { type: "array", nullable: true, items: { type: "integer", format: "uint16" } },
            ignorePorts: { type: "array", items: { type: "integer", format: "uint16" } },
          },
          ["steal"],
        ),
        nullable: true,
      },
      env: anything,
      labels: anything,
      idle: anything,
      dbBranching: anything,
      queueSplitting: anything,
      configMounts: { type: "array", items: anything },
      secretMounts: { type: "array", items: anything },
    },
    ["image", "key", "target", "ttlSecs"],
  ),
};

const status = {
  ...object(
    {
      phase: { ...text, enum: ["Initializing", "Waiting", "Ready", "Failed", "Idle", "Unknown"] },
      startedAt: { ...text, format: "date-time" },
      expiresAt: time,
      failedAt: time,
      idleSince: time,
      failureMessage: nullable,
      shareHost: nullable,
    },
    ["phase", "startedAt"],
  ),
  nullable: true,
};

const names = {
  kind: "PreviewSession",
  listKind: "PreviewSessionList",
  plural: "previewsessions",
  singular: "previewsession",
};

const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${names.plural}.${group}` },
  spec: {
    group,
    scope: "Namespaced",
    names,
    versions: [
      {
        name: "v1alpha",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: object({ spec, status }, ["spec"]) },
      },
    ],
  },
};

/** Applies it, and waits until preview sessions can be listed. */
export async function installPreviewCrd(plane: Plane): Promise<void> {
  const kube = connectKube({ server: plane.server, ca: plane.ca, token: plane.admin.token });
  try {
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition.metadata.name}`;
    const { code, body } = await kube.apply(path, definition);
    if (code > 201) throw new Error(`previewsessions were not defined: ${JSON.stringify(body)}`);
    await until("previewsessions are served", async () => {
      return (await kube.get(`${previewApi}/previewsessions`)).code === 200;
    });
  } finally {
    kube.stop();
  }
}
