import type { Lookup } from "../access/places.ts";
import { accessModel, secureDefaults } from "../access/names.ts";
import { objectIn, textIn } from "../json.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { podSpec } from "../mirrord/workload.ts";
import { mirrordResources } from "../mirrord/resources.ts";
import { OPERATOR_API_SERVICE } from "../reading/operator-pod.ts";
import { lookUp } from "../reading/look-up.ts";
import { readOperatorNamespace } from "../reading/namespaces.ts";
import { readAllRbac } from "../reading/rbac-objects.ts";
import { readList, unlessForbidden } from "../reading/read.ts";
import type { AuditPod, PathFacts } from "./path-facts.ts";

export interface ReadPathFacts {
  facts: PathFacts;
  /** Plural names of what may not be listed. */
  unreadable: string[];
}

const TOKEN_TYPE = "kubernetes.io/service-account-token";

export interface PathScope {
  /** Leaves out Secrets with tokens, and so the paths through them. */
  withoutSecrets?: boolean;
}

/** Everything that paths are found in. What may not be listed is named. Of Secrets only names are read. */
export async function readPathFacts(
  cluster: Cluster,
  { withoutSecrets = false }: PathScope = {},
): Promise<ReadPathFacts> {
  const [rbac, namespace, registration, accounts, pods, tokens, awsAuth, policies] = await Promise.all([
    readAllRbac(cluster),
    readOperatorNamespace(cluster),
    lookUp(cluster, nativeResources.apiServices, OPERATOR_API_SERVICE),
    readList(cluster, nativeResources.serviceAccounts),
    readPods(cluster),
    withoutSecrets ? [] : readTokens(cluster),
    lookUp(cluster, nativeResources.configMaps, "aws-auth", "kube-system"),
    readList(cluster, nativeResources.admissionPolicies),
  ]);
  const name = ({ metadata }: KubernetesObject) => ({
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
  });
  const refused = (resource: string, isRefused: boolean) => (isRefused ? [resource] : []);
  return {
    facts: {
      rbac: rbac.objects,
      operator: { namespace, name: "mirrord-operator", ...wayToOperator(registration) },
      accounts: accounts.failed ? [] : accounts.value.map(name),
      pods: pods ?? [],
      tokens: tokens ?? [],
      awsAuth: typeof awsAuth !== "string",
      guarded: !policies.failed && policies.value.some((policy) => isOurs(policy)),
    },
    unreadable: [
      ...rbac.unreadable,
      ...refused("apiservices", registration === "forbidden"),
      ...refused("serviceaccounts", accounts.failed),
      ...refused("pods", pods === undefined),
      ...refused("secrets", tokens === undefined),
      ...refused("configmaps", awsAuth === "forbidden"),
      ...refused("validatingadmissionpolicies", policies.failed),
    ],
  };
}

/** How the API server finds the operator. An APIService that says nothing of certificates has them checked as well. */
function wayToOperator(registration: Lookup): Pick<PathFacts["operator"], "verified" | "service"> {
  if (typeof registration === "string") return {};
  const spec = objectIn(registration["spec"]);
  const service = textIn(objectIn(spec["service"])["name"]);
  return {
    verified: spec["insecureSkipTLSVerify"] !== true,
    ...(service === "" ? {} : { service }),
  };
}

const ours = new Set<string>([accessModel.policy, accessModel.anchorPolicy, accessModel.namespacePolicy]);

const isOurs = ({ metadata: { name = "" } }: KubernetesObject): boolean =>
  ours.has(name) || name.startsWith(secureDefaults.policyPrefix);

/** In a folder nothing runs: what its templates would make stands for it. */
const offlineTypes: readonly ResourceType[] = [
  nativeResources.pods,
  nativeResources.deployments,
  nativeResources.statefulSets,
  nativeResources.daemonSets,
  nativeResources.replicaSets,
  nativeResources.jobs,
  nativeResources.cronJobs,
  mirrordResources.rollouts,
];

/** Read page by page, and of each pod only what is needed is kept. Undefined: they may not be listed. */
async function readPods(cluster: Cluster): Promise<AuditPod[] | undefined> {
  const found: AuditPod[] = [];
  const read = await unlessForbidden(async () => {
    for (const type of cluster.offline ? offlineTypes : [nativeResources.pods])
      for await (const object of cluster.list(type)) if (!isOver(object)) found.push(auditPod(object));
  });
  return read.failed ? undefined : found;
}

const isOver = (pod: KubernetesObject): boolean =>
  pod.kind === "Pod" && ["Succeeded", "Failed"].includes(textIn(objectIn(pod["status"])["phase"]));

function auditPod(object: KubernetesObject): AuditPod {
  const { namespace = "", name = "", ownerReferences = [] } = object.metadata;
  const owners = ownerReferences.filter(({ controller }) => controller === true);
  const { serviceAccountName, nodeName } = podSpec(object);
  return {
    namespace,
    name,
    account: textIn(serviceAccountName) || "default",
    targets: [
      `${object.kind.toLowerCase()}.${name}`,
      ...owners.flatMap(({ kind, name: owner }) => [
        `${kind.toLowerCase()}.${owner}`,
        // A ReplicaSet is called as its Deployment, or Rollout, with a hash.
        ...(kind === "ReplicaSet"
          ? ["deployment", "rollout"].map((of) => `${of}.${owner.replace(/-[^-]*$/, "")}`)
          : []),
      ]),
    ],
    ...(textIn(nodeName) === "" ? {} : { node: textIn(nodeName) }),
  };
}

const ACCOUNT = "kubernetes.io/service-account.name";

async function readTokens(cluster: Cluster): Promise<PathFacts["tokens"] | undefined> {
  const options = cluster.offline ? {} : { fieldSelector: `type=${TOKEN_TYPE}`, metadataOnly: true };
  const read = await readList(cluster, nativeResources.secrets, options);
  if (read.failed) return undefined;
  return read.value
    .filter((secret) => !cluster.offline || secret["type"] === TOKEN_TYPE)
    .flatMap(({ metadata: { namespace = "", name = "", annotations = {} } }) => {
      const account = annotations[ACCOUNT];
      return account === undefined ? [] : [{ namespace, secret: name, account }];
    });
}
