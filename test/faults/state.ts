// What a cluster is, as far as commands change it: compared between runs, so without what differs from one to the next. It
// shares nothing with what the commands read.
import { apiRequest } from "../control-plane/request.ts";
import type { EmptyCluster } from "../e2e/empty-cluster.ts";

interface Stored {
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    labels?: object;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
    ownerReferences?: { uid: string }[];
  };
  [field: string]: unknown;
}

export interface State {
  /** A line for each object. */
  all: string[];
  /** Who is given what, a line for each subject of a binding. */
  given: Set<string>;
  /** By `placeKey`. */
  names: Set<string>;
}

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const admission = "/apis/admissionregistration.k8s.io/v1";
const policies = "/apis/policies.mirrord.metalbear.co/v1alpha";
const lists: Readonly<Record<string, string>> = {
  ClusterRoleBinding: `${rbac}/clusterrolebindings`,
  RoleBinding: `${rbac}/rolebindings`,
  ClusterRole: `${rbac}/clusterroles`,
  Role: `${rbac}/roles`,
  Job: "/apis/batch/v1/jobs",
  CronJob: "/apis/batch/v1/cronjobs",
  Namespace: "/api/v1/namespaces",
  ServiceAccount: "/api/v1/serviceaccounts",
  Service: "/api/v1/services",
  Secret: "/api/v1/secrets",
  ConfigMap: "/api/v1/configmaps",
  Deployment: "/apis/apps/v1/deployments",
  PriorityClass: "/apis/scheduling.k8s.io/v1/priorityclasses",
  APIService: "/apis/apiregistration.k8s.io/v1/apiservices",
  CustomResourceDefinition: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
  Organization: "/apis/access.kubectl-mirrord.io/v1alpha1/organizations",
  MirrordPolicy: `${policies}/mirrordpolicies`,
  MirrordClusterPolicy: `${policies}/mirrordclusterpolicies`,
  ValidatingAdmissionPolicy: `${admission}/validatingadmissionpolicies`,
  ValidatingAdmissionPolicyBinding: `${admission}/validatingadmissionpolicybindings`,
};
/** What of an object is compared besides its place, labels, subjects, rules and intent. */
const whole = /^(Organization|Mirrord|ValidatingAdmission|ConfigMap$|CronJob$)/;

export async function readState({ plane, operator }: Pick<EmptyCluster, "plane" | "operator">): Promise<State> {
  const { token } = plane.admin;
  const found = await Promise.all(
    Object.entries(lists).map(async ([kind, path]) => {
      const { status, body } = await apiRequest(plane, { token, path });
      const { items = [] } = (status === 200 ? body : {}) as { items?: Stored[] };
      return items.map((item): Stored => ({ ...item, kind }));
    }),
  );
  const objects = standing(found.flat());
  const sessions = operator.sessions().map(({ user }) => `session ${JSON.stringify(user)}`);
  return {
    all: [...objects.map(line), ...sessions].toSorted(),
    given: new Set(objects.flatMap(gifts)),
    names: new Set(objects.map(({ kind, metadata: { namespace, name } }) => placeKey(kind, namespace, name))),
  };
}

/** What controllers make by themselves, a moment after something else: a CronJob its Jobs, a namespace what each has. */
function isByItself({ kind, metadata: { namespace, name } }: Stored): boolean {
  if (kind === "Job") return namespace === "mirrord-access";
  return (kind === "ServiceAccount" && name === "default") || (kind === "ConfigMap" && name === "kube-root-ca.crt");
}

/** Without what is being deleted, and what belongs to something that is gone: it is collected a moment later. */
function standing(objects: readonly Stored[]): Stored[] {
  const left = objects.filter((object) => object.metadata.deletionTimestamp === undefined && !isByItself(object));
  const uids = new Set(left.map(({ metadata }) => metadata.uid));
  const namespaces = new Set(left.flatMap(({ kind, metadata }) => (kind === "Namespace" ? [metadata.name] : [])));
  const kept = left.filter(
    ({ metadata: { ownerReferences = [], namespace } }) =>
      ownerReferences.every(({ uid }) => uids.has(uid)) && (namespace === undefined || namespaces.has(namespace)),
  );
  return kept.length === objects.length ? kept : standing(kept);
}

/** `rolebinding dev/mirrord:grant:jim`; of a name that the server makes up, what it begins with. */
export function placeKey(kind: string, namespace: string | undefined, name: string): string {
  const begin = kind === "Job" || kind === "job" ? name.replace(/-([a-z0-9]{5})?$/, "") : name;
  return `${kind.toLowerCase()} ${namespace ?? ""}/${begin}`;
}

function place({ kind, metadata: { namespace, name } }: Stored): string {
  const anchored = kind === "Job" ? name.replace(/-[a-z0-9]{5}$/, "") : name;
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${anchored}`;
}

const HOUR_MS = 3_600_000;

function line(object: Stored): string {
  const { metadata, roleRef, subjects, rules, data, spec } = object;
  const { labels, annotations = {} } = metadata;
  const intent = annotations["kubectl-mirrord.io/intent"];
  const moving = annotations["kubectl-mirrord.io/moving"];
  const revoked = annotations["kubectl-mirrord.io/revoked-at"] !== undefined;
  const end = annotations["kubectl-mirrord.io/expires-at"];
  const hours = end === undefined ? undefined : Math.round((Date.parse(end) - Date.now()) / HOUR_MS);
  const more = whole.test(object.kind) ? { data, spec } : {};
  return `${place(object)} ${JSON.stringify({ labels, intent, moving, revoked, hours, roleRef, subjects, rules, ...more })}`;
}

function gifts(object: Stored): string[] {
  const { roleRef, subjects } = object;
  if (roleRef === undefined) return [];
  return ((subjects ?? []) as object[]).map((subject) => `${place(object)} ${JSON.stringify([roleRef, subject])}`);
}
