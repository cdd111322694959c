// What a command asks the API server for, by the audit log.
import { GRANT_LABEL } from "../../lib/access/names.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { auditEvents, auditLogLength, type AuditEvent } from "../control-plane/audit-log.ts";
import { apiRequest } from "../control-plane/request.ts";
import type { ControlPlane } from "../control-plane/start.ts";
import { uniqueName } from "../control-plane/namespace.ts";
import type { Ran } from "../commands/grant-world.ts";
import { until } from "../until.ts";
import type { Scenario } from "./scenarios.ts";
import type { PermissionsCluster } from "./world.ts";

export interface Recorded {
  ran: Ran;
  /** `list pods`, `create subjectaccessreviews.authorization.k8s.io`, `get pods/log`; sorted, each once. */
  requests: string[];
}

/** What the command finds, made by the administrator. A command about grants finds those alone that its run names. */
export async function prepare(
  cluster: PermissionsCluster,
  { command, prepare: last, before }: Scenario,
): Promise<void> {
  if (command.startsWith("grant")) await withoutGrants(cluster.plane);
  for (const words of before) await cluster.run(cluster.plane.admin.token, words);
  await last?.(cluster);
}

/** Takes away all grants and organizations: what other runs have left would be synced, listed or counted by this one. */
async function withoutGrants(plane: ControlPlane): Promise<void> {
  const { token } = plane.admin;
  const list = async (path: string) => {
    const { body } = await apiRequest(plane, { token, path });
    // Nothing of a kind that is not served, or not yet.
    return (body as { items?: KubernetesObject[] }).items ?? [];
  };
  const remove = async (path: string) => await apiRequest(plane, { token, method: "DELETE", path });
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  const organizations = "/apis/access.kubectl-mirrord.io/v1alpha1/organizations";
  const ofGrants = `?labelSelector=${encodeURIComponent(GRANT_LABEL)}`;
  await remove(`${rbac}/clusterrolebindings${ofGrants}`);
  for (const { metadata } of await list(organizations)) await remove(`${organizations}/${metadata.name}`);
  for (const [api, resource] of [
    [rbac, "rolebindings"],
    [rbac, "roles"],
    ["/apis/batch/v1", "jobs"],
  ]) {
    const left = await list(`${api}/${resource}${ofGrants}`);
    for (const namespace of new Set(left.map(({ metadata }) => metadata.namespace)))
      await remove(`${api}/namespaces/${namespace}/${resource}${ofGrants}`);
  }
}

/** Runs it as somebody in these groups whom nothing else is recorded of. */
export async function recorded(
  cluster: PermissionsCluster,
  scenario: Scenario,
  user = uniqueName("recorded"),
  ...groups: string[]
): Promise<Recorded> {
  const { plane } = cluster;
  const from = auditLogLength(plane);
  const { ran, requests: sent } = await cluster.run(plane.token(user, ...groups), scenario.words, scenario);
  const events = await until(`the ${sent} requests of ${user} are recorded`, () => {
    const own = auditEvents(plane, from).filter((event) => event.user.username === user);
    return own.length >= sent ? own : undefined;
  });
  return { ran, requests: [...new Set(events.flatMap(requestName))].toSorted() };
}

/**
 * None for what everybody who is known may ask: which types there are, and what concerns oneself. None for what is sent as
 * somebody else either: that is the right to impersonate, also where it is refused.
 */
function requestName({ verb, objectRef, impersonatedUser, responseStatus }: AuditEvent): string[] {
  const isAsOther = impersonatedUser !== undefined || /cannot impersonate/.test(responseStatus?.message ?? "");
  if (objectRef?.resource === undefined || isAsOther) return [];
  const { resource, subresource, apiGroup } = objectRef;
  if (/^self(subject|user)/.test(resource)) return [];
  const path = subresource === undefined ? resource : `${resource}/${subresource}`;
  const type = `${path}${apiGroup === undefined ? "" : `.${apiGroup}`}`;
  // An apply of what is not there yet has to be allowed to create it as well.
  const isCreated = verb === "patch" && responseStatus?.code === 201;
  return [`${verb} ${type}`, ...(isCreated ? [`create ${type}`] : [])];
}

/**
 * Runs it as whoever may do everything; what is about the caller himself, as somebody who may do nothing as
 * well: he is told more.
 */
export async function recordedRequests(cluster: PermissionsCluster, scenario: Scenario): Promise<string[]> {
  await prepare(cluster, scenario);
  const { requests } = await recorded(cluster, scenario, undefined, "system:masters");
  return scenario.isOwn === true ? [...requests, ...(await recorded(cluster, scenario)).requests] : requests;
}

/** Of each command, as `list pods`. */
export type Requests = Map<string, Set<string>>;

/** What one run may not show: what is asked for only as long as the operator does not answer, which may be no time at all. */
export function withWaiting(found: Requests): Requests {
  for (const command of ["install", "install upgrade"])
    for (const request of ["list pods", "list endpointslices.discovery.k8s.io"]) found.get(command)?.add(request);
  const together = new Set(membership.flatMap((command) => [...(found.get(command) ?? [])]));
  for (const command of membership) {
    const own = [...(found.get(command) ?? [])].filter((request) =>
      request.endsWith(" organizations.access.kubectl-mirrord.io"),
    );
    const others = [...together].filter((request) => !request.endsWith(" organizations.access.kubectl-mirrord.io"));
    if (found.has(command)) found.set(command, new Set([...own, ...others]));
  }
  return found;
}

/** What these write besides the organization follows from the grants that there are, and not from which of them it is. */
const membership = ["org add", "org create", "org remove", "team add", "team create", "team remove"].map(
  (verb) => `grant ${verb}`,
);

/** The module that the product has of them: a line for each command and verb. */
export function requestsSource(found: Requests): string {
  const commands = [...found].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const entries = commands.map(([command, requests]) => {
    const verbs = Map.groupBy([...requests].toSorted(), (request) => request.split(" ")[0] ?? "");
    const lines = [...verbs].map(([verb, same]) => [verb, ...same.map((each) => each.split(" ")[1])].join(" "));
    const key = /^\w+$/.test(command) ? command : JSON.stringify(command);
    const one = `  ${key}: [${lines.map((line) => JSON.stringify(line)).join(", ")}],\n`;
    const several = `  ${key}: [\n${lines.map((line) => `    ${JSON.stringify(line)},\n`).join("")}  ],\n`;
    return one.length <= 121 ? one : several;
  });
  return `${HEAD}export const requests: Readonly<Record<string, readonly string[]>> = {\n${entries.join("")}};\n`;
}

const HEAD = `// What each command sends to an API server: a verb, and what it is on. Made of what the server's audit log recorded of it:
// npm run permissions
`;
