import { once } from "node:events";
import { connect } from "node:net";
import { until } from "../until.ts";
import { apiRequest } from "./request.ts";
import type { ApiServer } from "./request.ts";

type Admin = ApiServer & { token: string };

/** Somebody listens on the port of 127.0.0.1. */
export async function waitForPort(port: number): Promise<void> {
  await untilReady(`port ${port}`, async () => {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return true;
    } finally {
      socket.destroy();
    }
  });
}

/** Ready to serve, with Kubernetes' own roles in place. */
export async function waitForApiServer(admin: Admin): Promise<void> {
  await untilReady("the API server", async () => (await answer(admin, "/readyz")) !== undefined);
}

/** The controllers have done what a new cluster needs: aggregated roles are filled, service accounts made. */
export async function waitForControllers(admin: Admin): Promise<void> {
  const done = [
    async () => (await answer(admin, "/api/v1/namespaces/default/serviceaccounts/default")) !== undefined,
    ...["view", "edit", "admin"].map((role) => async () => {
      const body = await answer(admin, `/apis/rbac.authorization.k8s.io/v1/clusterroles/${role}`);
      return hasRules(body);
    }),
  ];
  for (const condition of done) await untilReady("the controller-manager", condition);
}

async function answer(admin: Admin, path: string): Promise<unknown> {
  const { status, body } = await apiRequest(admin, { token: admin.token, path });
  return status === 200 ? body : undefined;
}

function hasRules(role: unknown): boolean {
  return (
    typeof role === "object" && role !== null && "rules" in role && Array.isArray(role.rules) && role.rules.length > 0
  );
}

/** A refused connection means not yet. */
function untilReady(what: string, condition: () => Promise<boolean>): Promise<boolean> {
  return until(`${what} is ready`, () => condition().catch(() => false));
}
