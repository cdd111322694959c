// A company on a real API server: organizations with teams, namespaces in collections. For the tests in which many change it at once.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { collectionLabels } from "../../lib/access/collection.ts";
import { organizationDefinition } from "../../lib/access/organizations/definition.ts";
import { organizationObject } from "../access/organizations/organization-object.ts";
import { apiRequest } from "../control-plane/request.ts";
import type { ControlPlane } from "../control-plane/start.ts";
import { until } from "../until.ts";

export const organizationsPath = "/apis/access.kubectl-mirrord.io/v1alpha1/organizations";
const operator = join(import.meta.dirname, "../../examples/operator.yaml");

export interface CompanySize {
  organizations: readonly string[];
  teams: readonly string[];
  /** Each is in every team to begin with. */
  people: readonly string[];
  namespaces: readonly string[];
  /** The namespaces are in them by turns. */
  collections: readonly string[];
}

/** The operator's roles, organizations, namespaces. Every path of a collection has to have a namespace to be known. */
export async function makeCompany(plane: ControlPlane, size: CompanySize): Promise<void> {
  const applied = spawn(plane.kubectl, ["--kubeconfig", plane.kubeconfig, "apply", "-f", operator], {
    stdio: "ignore",
  });
  const [code] = (await once(applied, "exit")) as [number | null];
  if (code !== 0) throw new Error("kubectl apply failed");
  await post(plane, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", organizationDefinition);
  await until("organizations are served", async () => {
    const { body, status } = await apiRequest(plane, { token: plane.admin.token, path: organizationsPath });
    return status === 200 && (body as { kind?: string }).kind === "OrganizationList";
  });
  const teams = size.teams.map((name) => ({ name, members: [...size.people] }));
  for (const name of size.organizations) await post(plane, organizationsPath, organizationObject(name, { teams }));
  for (const [at, name] of size.namespaces.entries()) {
    const labels = collectionLabels(size.collections[at % size.collections.length] ?? "");
    await post(plane, "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
  }
}

/** As the administrator; throws for a failure. */
export async function post(plane: ControlPlane, path: string, body: unknown): Promise<void> {
  const answer = await apiRequest(plane, { token: plane.admin.token, path, body });
  if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
}

/** A merge patch as the administrator; throws for a failure, but for what is gone. */
export async function mergePatch(plane: ControlPlane, path: string, body: unknown): Promise<void> {
  const headers = { "Content-Type": "application/merge-patch+json" };
  const answer = await apiRequest(plane, { token: plane.admin.token, method: "PATCH", path, body, headers });
  if (answer.status >= 300 && answer.status !== 404) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
}
