import { COLLECTION_LABEL } from "../access/names.ts";
import { readEnforcement } from "../install/secure-defaults/read.ts";
import { readInstallationStatus } from "../install/status.ts";
import { readHardening } from "../install/verify/verify.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { lintPolicies } from "../mirrord/policy/lint/lint.ts";
import { readCollectionGuard } from "../reading/guards.ts";
import { readGrantContexts } from "../reading/grant-context.ts";
import { readNamespaces } from "../reading/namespaces.ts";
import { readPolicies, readProfiles } from "../reading/policies.ts";
import { readSchemas } from "../reading/policy-schemas.ts";
import { attempt } from "../reading/read.ts";
import type { AuditFacts } from "./findings.ts";
import { readGrantsAmong } from "./read-grants.ts";
import { readPathFacts, type PathScope } from "./read-path-facts.ts";

export interface ReadAuditFacts {
  facts: AuditFacts;
  /** What was not looked at, and why: clauses. */
  skipped: string[];
}

/** Everything that is judged, read at once. What may not be read is named, and is never taken for nothing. */
export async function readAuditFacts(cluster: Cluster, now: number, scope: PathScope = {}): Promise<ReadAuditFacts> {
  const [paths, namespaces, guard, defaults, policies] = await Promise.all([
    readPathFacts(cluster, scope),
    readNamespaces(cluster),
    readCollectionGuard(cluster),
    attempt(() => readEnforcement(cluster)),
    readPolicyFindings(cluster),
  ]);
  const { facts, unreadable } = paths;
  const [grants, hardening] = await Promise.all([
    readGrants(cluster, facts.rbac, now),
    readHardeningFindings(cluster, facts.rbac),
  ]);
  const refused = [
    ...unreadable,
    ...(namespaces === undefined ? ["namespaces"] : []),
    ...(defaults.failed && defaults.status === 403 ? [nativeResources.admissionPolicyBindings.resource] : []),
    ...guard.unreadable,
    ...policies.unreadable,
    ...grants.unreadable,
    ...(hardening?.unreadable ?? []),
  ];
  const accounts = facts.accounts.map(({ namespace, name }) => `${namespace}/${name}`);
  const accountsKnown = !unreadable.includes("serviceaccounts") && (!cluster.offline || accounts.length > 0);
  return {
    facts: {
      ...facts,
      unreadable: paths.unreadable,
      existingAccounts: accountsKnown ? new Set(accounts) : undefined,
      openCollections: guard.guards || guard.unreadable.length > 0 ? [] : inCollections(namespaces ?? []),
      grants: grants.found,
      policies: policies.found,
      hardening: hardening?.findings ?? [],
      openNamespaces:
        defaults.failed || defaults.value === "enforce"
          ? []
          : withoutPodSecurity(namespaces ?? [], facts.operator.namespace),
    },
    skipped: [
      ...(refused.length === 0 ? [] : [`you may not list ${[...new Set(refused)].join(", ")}`]),
      ...(hardening === undefined ? ["the installation could not be read"] : []),
      ...(defaults.failed && defaults.status !== 403
        ? ["whether the secure defaults are enforced could not be read"]
        : []),
    ],
  };
}

function inCollections(namespaces: readonly KubernetesObject[]): string[] {
  return namespaces.flatMap(({ metadata: { name = "", labels = {} } }) =>
    labels[COLLECTION_LABEL] === undefined ? [] : [name],
  );
}

const ENFORCE = "pod-security.kubernetes.io/enforce";

/** The cluster's own namespaces need what baseline refuses. */
function withoutPodSecurity(namespaces: readonly KubernetesObject[], operator: string): string[] {
  return namespaces.flatMap(({ metadata: { name = "", labels = {} } }) =>
    ["baseline", "restricted"].includes(labels[ENFORCE] ?? "") || name === operator || /^(kube-|openshift)/.test(name)
      ? []
      : [name],
  );
}

/** From the roles and bindings that were read; only the Jobs that end them are read besides. */
async function readGrants(
  cluster: Cluster,
  rbac: readonly KubernetesObject[],
  now: number,
): Promise<{ found: AuditFacts["grants"]; unreadable: string[] }> {
  const { grants, anchorsRead } = await readGrantsAmong(cluster, rbac);
  const contexts = await readGrantContexts(cluster, grants, { now, weakness: true, anchorsRead });
  return {
    found: grants.map((grant) => ({ grant, context: contexts.of(grant) })),
    unreadable: anchorsRead ? [] : ["jobs"],
  };
}

/** Without targets: policy lint looks at those. */
async function readPolicyFindings(cluster: Cluster) {
  const [{ policies, unreadable }, { schemas }, { profiles, unreadable: unlisted }] = await Promise.all([
    readPolicies(cluster, undefined),
    readSchemas(cluster),
    readProfiles(cluster),
  ]);
  const found = lintPolicies(policies, { schemas, ...(profiles === undefined ? {} : { profiles }) });
  return { found, unreadable: [...unreadable, ...unlisted] };
}

/** None where no operator is installed; undefined where that could not be found out. */
async function readHardeningFindings(cluster: Cluster, rbac: readonly KubernetesObject[]) {
  const read = await attempt(async () => {
    const status = await readInstallationStatus(cluster);
    if (status.settings !== undefined) return await readHardening(cluster, status, rbac);
    const { resource } = nativeResources.deployments;
    return { findings: [], unreadable: status.installed.unreadable.includes(resource) ? [resource] : [] };
  });
  return read.failed ? undefined : read.value;
}
