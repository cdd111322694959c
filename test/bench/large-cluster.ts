// A large cluster on a real API server: organizations, namespaces in collections, grants with all their bindings, other people's
// bindings, policies and sessions. What it consists of follows from the number of namespaces.
import { collectionLabels, collectionSelector } from "../../lib/access/collection.ts";
import type { Intent } from "../../lib/access/intent.ts";
import { grantObjects } from "../../lib/access/objects.ts";
import { directory, membersToday } from "../../lib/access/organizations/directory.ts";
import { outlineGrant } from "../../lib/access/outline.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { organizationObject } from "../access/organizations/organization-object.ts";
import { deployment } from "../commands/grant-world.ts";
import { makeCompany, organizationsPath } from "../concurrency/company.ts";
import { apiRequest } from "../control-plane/request.ts";
import type { ControlPlane } from "../control-plane/start.ts";
import { installPolicyCrds } from "../operator/policy-crds.ts";
import type { OperatorStandIn } from "../operator/start.ts";
import { group, user } from "../rbac/objects.ts";
import { asStored, putIntoEtcd } from "./etcd.ts";
import { benchOn, inParallel, numbers, type Bench } from "./live.ts";

const PLACES = 10;
const MEMBERS = 10;
const ORGANIZATIONS = 50;

export interface LargeCluster {
  namespaces: number;
  bindings: number;
  sessions: number;
  grants: number;
  /** Of one of the grants. */
  grant: string;
  session: string;
}

export async function makeLargeCluster(
  plane: ControlPlane,
  operator: OperatorStandIn,
  namespaces: number,
): Promise<LargeCluster> {
  const bench = benchOn(plane);
  await makeCompany(plane, { organizations: [], teams: [], people: [], namespaces: [], collections: [] });
  await installPolicyCrds(plane);
  const grants = namespaces / PLACES;
  const organizations = numbers(ORGANIZATIONS).map(organization);
  await inParallel(organizations, async (each) => await bench.post(organizationsPath, each));
  const known = directory(organizations);
  const places = (at: number) => numbers(PLACES).map((each) => `ns-${each * grants + at}`);
  const granted = numbers(grants).flatMap((at) => grantedObjects(wantedGrant(at, known), places(at)));
  const bound = granted.filter(({ kind }) => kind.endsWith("Binding")).length;
  const others = numbers(5 * namespaces - bound).map((at) => otherBinding(at, namespaces));
  await putIntoEtcd(plane, [
    ...numbers(namespaces).map((at) => asStored(namespaceObject(at, grants))),
    ...new Map(
      granted.map((object) => [`${object.kind} ${object.metadata.namespace} ${object.metadata.name}`, object]),
    ).values(),
    ...others.map(asStored),
  ]);
  await makeTarget(bench);
  await makePolicies(bench, namespaces);
  const ids = numbers(namespaces).map((at) =>
    operator.control.addSession({ namespace: `ns-${at}`, target: "deployment.web", user: `person-${at % 500}` }),
  );
  return {
    namespaces,
    bindings: 5 * namespaces,
    sessions: namespaces,
    grants,
    grant: outlineGrant(wantedGrant(0, known).intent, []).id,
    session: ids[0] ?? "",
  };
}

const organization = (at: number): KubernetesObject =>
  organizationObject(`org-${at}`, {
    teams: [{ name: "web", members: numbers(MEMBERS).map((member) => `person-${at * MEMBERS + member}`) }],
  });

function namespaceObject(at: number, collections: number): KubernetesObject {
  const labels = collectionLabels(`c${at % collections}/x`);
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: `ns-${at}`, labels } };
}

function wantedGrant(
  at: number,
  known: ReturnType<typeof directory>,
): { intent: Intent; known: ReturnType<typeof directory> } {
  const subject = { kind: "Team", name: `org-${at % ORGANIZATIONS}/web` } as const;
  const set: Intent["set"] = { kind: "namespaces", namespaces: [], selectors: [collectionSelector(`c${at}`)] };
  return { intent: { subject, role: "user", set, targets: [], reads: true }, known };
}

/** Everything that the grant consists of. */
function grantedObjects(
  { intent, known }: ReturnType<typeof wantedGrant>,
  namespaces: readonly string[],
): KubernetesObject[] {
  const membership = membersToday(intent.subject, known);
  const outline = outlineGrant(intent, membership.state === "known" ? membership.subjects : []);
  const provenance = { grantedBy: "admin", grantedAt: "2026-01-01T00:00:00Z" };
  const objects = grantObjects(outline, provenance, new Map(), { namespaces: [...namespaces] });
  const main = asStored(objects.find(({ part }) => part === "main")?.object ?? notThere());
  const { kind, apiVersion, metadata } = main;
  const ownerReferences = [{ kind, apiVersion, name: metadata.name ?? "", uid: metadata.uid ?? "" }];
  return objects.map(({ part, object }) => {
    if (part === "main") return main;
    if (object.kind === "ClusterRole") return asStored(object);
    return asStored({ ...object, metadata: { ...object.metadata, ownerReferences } });
  });
}

function notThere(): never {
  throw new Error("a grant without its ClusterRoleBinding");
}

/** What else is bound in a company: groups and users, in namespaces and everywhere. */
function otherBinding(at: number, namespaces: number): KubernetesObject {
  const subjects = [at % 3 === 0 ? user(`person-${at % 500}`) : group(`oidc:team-${at % 300}`)];
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: roles[at % roles.length] ?? "" };
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const name = `other-${at}`;
  if (at % 25 === 0) {
    const basic = { ...roleRef, name: "mirrord-operator-user-basic" };
    return { apiVersion, kind: "ClusterRoleBinding", metadata: { name }, subjects, roleRef: basic };
  }
  const namespace = `ns-${at % namespaces}`;
  return { apiVersion, kind: "RoleBinding", metadata: { name, namespace }, subjects, roleRef };
}

const roles = ["view", "edit", "mirrord-operator-user"];

async function makeTarget({ post, plane }: Bench): Promise<void> {
  const path = "/apis/apps/v1/namespaces/ns-0/deployments";
  const { status, ...web } = deployment("ns-0", "web", "app");
  const labels = { app: "web" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "app", image: "registry.example/app" }] } };
  await post(path, { ...web, spec: { replicas: 1, selector: { matchLabels: labels }, template } });
  const headers = { "Content-Type": "application/merge-patch+json" };
  const body = { status: { ...(status as object), replicas: 1, readyReplicas: 1 } };
  await apiRequest(plane, { token: plane.admin.token, method: "PATCH", path: `${path}/web/status`, body, headers });
}

async function makePolicies({ post }: Bench, namespaces: number): Promise<void> {
  const apiVersion = "policies.mirrord.metalbear.co/v1alpha";
  await inParallel(numbers(Math.ceil(namespaces / 50)), async (at) => {
    const namespace = `ns-${at}`;
    await post(`/apis/${apiVersion}/namespaces/${namespace}/mirrordpolicies`, {
      apiVersion,
      kind: "MirrordPolicy",
      metadata: { name: "no-steal", namespace },
      spec: { targetPath: "deploy/pay*", block: ["steal"] },
    });
  });
}
