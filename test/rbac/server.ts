// The real API server as an oracle: puts RBAC objects there, waits until its authorizer has seen them, asks it.
import { isJsonObject } from "../../lib/json.ts";
import { connect, constants, type ClientHttp2Session } from "node:http2";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { AccessRequest } from "../../lib/kubernetes/access.ts";
import { nativeResources, RBAC_GROUP } from "../../lib/kubernetes/resources.ts";
import type { ControlPlane } from "../control-plane/start.ts";
import { until } from "../until.ts";
import { clusterRole, clusterRoleBinding, role, roleBinding, roleRef, rule, user } from "./objects.ts";

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

export interface Call {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
  token?: string;
  contentType?: string;
}

/** One connection, many requests in flight. */
export interface Server {
  call(call: Call): Promise<Answer>;
  close(): void;
}

export function openServer(plane: Pick<ControlPlane, "server" | "ca" | "admin">): Server {
  const session = connect(plane.server, { ca: plane.ca });
  session.on("error", () => undefined);
  return { call: async (call) => send(session, plane.admin.token, call), close: () => session.close() };
}

async function send(
  session: ClientHttp2Session,
  adminToken: string,
  { method, path, body, token = adminToken, contentType = "application/json" }: Call,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: method,
    [constants.HTTP2_HEADER_PATH]: path,
    authorization: `Bearer ${token}`,
    accept: "application/json",
    ...(body === undefined ? {} : { "content-type": contentType }),
  });
  let status = 0;
  let text = "";
  stream.setEncoding("utf8");
  stream.on("response", (headers) => (status = Number(headers[":status"])));
  stream.on("data", (chunk: string) => (text += chunk));
  stream.on("error", reject);
  stream.on("end", () => {
    try {
      const parsed: unknown = JSON.parse(text);
      resolve({ status, body: isJsonObject(parsed) ? parsed : {} });
    } catch {
      // A group that is not served answers in plain words, once the authorizer has let the request through.
      if (status === 404) resolve({ status, body: {} });
      else reject(new Error(`${method} ${path.slice(0, 200)}: ${status} ${text.slice(0, 500)}`));
    }
  });
  stream.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}

/** Runs `work` on every item, a few dozen at a time, and keeps the order. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  width = 48,
): Promise<Result[]> {
  const results: Result[] = [];
  const entries = items.entries();
  const lane = async (): Promise<void> => {
    for (const [position, item] of entries) results[position] = await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}

const types = Object.values(nativeResources).filter(({ group }) => group === RBAC_GROUP);

/** The URL of an object, or with `collection` of the list that it is posted to. */
export function apiPath({ kind, metadata }: KubernetesObject, form: "object" | "collection" = "object"): string {
  const type = types.find((each) => each.kind === kind);
  if (type === undefined) throw new Error(`no RBAC kind: ${kind}`);
  const scope = type.namespaced ? `/namespaces/${metadata.namespace ?? ""}` : "";
  const list = `/apis/${type.group}/${type.version}${scope}/${type.resource}`;
  return form === "collection" ? list : `${list}/${encodeURIComponent(metadata.name ?? "")}`;
}

export async function createAll(server: Server, objects: readonly KubernetesObject[]): Promise<void> {
  await inParallel(objects, async (object) => {
    const { status, body } = await server.call({ method: "POST", path: apiPath(object, "collection"), body: object });
    if (status !== 201)
      throw new Error(`${object.kind} was not created: ${status} ${JSON.stringify(body).slice(0, 1000)}`);
  });
}

export async function deleteAll(server: Server, objects: readonly KubernetesObject[]): Promise<void> {
  await inParallel(objects, (object) => server.call({ method: "DELETE", path: apiPath(object) }));
}

/** All four lists, with kinds filled in: the items of a list do not carry them. */
export async function readAll(server: Server): Promise<KubernetesObject[]> {
  const lists = await Promise.all(
    types.map(async ({ group, version, resource, kind }) => {
      const { body } = await server.call({ method: "GET", path: `/apis/${group}/${version}/${resource}` });
      const items: unknown[] = Array.isArray(body["items"]) ? body["items"] : [];
      return items.flatMap((item) =>
        isJsonObject(item) && isJsonObject(item["metadata"])
          ? [{ ...item, apiVersion: `${group}/${version}`, kind, metadata: item["metadata"] }]
          : [],
      );
    }),
  );
  return lists.flat();
}

export interface Review {
  allowed: boolean;
  reason: string;
}

export async function review(server: Server, request: AccessRequest): Promise<Review> {
  const { user: asked, verb } = request;
  const attributes =
    "path" in request
      ? { nonResourceAttributes: { verb, path: request.path } }
      : {
          resourceAttributes: {
            verb,
            group: request.apiGroup,
            resource: request.resource,
            subresource: request.subresource ?? "",
            namespace: request.namespace ?? "",
            name: request.name ?? "",
          },
        };
  const { status, body } = await server.call({
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: { user: asked.name, groups: asked.groups, ...attributes },
    },
  });
  const answer = body["status"];
  if (status !== 201 || !isJsonObject(answer))
    throw new Error(`SubjectAccessReview: ${status} ${JSON.stringify(body).slice(0, 1000)}`);
  return { allowed: answer["allowed"] === true, reason: typeof answer["reason"] === "string" ? answer["reason"] : "" };
}

/**
 * Makes one role and binding of each kind, the last of all, and asks until they are seen: the authorizer watches each
 * kind in the order of the writes, so everything written before is then seen too.
 */
export async function untilSeen(server: Server, name: string, namespace: string): Promise<KubernetesObject[]> {
  const canaries = [
    clusterRole(name, [rule("canary", "clusterroles", "see")]),
    clusterRoleBinding(name, name, [user(name)]),
    role(namespace, name, [rule("canary", "roles", "see")]),
    roleBinding(namespace, name, roleRef(name), [user(name)]),
  ];
  await createAll(server, canaries);
  const canary = { user: { name, groups: [] }, verb: "see", apiGroup: "canary", namespace };
  await until("the authorizer knows the last objects", async () => {
    const seen = await Promise.all(
      ["clusterroles", "roles"].map((resource) => review(server, { ...canary, resource })),
    );
    return seen.every(({ allowed }) => allowed);
  });
  return canaries;
}
