// Whether an installation does what it says: asked of the API server, tried as others in dry runs, compared where nobody can try.

import { subjectIdentity } from "../../access/subject.ts";
import { textIn } from "../../json.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { podSpec } from "../../mirrord/workload.ts";
import { readNamespaces } from "../../reading/namespaces.ts";
import { readAllRbac } from "../../reading/rbac-objects.ts";
import { readList, readObject, type FailedRead } from "../../reading/read.ts";
import { finding, type InstallationFinding } from "../installation-rules.ts";
import { NAME } from "../installed.ts";
import { statusFindings } from "../status-findings.ts";
import type { Egress } from "../egress.ts";
import { installedObject, readInstallationStatus, type InstallationStatus } from "../status.ts";
import { tryAgent } from "./agent.ts";
import { egressProof } from "./egress-findings.ts";
import { hardeningFindings } from "./hardening.ts";
import { denies, policyFindings, type PolicySet, type StoredPolicy } from "./policy-set.ts";
import { readPolicySets } from "./policy-sets.ts";
import { askRights, type AskedRights } from "./read-rights.ts";
import { runProbes, type AsUser } from "./run-probes.ts";
import { readSecureDefaults } from "./secure-defaults-set.ts";

export interface Verification {
  findings: InstallationFinding[];
  /** How much was looked at. */
  checked: { rights: number; policies: number; probes: number };
  /** Every way out of the cluster, as the stored Deployment has it. */
  egress: Egress[];
  /** What could not be asked or read: clauses. */
  skipped: string[];
}

interface VerifyOptions {
  /** The operator's; undefined: the one that its APIService names. */
  namespace: string | undefined;
  now: Date;
  asUser: AsUser;
}

/** Nothing is written: what is tried is tried in dry runs. */
export async function verifyInstallation(cluster: Cluster, options: VerifyOptions): Promise<Verification> {
  const status = await readInstallationStatus(cluster, options.namespace);
  const found = statusFindings(status, options.now);
  if (found.some(({ rule }) => rule === "not-installed")) {
    return { findings: found, checked: { rights: 0, policies: 0, probes: 0 }, egress: [], skipped: [] };
  }
  const { namespace } = status.installed;
  const rbac = await readAllRbac(cluster);
  const whole = rbac.unreadable.length === 0 ? rbac.objects : undefined;
  const operator = { namespace, account: operatorAccount(status), features: status.settings?.features ?? new Set() };
  const [rights, agent, policies, hardening] = await Promise.all([
    askRights(cluster, operator, rbac.objects),
    tryAsOperator(operator, options.asUser),
    verifyPolicies(cluster, { rbac: whole, namespace, asUser: options.asUser }),
    readHardening(cluster, status, whole),
  ]);
  const proof = egressProof(status.installed.objects.map(({ object }) => object));
  const unread = [...new Set([...status.installed.unreadable, ...rbac.unreadable, ...hardening.unreadable])];
  return {
    findings: [
      ...found,
      ...rights.findings,
      ...agent.findings,
      ...policies.findings,
      ...hardening.findings,
      ...proof.findings,
    ],
    checked: {
      rights: rights.count,
      policies: policies.policies,
      probes: policies.probes + (agent.skipped === undefined ? 1 : 0),
    },
    egress: proof.egress,
    skipped: [
      ...(unread.length === 0 ? [] : [`you may not read ${unread.join(", ")}`]),
      ...unanswered(rights),
      ...(agent.skipped === undefined ? [] : [`no agent was tried: ${agent.skipped}`]),
      ...policies.skipped,
    ],
  };
}

function unanswered({ unanswered: { count, why } }: AskedRights): string[] {
  return count === 0 ? [] : [`${count} rights have no answer${why === "" ? "" : `: ${why}`}`];
}

function operatorAccount({ installed }: InstallationStatus): string {
  const deployment = installedObject(installed, "Deployment", NAME);
  return deployment === undefined ? NAME : textIn(podSpec(deployment).serviceAccountName) || NAME;
}

async function tryAsOperator(operator: { namespace: string; account: string }, asUser: AsUser) {
  const { namespace, account } = operator;
  const { name } = subjectIdentity({ kind: "ServiceAccount", namespace, name: account });
  const as = await asUser({ name, groups: [] });
  try {
    return await tryAgent(as, operator);
  } finally {
    as.close();
  }
}

interface PolicyResult {
  findings: InstallationFinding[];
  policies: number;
  probes: number;
  skipped: string[];
}

const nothing: Omit<PolicyResult, "skipped"> = { findings: [], policies: 0, probes: 0 };

/** Which policies there are is in the list of their bindings. */
function unreadPolicies({ status, error }: FailedRead): string {
  const { resource } = nativeResources.admissionPolicyBindings;
  return status === 403 ? `you may not list ${resource}` : `${resource} could not be read: ${error.message}`;
}

async function verifyPolicies(
  cluster: Cluster,
  { rbac, namespace, asUser }: { rbac: readonly KubernetesObject[] | undefined; namespace: string; asUser: AsUser },
): Promise<PolicyResult> {
  const sets = await readPolicySets(cluster);
  const results = await Promise.all(
    sets.map(async (set): Promise<PolicyResult> => {
      if ("failed" in set) return { ...nothing, skipped: [unreadPolicies(set)] };
      const stored = await readStored(cluster, set);
      if (typeof stored === "string") return { ...nothing, skipped: [stored] };
      const names = set.policies.map(({ metadata }) => metadata.name ?? "");
      const [on, off] = [true, false].map((wanted) =>
        names.filter((name) => denies(stored.get(name)?.binding) === wanted),
      );
      const probes = set.probes.filter(({ policy }) => on?.includes(policy) === true);
      const tried = await runProbes(
        { policies: on ?? [], probes },
        { cluster, asUser, rbac, operatorNamespace: namespace },
      );
      return {
        findings: [
          ...policyFindings(set, stored),
          ...(off ?? []).flatMap((name) => auditing(name, stored, set)),
          ...tried.findings,
        ],
        policies: set.policies.length,
        probes: tried.count,
        skipped: [],
      };
    }),
  );
  return {
    findings: results.flatMap(({ findings }) => findings),
    policies: results.reduce((sum, { policies }) => sum + policies, 0),
    probes: results.reduce((sum, { probes }) => sum + probes, 0),
    skipped: results.flatMap(({ skipped }) => skipped),
  };
}

/** Of a binding that is there; that one is missing is said elsewhere. */
function auditing(
  name: string,
  stored: ReadonlyMap<string, StoredPolicy>,
  { toEnforce }: PolicySet,
): InstallationFinding[] {
  if (stored.get(name)?.binding === undefined) return [];
  const subject = { kind: "ValidatingAdmissionPolicyBinding", name };
  return [finding("policy-audits", subject, "What it is about is let through, with a warning.", toEnforce)];
}

/** @returns why not, where they may not be read */
async function readStored(cluster: Cluster, { policies }: PolicySet): Promise<Map<string, StoredPolicy> | string> {
  const { admissionPolicies, admissionPolicyBindings } = nativeResources;
  const stored = new Map<string, StoredPolicy>();
  for (const name of policies.map(({ metadata }) => metadata.name ?? "")) {
    const [policy, binding] = await Promise.all([
      readObject(cluster, admissionPolicies, name),
      readObject(cluster, admissionPolicyBindings, name),
    ]);
    if (policy.failed) return `you may not read ${admissionPolicies.resource}`;
    if (binding.failed) return `you may not read ${admissionPolicyBindings.resource}`;
    stored.set(name, { policy: policy.value, binding: binding.value });
  }
  return stored;
}

/** Only what is about how safe it is; `unreadable` are plural names of resources that decide it. Throws where namespaces or policies fail to be read for another reason than a refusal. */
export async function readHardening(
  cluster: Cluster,
  { installed, settings }: InstallationStatus,
  rbac: readonly KubernetesObject[] | undefined,
): Promise<{ findings: InstallationFinding[]; unreadable: string[] }> {
  const { namespace } = installed;
  const [policies, namespaces, defaults] = await Promise.all([
    readList(cluster, nativeResources.networkPolicies, { namespace }),
    readNamespaces(cluster),
    readSecureDefaults(cluster, namespace),
  ]);
  const findings = hardeningFindings({
    namespace,
    settings,
    apiService: installedObject(installed, "APIService"),
    ephemeralAgents: defaults.ephemeralAgents,
    networkPolicies: policies.failed ? undefined : policies.value,
    namespaces,
    rbac,
    secureDefaults: defaults.enforcement,
  });
  const { networkPolicies, apiServices, admissionPolicyBindings } = nativeResources;
  const unreadable = [
    ...(policies.failed ? [networkPolicies.resource] : []),
    ...(defaults.enforcement === undefined ? [admissionPolicyBindings.resource] : []),
    ...(installed.unreadable.includes(apiServices.resource) ? [apiServices.resource] : []),
  ];
  return { findings, unreadable };
}
