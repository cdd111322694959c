// One object of each kind that plans are about, in three states: as first applied, what another manager changed since, and
// as applied next.
import type { KubernetesObject, ResourceType } from "../../lib/kubernetes/object.ts";

export interface PlannedCase {
  type: ResourceType;
  first: KubernetesObject;
  /** A strategic merge patch, or a merge patch for custom resources, by another manager. */
  foreign: object;
  next: KubernetesObject;
  /** What the server fills in when that is applied. */
  defaults: string[];
  /** A change that is a conflict with the other manager. */
  conflict: KubernetesObject;
}

const type = (group: string, kind: string, resource: string, namespaced = true): ResourceType => ({
  group,
  version: "v1",
  resource,
  kind,
  namespaced,
});

export const types = {
  deployment: type("apps", "Deployment", "deployments"),
  job: type("batch", "Job", "jobs"),
  service: type("", "Service", "services"),
  role: type("rbac.authorization.k8s.io", "Role", "roles"),
  roleBinding: type("rbac.authorization.k8s.io", "RoleBinding", "rolebindings"),
  definition: type("apiextensions.k8s.io", "CustomResourceDefinition", "customresourcedefinitions", false),
  admissionPolicy: type(
    "admissionregistration.k8s.io",
    "ValidatingAdmissionPolicy",
    "validatingadmissionpolicies",
    false,
  ),
};

/** Metadata of the object, and everything besides. */
export function objectFor(
  { group, version, kind }: ResourceType,
  metadata: KubernetesObject["metadata"],
  fields: object,
): KubernetesObject {
  return { apiVersion: group === "" ? version : `${group}/${version}`, kind, metadata, ...fields };
}

interface DeploymentFields {
  replicas?: number;
  args?: string[];
  env?: object[];
  ports?: object[];
  annotations?: Record<string, string>;
}

function deployment(name: string, namespace: string, { replicas, annotations, ...container }: DeploymentFields) {
  return objectFor(
    types.deployment,
    { name, namespace, labels: { app: "web" }, ...(annotations === undefined ? {} : { annotations }) },
    {
      spec: {
        // Its controller does nothing, and writes nothing in between.
        paused: true,
        ...(replicas === undefined ? {} : { replicas }),
        selector: { matchLabels: { app: "web" } },
        template: {
          metadata: { labels: { app: "web" } },
          spec: {
            containers: [{ name: "web", image: "web:1", ...container }],
            volumes: [{ name: "tmp", emptyDir: {} }],
          },
        },
      },
    },
  );
}

/** In that namespace, or, for what has none, with that prefix. */
export function plannedCases(namespace: string): PlannedCase[] {
  const web = (fields: DeploymentFields) => deployment("web", namespace, fields);
  const [a, b] = [
    { name: "A", value: "1" },
    { name: "B", value: "2" },
  ];
  const http = { containerPort: 80, name: "http" };
  const job = (spec: object) =>
    objectFor(
      types.job,
      { name: "once", namespace },
      {
        spec: {
          completions: 0,
          parallelism: 0,
          template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } },
          ...spec,
        },
      },
    );
  const service = (ports: object[], labels: Record<string, string>) =>
    objectFor(types.service, { name: "svc", namespace, labels }, { spec: { selector: { app: "web" }, ports } });
  const rule = (resource: string) => ({ apiGroups: [""], resources: [resource], verbs: ["get"] });
  const role = (rules: object[], labels: Record<string, string>) =>
    objectFor(types.role, { name: "r", namespace, labels }, { rules });
  const jim = { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "jim" };
  const binding = (subjects: object[], labels: Record<string, string>) =>
    objectFor(
      types.roleBinding,
      { name: "b", namespace, labels },
      { roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" }, subjects },
    );
  const [plural, group] = ["things", `${namespace}.example.com`];
  const definition = (names: object, columns: object[]) =>
    objectFor(
      types.definition,
      { name: `${plural}.${group}` },
      {
        spec: {
          group,
          scope: "Namespaced",
          names: { plural, kind: "Thing", ...names },
          versions: [
            {
              name: "v1",
              served: true,
              storage: true,
              schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
              additionalPrinterColumns: columns,
            },
          ],
        },
      },
    );
  const age = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };
  const admission = (validations: object[], failurePolicy: string) =>
    objectFor(
      types.admissionPolicy,
      { name: `${namespace}-policy` },
      {
        spec: {
          failurePolicy,
          validations,
          matchConstraints: {
            resourceRules: [
              {
                apiGroups: [`${namespace}.example.com`],
                apiVersions: ["v1"],
                operations: ["CREATE"],
                resources: ["x"],
              },
            ],
          },
        },
      },
    );
  const valid = { expression: "true", message: "always" };
  return [
    {
      type: types.deployment,
      first: web({ replicas: 1, args: ["-v"], env: [a, b], ports: [http], annotations: { note: "1", kept: "x" } }),
      foreign: {
        metadata: { annotations: { theirs: "1" } },
        spec: {
          template: {
            metadata: { annotations: { injected: "yes" } },
            spec: { containers: [{ name: "web", env: [{ name: "C", value: "3" }], image: "web:patched" }] },
          },
        },
      },
      next: web({ env: [{ ...b, value: "4" }], ports: [http, { containerPort: 81 }], annotations: { kept: "x" } }),
      defaults: [".spec.replicas", ".spec.template.spec.containers.0.ports.1.protocol"],
      conflict: web({ env: [{ name: "C", value: "mine" }] }),
    },
    {
      type: types.job,
      first: job({ ttlSecondsAfterFinished: 3000, backoffLimit: 1 }),
      foreign: { metadata: { labels: { theirs: "1" } }, spec: { activeDeadlineSeconds: 100 } },
      next: job({ ttlSecondsAfterFinished: 4000 }),
      defaults: [".spec.backoffLimit"],
      conflict: job({ activeDeadlineSeconds: 5 }),
    },
    {
      type: types.service,
      first: service([{ port: 80, name: "http" }], { app: "web" }),
      foreign: { spec: { sessionAffinity: "ClientIP" }, metadata: { labels: { theirs: "1" } } },
      next: service(
        [
          { port: 80, name: "http" },
          { port: 443, name: "https" },
        ],
        {},
      ),
      defaults: [".spec.ports.1.protocol", ".spec.ports.1.targetPort"],
      conflict: objectFor(types.service, { name: "svc", namespace }, { spec: { sessionAffinity: "None" } }),
    },
    {
      type: types.role,
      first: role([rule("pods"), rule("services")], { a: "1", b: "2" }),
      foreign: { metadata: { labels: { theirs: "1", b: "3" } } },
      next: role([rule("pods")], { a: "1" }),
      defaults: [],
      conflict: role([rule("pods")], { theirs: "2" }),
    },
    {
      type: types.roleBinding,
      first: binding([jim], { a: "1" }),
      foreign: { subjects: [jim, { ...jim, name: "eve" }] },
      next: objectFor(
        types.roleBinding,
        { name: "b", namespace, labels: { c: "1" } },
        { roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" } },
      ),
      defaults: [],
      conflict: binding([jim], {}),
    },
    {
      type: types.definition,
      first: definition({ shortNames: ["th"], categories: ["all"] }, [age]),
      foreign: { metadata: { annotations: { theirs: "1" } }, spec: { names: { listKind: "Things" } } },
      next: definition({ shortNames: ["thing"] }, [age, { name: "X", type: "string", jsonPath: ".spec.x" }]),
      defaults: [],
      conflict: definition({ listKind: "Mine" }, [age]),
    },
    {
      type: types.admissionPolicy,
      first: admission([valid], "Fail"),
      foreign: { metadata: { labels: { theirs: "1" } }, spec: { failurePolicy: "Ignore" } },
      next: objectFor(
        types.admissionPolicy,
        { name: `${namespace}-policy`, labels: { a: "1" } },
        {
          spec: {
            validations: [valid, { expression: "1 == 1", message: "still" }],
            matchConstraints: (admission([], "Fail")["spec"] as { matchConstraints: object }).matchConstraints,
          },
        },
      ),
      defaults: [
        ".spec.matchConstraints.namespaceSelector",
        ".spec.matchConstraints.objectSelector",
        ".spec.matchConstraints.resourceRules.0.scope",
        ".spec.matchConstraints.matchPolicy",
      ],
      conflict: admission([valid], "Fail"),
    },
  ];
}
