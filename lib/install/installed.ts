// What of an installation is in a cluster, whoever applied it: by its labels, and by name where the chart gives none.

import { operatorRoles, secureDefaults } from "../access/names.ts";
import type { Cluster } from "../kube/cluster.ts";
import { FIELD_MANAGER } from "../kubernetes/field-manager.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import type { Stored } from "../kubernetes/plan.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { listIn, objectIn, textIn } from "../json.ts";
import { OPERATOR_API_SERVICE } from "../reading/operator-pod.ts";
import { readList, readObject, type Read } from "../reading/read.ts";
import { COMPONENT_LABEL, readLabelled } from "./component.ts";
import { installationOwner, type Owner } from "../kubernetes/owner.ts";

export interface Installed {
  /** The operator's. */
  namespace: string;
  /** Everything but the definitions, in no order. */
  objects: Stored[];
  /** Every definition of the operator's groups, also of those that are not in our table. */
  definitions: KubernetesObject[];
  /** Who would put it there again; undefined: nobody, so it is ours. */
  owner?: Owner;
  /** What may not be read, as plural resource names: of these something may be there. */
  unreadable: string[];
}

const DEFAULT_NAMESPACE = "mirrord";
export const NAME = "mirrord-operator";
const LABEL = `app.kubernetes.io/name=${NAME}`;
export const AUTHENTICATION = `${NAME}-apiserver-authentication`;

/** What the chart gives no labels, and what counts without. Source: operator contract, sections 4.2, 4.5 (chart 3.187.0). */
const known = (namespace: string): readonly { type: ResourceType; name: string; namespace?: string }[] => [
  ...[NAME, ...Object.values(operatorRoles)].map((name) => ({ type: nativeResources.clusterRoles, name })),
  { type: nativeResources.clusterRoleBindings, name: NAME },
  { type: nativeResources.deployments, name: NAME, namespace },
  { type: nativeResources.roles, name: NAME, namespace },
  { type: nativeResources.roleBindings, name: NAME, namespace },
  { type: nativeResources.roles, name: AUTHENTICATION, namespace: "kube-system" },
  { type: nativeResources.roleBindings, name: AUTHENTICATION, namespace: "kube-system" },
  { type: nativeResources.serviceAccounts, name: `${NAME}-envoy`, namespace: DEFAULT_NAMESPACE },
];

/**
 * @param given the operator's namespace; undefined: where its APIService, its binding or its own label says that it is
 */
export async function readInstalled(cluster: Cluster, given?: string): Promise<Installed> {
  const unreadable = new Set<string>();
  const found = async (type: ResourceType, read: Promise<Read<KubernetesObject[]>>): Promise<Stored[]> => {
    const result = await read;
    if (!result.failed) return result.value.map((object) => ({ type, object }));
    unreadable.add(type.resource);
    return [];
  };
  const { apiServices, namespaces, customResourceDefinitions, mutatingWebhooks } = nativeResources;
  const [service, spaces, named, ours, definitions, webhooks] = await Promise.all([
    found(apiServices, readOne(cluster, apiServices, { name: OPERATOR_API_SERVICE })),
    found(namespaces, readList(cluster, namespaces, { labelSelector: LABEL })),
    readLabelled(cluster, LABEL),
    readLabelled(cluster, `${COMPONENT_LABEL} in (operator,secure-defaults)`),
    found(customResourceDefinitions, readList(cluster, customResourceDefinitions)),
    found(mutatingWebhooks, readList(cluster, mutatingWebhooks)),
  ]);
  for (const { resource } of [...named.unreadable, ...ours.unreadable]) unreadable.add(resource);
  const labelled = [...named.objects, ...ours.objects.filter(({ object }) => isOperators(object))];
  const namespace = given ?? operatorNamespace([...service, ...labelled, ...spaces]);
  const unlabelled = await Promise.all(
    known(namespace).map(({ type, ...place }) => found(type, readOne(cluster, type, place))),
  );
  const objects = [
    ...service,
    ...spaces.filter(({ object }) => object.metadata.name === namespace),
    ...labelled.filter(({ object }) => isOfInstallation(object, namespace)),
    ...unlabelled.flat(),
    ...webhooks.filter(({ object }) => callsOperator(object, namespace)),
  ];
  const owner = installationOwner(objects.map(({ object }) => object));
  return {
    namespace,
    objects: [...new Map(objects.map((one) => [one.object.metadata.uid ?? one, one])).values()],
    definitions: definitions.flatMap(({ object }) => (isOperatorDefinition(object) ? [object] : [])),
    ...(owner === undefined ? {} : { owner }),
    unreadable: [...unreadable].toSorted(),
  };
}

/** Of the secure defaults only what exempts the operator: whoever made its account anew would be exempt. */
function isOperators({ metadata: { name = "", labels = {} } }: KubernetesObject): boolean {
  return labels[COMPONENT_LABEL] === "operator" || name.startsWith(`${secureDefaults.operator}:`);
}

/** Elsewhere than in the operator's namespace a label can be anybody's. */
function isOfInstallation(object: KubernetesObject, namespace: string): boolean {
  const { namespace: place = namespace } = object.metadata;
  return place === namespace || isWrittenByUs(object) || isUserRole(object);
}

const isUserRole = ({ kind, metadata: { name } }: KubernetesObject): boolean =>
  kind === "Role" && name === operatorRoles.user;

async function readOne(
  cluster: Cluster,
  type: ResourceType,
  { name, namespace }: { name: string; namespace?: string },
): Promise<Read<KubernetesObject[]>> {
  const read = await readObject(cluster, type, name, namespace);
  if (read.failed) return read;
  return { failed: false, value: read.value === undefined ? [] : [read.value] };
}

function operatorNamespace(objects: readonly Stored[]): string {
  const named = (kind: string, name: string) =>
    objects.find(({ type, object }) => type.kind === kind && object.metadata.name === name)?.object;
  const { namespace: service } = objectIn(objectIn(named("APIService", OPERATOR_API_SERVICE)?.["spec"])["service"]);
  const [subject] = listIn(named("ClusterRoleBinding", NAME)?.["subjects"]).map(objectIn);
  const labelled = objects.find(({ type }) => type.kind === "Namespace")?.object.metadata.name;
  return textIn(service) || textIn(subject?.["namespace"]) || (labelled ?? DEFAULT_NAMESPACE);
}

const isWrittenByUs = ({ metadata }: KubernetesObject): boolean =>
  listIn(metadata["managedFields"]).some((entry) => objectIn(entry)["manager"] === FIELD_MANAGER);

/** The operator makes webhooks while it runs, and a webhook that nobody answers stops what it is about. */
function callsOperator(configuration: KubernetesObject, namespace: string): boolean {
  return listIn(configuration["webhooks"]).some((hook) => {
    const service = objectIn(objectIn(objectIn(hook)["clientConfig"])["service"]);
    return service["namespace"] === namespace && textIn(service["name"]).startsWith(NAME);
  });
}

function isOperatorDefinition({ spec }: KubernetesObject): boolean {
  return /(^|\.)metalbear\.co$/.test(textIn(objectIn(spec)["group"]));
}
