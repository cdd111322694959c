// What grants to organizations and teams must have made of a cluster, computed without the code under test: from the organizations,
// the namespaces' collections and what each grant says of itself.
import { apiRequest } from "../control-plane/request.ts";
import type { ControlPlane } from "../control-plane/start.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";

const GRANT = "kubectl-mirrord.io/grant";
const rbac = "/apis/rbac.authorization.k8s.io/v1";

export interface CompanyState {
  organizations: readonly KubernetesObject[];
  namespaces: readonly KubernetesObject[];
  /** The ClusterRoleBindings that carry grants. */
  grants: readonly KubernetesObject[];
  bindings: readonly KubernetesObject[];
}

export async function readCompany(plane: ControlPlane): Promise<CompanyState> {
  const list = async (path: string): Promise<KubernetesObject[]> => {
    const { status, body } = await apiRequest(plane, { token: plane.admin.token, path });
    if (status !== 200) throw new Error(`${path}: ${JSON.stringify(body)}`);
    return (body as { items: KubernetesObject[] }).items;
  };
  const [organizations, namespaces, grants, bindings] = await Promise.all([
    list("/apis/access.kubectl-mirrord.io/v1alpha1/organizations"),
    list("/api/v1/namespaces"),
    list(`${rbac}/clusterrolebindings?labelSelector=${GRANT}`),
    list(`${rbac}/rolebindings?labelSelector=${GRANT}`),
  ]);
  return { organizations, namespaces, grants, bindings };
}

/** The intent as it is stored, of grants that have no end. */
interface StoredIntent {
  subject: { kind: string; name: string };
  role?: string;
  namespaces?: string[];
  selectors?: string[];
}

/** What is wrong with the bindings of all grants: missing, left over, of the wrong people, or belonging to nothing. */
export function bindingFaults(state: CompanyState): string[] {
  const wanted = state.grants.flatMap((grant) => wantedBindings(grant, state));
  const found = state.bindings.map((binding) => {
    const owner = state.grants.find(
      ({ metadata }) => metadata.uid !== undefined && metadata.uid === binding.metadata.ownerReferences?.[0]?.uid,
    );
    return bindingLine(owner?.metadata.name ?? "NOBODY", binding);
  });
  return [
    ...wanted.filter((line) => !found.includes(line)).map((line) => `missing: ${line}`),
    ...found.filter((line) => !wanted.includes(line)).map((line) => `not wanted: ${line}`),
    ...found.filter((line, at) => found.indexOf(line) !== at).map((line) => `twice: ${line}`),
  ];
}

/** The ClusterRoleBinding too says who they are. */
function wantedBindings(grant: KubernetesObject, state: CompanyState): string[] {
  const { annotations = {}, name = "" } = grant.metadata;
  const intent = JSON.parse(annotations["kubectl-mirrord.io/intent"] ?? "{}") as StoredIntent;
  const members = subjects(intent.subject, state.organizations);
  const own = subjectNames(grant);
  if (own.join() !== members.join()) return [`${name} itself: ${members.join()} and not ${own.join()}`];
  const roles = roleBindings[intent.role ?? "user"];
  if (roles === undefined) throw new Error(`a role that this checker does not know: ${intent.role}`);
  return state.namespaces
    .filter((namespace) => isIn(namespace, intent))
    .flatMap(({ metadata }) => roles.map((role) => `${name} in ${metadata.name}: ${role} for ${members.join()}`));
}

const roleBindings: Readonly<Record<string, readonly string[]>> = {
  user: ["mirrord-operator-user", "mirrord:role:reads"],
  view: ["mirrord:role:view"],
  minimal: ["mirrord:role:minimal", "mirrord:role:reads"],
};

function bindingLine(grant: string, binding: KubernetesObject): string {
  const { roleRef } = binding as unknown as { roleRef: { name: string } };
  return `${grant} in ${binding.metadata.namespace}: ${roleRef.name} for ${subjectNames(binding).join()}`;
}

const subjectNames = (binding: KubernetesObject): string[] =>
  ((binding["subjects"] ?? []) as { name: string }[]).map(({ name }) => name).toSorted();

function subjects({ kind, name }: StoredIntent["subject"], organizations: readonly KubernetesObject[]): string[] {
  if (kind === "User") return [name];
  const [organization = "", teamName] = name.split("/");
  const spec = organizations.find(({ metadata }) => metadata.name === organization)?.["spec"] as
    | Organization
    | undefined;
  const teams = (spec?.teams ?? []).filter((team) => teamName === undefined || team.name === teamName);
  const all = [
    ...(teamName === undefined ? (spec?.members ?? []) : []),
    ...teams.flatMap(({ members = [] }) => members),
  ];
  return [...new Set(all)].toSorted();
}

interface Organization {
  members?: string[];
  teams?: { name: string; members?: string[] }[];
}

/** Selectors of collections are names of labels. */
function isIn(
  { metadata: { name = "", labels = {}, deletionTimestamp } }: KubernetesObject,
  intent: StoredIntent,
): boolean {
  if (deletionTimestamp !== undefined) return false;
  return intent.namespaces?.includes(name) === true || (intent.selectors ?? []).some((label) => label in labels);
}
