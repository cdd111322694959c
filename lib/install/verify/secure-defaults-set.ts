import { secureDefaults } from "../../access/names.ts";
import {
  ACCESS_GROUP,
  ATTRIBUTES_RESOURCE,
  CANARY,
  privilegedOptions,
  type OptionRule,
} from "../../access/privileged-options.ts";
import { ownRoleName } from "../../access/roles.ts";
import { attributeUse } from "../../access/session-access.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { AccessAttributes } from "../../kubernetes/access.ts";
import type { ResourceType } from "../../kubernetes/object.ts";
import { formatApiVersion, nativeResources, RBAC_GROUP } from "../../kubernetes/resources.ts";
import { attempt, unlessForbidden, type FailedRead } from "../../reading/read.ts";
import { administratorQuestions } from "../secure-defaults/obstacles.ts";
import { policyObjects } from "../secure-defaults/policies.ts";
import { readEnforcement, readLocalClasses, readOperatorAccount } from "../secure-defaults/read.ts";
import { creating, type PolicySet, type Probe } from "./policy-set.ts";

/** How pods of users are judged (undefined: the caller may not read it), and whether the operator adds agents to running pods. */
export async function readSecureDefaults(
  cluster: Cluster,
  namespace: string,
): Promise<{ enforcement: "off" | "audit" | "enforce" | undefined; ephemeralAgents: boolean }> {
  const [enforcement, account] = await Promise.all([
    unlessForbidden(() => readEnforcement(cluster)),
    readOperatorAccount(cluster, namespace),
  ]);
  return { enforcement: enforcement.failed ? undefined : enforcement.value, ephemeralAgents: account.ephemeralAgents };
}

/** The policies of the secure defaults, as they are to be. */
export async function readDefaultsSet(cluster: Cluster): Promise<PolicySet | FailedRead | undefined> {
  const [enforcement, classes] = await Promise.all([
    attempt(() => readEnforcement(cluster)),
    readLocalClasses(cluster),
  ]);
  if (enforcement.failed) return enforcement;
  if (enforcement.value === "off") return undefined;
  const { policies, bindings } = policyObjects({ enforcement: enforcement.value, localClasses: classes.classes });
  return {
    name: "secure defaults",
    policies,
    bindings,
    probes: [...privilegedOptions.flatMap((option) => shapes.map((shape) => shape(option))), ...guardProbes],
    toEnforce: "Run kubectl mirrord install --secure-defaults=enforce once nothing that has to run is warned of.",
  };
}

const NAME = "kubectl-mirrord-probe";
const labels = { app: NAME };

const policyName = (end: string): string => `${secureDefaults.policyPrefix}${end}`;

/** Not whoever holds a wildcard either, nor whoever is exempt from one of the options. */
const exempt = (namespace: string): AccessAttributes[] => [
  ...administratorQuestions,
  ...[...privilegedOptions.map(({ name }) => name), CANARY].map((name) => attributeUse(name, namespace)),
];

const inPod = (option: OptionRule) => ({ metadata: { labels }, spec: podWith(option) });

/** For each policy of pods, what it looks at with one option. */
const shapes: readonly ((option: OptionRule) => Probe)[] = [
  (option) => made("a pod", "pods", nativeResources.pods, option, () => ({ spec: podWith(option) })),
  (option) =>
    made("a Deployment", "workloads", nativeResources.deployments, option, () => ({
      spec: { selector: { matchLabels: labels }, template: inPod(option) },
    })),
  (option) =>
    made("a CronJob", "cronjobs", nativeResources.cronJobs, option, () => {
      const template = { spec: { ...podWith(option), restartPolicy: "Never" } };
      return { spec: { schedule: "0 0 1 1 *", jobTemplate: { spec: { template } } } };
    }),
  (option) =>
    made("a PodTemplate", "podtemplates", nativeResources.podTemplates, option, () => ({ template: inPod(option) })),
  (option) =>
    made("a ControllerRevision", "revisions", nativeResources.controllerRevisions, option, () => ({
      revision: 1,
      data: { spec: { template: inPod(option) } },
    })),
];

function made(what: string, policy: string, type: ResourceType, { name }: OptionRule, fields: () => object): Probe {
  return {
    what: `${what} with ${name}`,
    policy: policyName(policy),
    type,
    right: { verb: "create", apiGroup: type.group, resource: type.resource },
    attempt: creating(type, (namespace) => ({ ...head(type, namespace), ...fields() })),
    exempting: exempt,
  };
}

const head = (type: ResourceType, namespace: string) => ({
  apiVersion: formatApiVersion(type),
  kind: type.kind,
  metadata: { name: NAME, namespace },
});

const { roles, roleBindings, persistentVolumes } = nativeResources;
const exemption = {
  apiGroups: [ACCESS_GROUP],
  resources: [ATTRIBUTES_RESOURCE],
  verbs: ["use"],
  resourceNames: ["hostPID"],
};
const roleRef = { apiGroup: RBAC_GROUP, kind: "ClusterRole", name: ownRoleName("privileged-hostPID") };
const subjects = [{ apiGroup: RBAC_GROUP, kind: "User", name: NAME }];

/** RBAC itself refuses most of these to most people: whoever holds everything in a namespace gets as far as the policy. */
const guardProbes: readonly Probe[] = [
  {
    ...guard("a Role that exempts", secureDefaults.rolesPolicy, roles),
    attempt: creating(roles, (namespace) => ({ ...head(roles, namespace), rules: [exemption] })),
  },
  {
    ...guard("a RoleBinding that exempts", secureDefaults.bindingsPolicy, roleBindings),
    attempt: creating(roleBindings, (namespace) => ({ ...head(roleBindings, namespace), roleRef, subjects })),
  },
  {
    ...guard("a volume on a node's disk", policyName("volumes"), persistentVolumes),
    attempt: creating(persistentVolumes, () => ({
      ...head(persistentVolumes, ""),
      metadata: { name: NAME },
      spec: { capacity: { storage: "1Mi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/" } },
    })),
  },
];

function guard(what: string, policy: string, type: ResourceType): Omit<Probe, "attempt"> {
  const right = { verb: "create", apiGroup: type.group, resource: type.resource };
  const own = (namespace: string) => (type.namespaced ? [] : [attributeUse("localVolume", namespace)]);
  return { what, policy, type, right, exempting: (namespace) => [...administratorQuestions, ...own(namespace)] };
}

/** A pod that has this one option, and would be taken otherwise. */
function podWith({ name, of, path, when }: OptionRule): object {
  const value = when === "true" ? true : when === "filled" ? ["NET_ADMIN"] : { path: "/" };
  const set = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  const container = { name: "probe", image: "probe", ...(of === "container" ? asObject(set) : {}) };
  return {
    containers: [container],
    ...(of === "pod" ? asObject(set) : {}),
    ...(of === "volume" ? { volumes: [{ name: name.toLowerCase(), ...asObject(set) }] } : {}),
  };
}

const asObject = (value: unknown): object => (typeof value === "object" && value !== null ? value : {});
