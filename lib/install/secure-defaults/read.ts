import type { V1StorageClass } from "@kubernetes/client-node";
import { secureDefaults } from "../../access/names.ts";
import { subjectIdentity } from "../../access/subject.ts";
import { UserError } from "../../errors.ts";
import { objectIn, textIn } from "../../json.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../../kubernetes/object.ts";
import { fieldsIn } from "../../kubernetes/api-types.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { podSpec } from "../../mirrord/workload.ts";
import { readOperatorNamespace } from "../../reading/namespaces.ts";
import { OPERATOR_API_SERVICE } from "../../reading/operator-pod.ts";
import { readList, readObject } from "../../reading/read.ts";
import { parseDocuments } from "../../yaml.ts";
import { addOns, type AddOn } from "./add-ons.ts";
import { addOnQuestions, addOnStands, administratorQuestions, type EnforcementFacts } from "./obstacles.ts";
import type { OperatorAccount } from "./objects.ts";
import { offenders, type Offender } from "./offenders.ts";

const offendingTypes: readonly ResourceType[] = [
  nativeResources.deployments,
  nativeResources.daemonSets,
  nativeResources.statefulSets,
  nativeResources.replicaSets,
  nativeResources.replicationControllers,
  nativeResources.jobs,
  nativeResources.cronJobs,
  nativeResources.podTemplates,
  nativeResources.pods,
  nativeResources.persistentVolumes,
];

/** StorageClasses whose volumes are made by hand, on a node's own disk. */
export async function readLocalClasses(cluster: Cluster): Promise<{ classes: string[]; unreadable: boolean }> {
  const read = await readList(cluster, nativeResources.storageClasses);
  if (read.failed) return { classes: [], unreadable: true };
  const local = read.value.filter(
    (each) => textIn(fieldsIn<V1StorageClass>(each).provisioner) === "kubernetes.io/no-provisioner",
  );
  return { classes: local.map(({ metadata }) => metadata.name ?? "").toSorted(), unreadable: false };
}

export interface DefaultsFacts extends EnforcementFacts {
  localClasses: readonly string[];
  /** Plural names of what may not be listed. */
  unreadable: string[];
}

export interface FoundOffenders {
  offenders: Offender[];
  localClasses: readonly string[];
  /** Plural names of what may not be listed. */
  unreadable: string[];
}

/** What the secure defaults would refuse today, wherever it is. */
export async function readOffenders(cluster: Cluster): Promise<FoundOffenders> {
  const [classes, lists] = await Promise.all([
    readLocalClasses(cluster),
    Promise.all(offendingTypes.map(async (type) => ({ type, read: await readList(cluster, type) }))),
  ]);
  const objects = lists.flatMap(({ read }): KubernetesObject[] => (read.failed ? [] : read.value));
  return {
    offenders: offenders(objects, classes.classes),
    localClasses: classes.classes,
    unreadable: [
      ...(classes.unreadable ? ["storageclasses"] : []),
      ...lists.flatMap(({ type, read }) => (read.failed ? [type.resource] : [])),
    ],
  };
}

/** What the secure defaults would refuse today, and whom. */
export async function readDefaultsFacts(cluster: Cluster): Promise<DefaultsFacts> {
  const [refused, caller, found] = await Promise.all([
    readOffenders(cluster),
    cluster.review(administratorQuestions),
    readAddOns(cluster),
  ]);
  return {
    localClasses: refused.localClasses,
    caller: caller.map(({ answer }) => answer),
    addOns: found.addOns,
    offenders: refused.offenders,
    unreadable: [...refused.unreadable, ...(found.unreadable ? ["serviceaccounts"] : [])],
  };
}

/** Those whose account is there, and that the policies would refuse. */
async function readAddOns(cluster: Cluster): Promise<{ addOns: AddOn[]; unreadable: boolean }> {
  const accounts = await readList(cluster, nativeResources.serviceAccounts);
  if (accounts.failed) return { addOns: [], unreadable: true };
  const names = new Set(accounts.value.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  const there = addOns.filter(({ account }) => names.has(`${account.namespace}/${account.name}`));
  const judged = await Promise.all(
    there.map(async (addOn) => {
      const user = subjectIdentity({ kind: "ServiceAccount", ...addOn.account });
      const [administrator, exempt] = await Promise.all([
        cluster.review(administratorQuestions, user),
        cluster.review(addOnQuestions(addOn), user),
      ]);
      const answers = (given: readonly { answer: "yes" | "no" | "unknown" }[]) => given.map(({ answer }) => answer);
      return addOnStands(addOn, answers(administrator), answers(exempt)) ? [] : [addOn];
    }),
  );
  return { addOns: judged.flat(), unreadable: false };
}

/** As the cluster has them: `audit` where something is only looked at, or a policy's binding is missing. */
export async function readEnforcement(cluster: Cluster): Promise<"off" | "audit" | "enforce"> {
  const read = await readList(cluster, nativeResources.admissionPolicyBindings);
  if (read.failed) throw read.error;
  const ours = read.value.filter(({ metadata: { name = "" } }) => isJudging(name));
  if (ours.length === 0) return "off";
  const denies = ({ spec }: KubernetesObject) =>
    JSON.stringify(fieldsIn<{ validationActions: unknown }>(spec).validationActions ?? []).includes('"Deny"');
  return ours.every(denies) ? "enforce" : "audit";
}

/** Not of the guards, which hold in both modes. */
function isJudging(name: string): boolean {
  return name.startsWith(secureDefaults.policyPrefix) && !name.startsWith(`${secureDefaults.policyPrefix}guard-`);
}

/** The account that makes agents, as it is installed; where nothing is, as the chart would make it. */
export async function readOperatorAccount(cluster: Cluster, given: string | undefined): Promise<OperatorAccount> {
  const service = await readObject(cluster, nativeResources.apiServices, OPERATOR_API_SERVICE);
  const spec = service.failed ? undefined : objectIn(service.value?.["spec"]);
  const namespace =
    given ?? (textIn(objectIn(spec?.["service"])["namespace"]) || (await readOperatorNamespace(cluster)));
  const [deployment, settings] = await Promise.all([
    readObject(cluster, nativeResources.deployments, OPERATOR_NAME, namespace),
    readObject(cluster, nativeResources.configMaps, "mirrord-configmap", namespace),
  ]);
  const pod = deployment.failed || deployment.value === undefined ? undefined : podSpec(deployment.value);
  const text = settings.failed ? "" : textIn(objectIn(settings.value?.["data"])["agent-config.yaml"]);
  return {
    namespace,
    name: textIn(pod?.serviceAccountName) || OPERATOR_NAME,
    ephemeralAgents: isEphemeral(text),
  };
}

const OPERATOR_NAME = "mirrord-operator";

/** Of the operator's settings of agents; what cannot be read says nothing. */
function isEphemeral(text: string): boolean {
  try {
    return parseDocuments(text, { source: "agent-config.yaml" }).some((each) => objectIn(each)["ephemeral"] === true);
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}
