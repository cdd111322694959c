import t from "tap";
import { annotations, GRANT_LABEL } from "../../../lib/access/names.ts";
import { differenceText, fieldDifferences } from "../../../lib/audit/drift/fields.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";

const binding = (more: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "RoleBinding",
  metadata: { name: "b", namespace: "dev", ...metadata },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "user" },
  subjects: [{ kind: "User", name: "jim" }],
  ...more,
});
const job = (spec: object): KubernetesObject => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "j" },
  spec,
});
const role = (...verbs: string[]): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "Role",
  metadata: { name: "r" },
  rules: [{ apiGroups: [""], resources: ["pods"], verbs }],
});
const owner = (kind: string, uid = "") => ({ apiVersion: "v1", kind, name: "o", uid });

const cases: [name: string, declared: KubernetesObject, bound: KubernetesObject, texts: string[]][] = [
  ["the same", binding(), binding(), []],
  [
    "another order of subjects",
    binding({
      subjects: [
        { kind: "User", name: "a" },
        { kind: "Group", name: "b" },
      ],
    }),
    binding({
      subjects: [
        { kind: "Group", name: "b" },
        { kind: "User", name: "a" },
      ],
    }),
    [],
  ],
  [
    "somebody added",
    binding(),
    binding({
      subjects: [
        { kind: "User", name: "jim" },
        { kind: "ServiceAccount", name: "x" },
      ],
    }),
    ["subjects has sa:dev/x"],
  ],
  [
    "somebody else",
    binding(),
    binding({ subjects: [{ kind: "Group", name: "g" }] }),
    ["subjects has group:g; lacks jim"],
  ],
  ["nobody left", binding(), binding({ subjects: undefined }), ["subjects lacks jim"]],
  [
    "a subject of no known kind",
    binding(),
    binding({ subjects: [{ kind: "Robot", name: "r2" }] }),
    ["subjects has Robot r2; lacks jim"],
  ],
  [
    "another role",
    binding(),
    binding({ roleRef: { kind: "Role", name: "own" } }),
    ["roleRef has role/own; lacks clusterrole/user"],
  ],
  ["no role at all", binding(), binding({ roleRef: undefined }), ["roleRef lacks clusterrole/user"]],
  [
    "a label of ours gone",
    binding({}, { labels: { [GRANT_LABEL]: "x", team: "a" } }),
    binding({}, { labels: { team: "b" } }),
    [`metadata.labels lacks ${GRANT_LABEL}=x`],
  ],
  [
    "the label of a collection",
    binding({}, { labels: {} }),
    binding({}, { labels: { "kubectl-mirrord.io/collection": "prod" } }),
    ["metadata.labels has kubectl-mirrord.io/collection=prod"],
  ],
  [
    "another end; who granted does not count",
    binding({}, { annotations: { [annotations.expiresAt]: "a", [annotations.grantedBy]: "x" } }),
    binding({}, { annotations: { [annotations.expiresAt]: "b" } }),
    [`metadata.annotations has ${annotations.expiresAt}=b; lacks ${annotations.expiresAt}=a`],
  ],
  [
    "being deleted",
    binding(),
    binding({}, { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    ["metadata.deletionTimestamp has 2026-01-01T00:00:00Z"],
  ],
  [
    "another owner",
    binding({}, { ownerReferences: [owner("Job", "1")] }),
    binding({}, { ownerReferences: [owner("Job", "2")] }),
    ["metadata.ownerReferences has Job/o (2); lacks Job/o (1)"],
  ],
  [
    "no owner any more",
    binding({}, { ownerReferences: [owner("Job")] }),
    binding(),
    ["metadata.ownerReferences lacks Job/o"],
  ],
  ["an owner where none is declared", binding(), binding({}, { ownerReferences: [owner("Job", "2")] }), []],
  ["a right more and one less", role("get", "list"), role("get", "delete"), ["rules has delete pods; lacks list pods"]],
  [
    "rights in another form",
    role("get", "list"),
    {
      ...role(),
      rules: [
        { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
        { apiGroups: [""], resources: ["pods"], verbs: ["get"] },
      ],
    },
    [],
  ],
  [
    "a Job that ends later",
    job({ ttlSecondsAfterFinished: 5 }),
    job({ ttlSecondsAfterFinished: 9, parallelism: 0 }),
    ["spec.ttlSecondsAfterFinished has 9; lacks 5"],
  ],
  ["a Job without an end", job({ ttlSecondsAfterFinished: 5 }), job({}), ["spec.ttlSecondsAfterFinished lacks 5"]],
];
for (const [name, declared, bound, texts] of cases)
  t.test(name, async (t) => t.same(fieldDifferences(declared, bound).map(differenceText), texts));
