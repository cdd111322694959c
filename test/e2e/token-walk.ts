import { ACCOUNT, type PathWorld, type Token, type Walker } from "./path-world.ts";

/** Makes a token of the account, by these headers in the name of somebody else, and reads with it. */
export async function tokenWalk(
  { readsNodes }: PathWorld,
  { namespace, send }: Pick<Walker, "namespace" | "send">,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${ACCOUNT}/token`;
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
  const made = await send("POST", path, request, headers);
  if (made.status !== 201) return made.status;
  return await readsNodes((made.body as Token).status?.token ?? "");
}
