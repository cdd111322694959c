import { GRANT_LABEL } from "../../access/names.ts";
import { boundSubjects, storedGrants, type StoredObject } from "../../access/stored.ts";
import { formatSubject, isSystemSubject, type GrantSubject } from "../../access/subject.ts";
import { DEFAULT_OPERATOR_NAMESPACE, isSystemNamespace } from "../../access/system-namespace.ts";
import { completeNamespaces } from "../../cli/completion/completers.ts";
import type { Completer } from "../../cli/completion/complete.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { ResourceType } from "../../kubernetes/object.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { attempt } from "../../reading/read.ts";
import { readAdminBinding } from "./admin/read.ts";
import { byCodePoint } from "../../text/order.ts";

const SERVICE_ACCOUNT = "sa:";

/** As many bindings as are looked through, and names as a menu can hold. */
const MOST = 500;

/**
 * Whom a grant can be for: the prefixes, and whoever is named by grants and bindings now, those of Kubernetes itself left out. Behind `sa:`
 * the namespaces, then the accounts of one.
 */
export const completeSubjects: Completer = async (typed, world, line, offer) => {
  const { current } = line;
  if (current.startsWith(SERVICE_ACCOUNT)) {
    const [namespace = "", name] = current.slice(SERVICE_ACCOUNT.length).split("/");
    if (name === undefined) {
      const namespaces = await completeNamespaces(typed, world, { ...line, current: namespace }, offer);
      return namespaces.map((each) => `${SERVICE_ACCOUNT}${typeof each === "string" ? each : each.value}/`);
    }
    const cluster = await world.connect(typed);
    const { serviceAccounts } = nativeResources;
    const accounts = await firstOf(cluster, serviceAccounts, { namespace });
    return accounts.map(({ object }) => `${SERVICE_ACCOUNT}${namespace}/${object.metadata.name ?? ""}`);
  }
  offer(["group:", SERVICE_ACCOUNT]);
  return await knownSubjects(await world.connect(typed));
};

/** Whom RBAC knows: members of teams, and administrators. */
export const completeRbacSubjects: Completer = async (typed, world, line, offer) =>
  (await completeSubjects(typed, world, line, offer)).filter((candidate) => {
    const value = typeof candidate === "string" ? candidate : candidate.value;
    return !value.startsWith("team:") && !value.startsWith("org:");
  });

/** Those that `grant admin remove` can take out. */
export const completeAdministrators: Completer = async (typed, world) => {
  const binding = await readAdminBinding(await world.connect(typed));
  if (binding === undefined) return [];
  return boundSubjects([{ type: nativeResources.clusterRoleBindings, object: binding }]).map(formatSubject);
};

async function knownSubjects(cluster: Cluster): Promise<string[]> {
  const { clusterRoleBindings, roleBindings } = nativeResources;
  const [granted, everywhere, inNamespaces] = await Promise.all([
    firstOf(cluster, clusterRoleBindings, { labelSelector: GRANT_LABEL }),
    firstOf(cluster, clusterRoleBindings),
    firstOf(cluster, roleBindings),
  ]);
  const intents = storedGrants(granted).flatMap(({ intent }) => (intent === undefined ? [] : [intent.subject]));
  const bound = boundSubjects([...everywhere, ...inNamespaces]);
  const people = [...intents, ...bound].filter((subject) => !isSystemSubject(subject) && !isOfCluster(subject));
  return [...new Set(people.map(formatSubject))].toSorted(byCodePoint);
}

const isOfCluster = (subject: GrantSubject) =>
  subject.kind === "ServiceAccount" && isSystemNamespace(subject.namespace, DEFAULT_OPERATOR_NAMESPACE);

/** What may not be listed has nobody in it. */
async function firstOf(
  cluster: Cluster,
  type: ResourceType,
  options: { namespace?: string; labelSelector?: string } = {},
): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  await attempt(async () => {
    for await (const object of cluster.list(type, options)) {
      found.push({ type, object });
      if (found.length === MOST) break;
    }
  });
  return found;
}
