import { accessModel, ANCHOR_PREFIX, COLLECTION_LABEL, GRANT_LABEL, OWN_PREFIX } from "../../access/names.ts";
import { organizationType } from "../../access/organizations/definition.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { KubernetesObject, ObjectMeta, ResourceType } from "../../kubernetes/object.ts";
import { formatApiVersion, nativeResources, RBAC_GROUP } from "../../kubernetes/resources.ts";
import { readList, type FailedRead } from "../../reading/read.ts";
import { guardObjects } from "../access-model/policies.ts";
import { administratorQuestions } from "../secure-defaults/obstacles.ts";
import type { PolicySet, Probe } from "./policy-set.ts";

/** The policies of the access model, as they are to be; undefined: none is bound. */
export async function readModelSet(cluster: Cluster): Promise<PolicySet | FailedRead | undefined> {
  const bound = await readList(cluster, nativeResources.admissionPolicyBindings);
  const { policies, bindings } = guardObjects();
  const names = new Set(bindings.map(({ metadata }) => metadata.name));
  if (bound.failed) return bound;
  if (!bound.value.some(({ metadata }) => names.has(metadata.name))) return undefined;
  return { name: "access model", policies, bindings, probes, toEnforce: "Run kubectl mirrord install --access-model." };
}

const NAME = "kubectl-mirrord-probe";
const { roleBindings, roles, jobs, cronJobs, namespaces } = nativeResources;
const template = { spec: { restartPolicy: "Never", containers: [{ name: "probe", image: "probe" }] } };
const label = { [GRANT_LABEL]: "probe" };

// What RBAC itself would refuse proves nothing: nothing here gives a right that its author lacks.
const probes: readonly Probe[] = [
  probe("a RoleBinding that looks like a grant's", accessModel.policy, roleBindings, {
    metadata: { name: NAME, labels: label },
    roleRef: { apiGroup: RBAC_GROUP, kind: "ClusterRole", name: "view" },
    subjects: [{ apiGroup: RBAC_GROUP, kind: "User", name: NAME }],
  }),
  probe("a Role under a name of ours", accessModel.rolePolicy, roles, { metadata: { name: `${OWN_PREFIX}${NAME}` } }),
  probe("a Job that looks like the end of a grant", accessModel.anchorPolicy, jobs, {
    metadata: { name: `${ANCHOR_PREFIX}${NAME}`, labels: label },
    spec: { template },
  }),
  probe("a namespace in a collection", accessModel.namespacePolicy, namespaces, {
    metadata: { name: NAME, labels: { [COLLECTION_LABEL]: "probe" } },
  }),
  probe("an Organization", accessModel.organizationPolicy, organizationType, { metadata: { name: "probe" }, spec: {} }),
  {
    ...probe("a CronJob beside that of sync", accessModel.syncPolicy, cronJobs, {
      metadata: { name: NAME },
      spec: { schedule: "0 0 1 1 *", jobTemplate: { spec: { template } } },
    }),
    only: accessModel.sync.namespace,
  },
];

function probe(
  what: string,
  policy: string,
  type: ResourceType,
  { metadata, ...fields }: { metadata: ObjectMeta; [field: string]: unknown },
): Probe {
  const object = (namespace: string): KubernetesObject => ({
    apiVersion: formatApiVersion(type),
    kind: type.kind,
    metadata: { ...metadata, ...(type.namespaced ? { namespace } : {}) },
    ...fields,
  });
  return {
    what,
    policy,
    type,
    right: { verb: "create", apiGroup: type.group, resource: type.resource },
    attempt: (as, namespace) => as.create(type, object(namespace), { dryRun: true }),
    exempting: () => administratorQuestions,
  };
}
