// Tests that share an API server keep out of each other's way by names of their own.
import { randomBytes } from "node:crypto";
import { until } from "../until.ts";
import { apiRequest } from "./request.ts";
import type { ControlPlane } from "./start.ts";

/** A DNS label that no other test has, for cluster-scoped objects and users. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(5).toString("hex")}`;
}

interface Teardown {
  teardown(cleanUp: () => unknown): void;
}

/**
 * A namespace for one test, with its `default` service account; its deletion begins when the test ends and is
 * not waited for. Needs a controller-manager.
 */
export async function testNamespace(
  plane: ControlPlane,
  t: Teardown,
  { prefix = "test", labels = {} }: { prefix?: string; labels?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const name = uniqueName(prefix);
  const { token } = plane.admin;
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
  const created = await apiRequest(plane, { token, path: "/api/v1/namespaces", body });
  if (created.status !== 201) throw new Error(`namespace ${name}: ${JSON.stringify(created.body)}`);
  t.teardown(() => apiRequest(plane, { token, method: "DELETE", path: `/api/v1/namespaces/${name}` }));
  const path = `/api/v1/namespaces/${name}/serviceaccounts/default`;
  await until(`${name} has its service account`, async () => (await apiRequest(plane, { token, path })).status === 200);
  return name;
}
