// An API server of objects in memory that gives lists page by page, and answers some requests as a fault says.
import type { IncomingMessage, ServerResponse } from "node:http";
import { isJsonObject, objectIn, textIn, textsIn } from "../../../lib/json.ts";
import { organizationType } from "../../../lib/access/organizations/definition.ts";
import type { KubernetesObject, ResourceType } from "../../../lib/kubernetes/object.ts";
import { nativeResources } from "../../../lib/kubernetes/resources.ts";
import { mirrordResources } from "../../../lib/mirrord/resources.ts";
import { authorizer } from "../../../lib/rbac/authorizer.ts";
import { failure, fakeApi, json } from "../../kube/fake-api.ts";

/** A request for a list: `continues` is undefined for its first page. */
export interface ListRequest {
  resource: string;
  continues: number | undefined;
  /** How often this page was asked for before. */
  before: number;
}

/** What is in the way of the lists; undefined: the list is answered as it is. */
export type Fault = (
  request: ListRequest,
) => { status: number; reason: string; more?: object; headers?: object } | undefined;

export interface PagedServer {
  objects: readonly KubernetesObject[];
  /** Objects on a page. */
  pageSize: number;
  fault?: Fault;
  /** Groups that are not served at all. */
  notServed?: readonly string[];
  /** Changes what is stored, after so many requests of a list were answered. */
  change?: (request: ListRequest, stored: KubernetesObject[]) => KubernetesObject[];
}

const types: readonly ResourceType[] = [
  ...Object.values(nativeResources),
  ...Object.values(mirrordResources),
  organizationType,
];

interface Asked {
  type: ResourceType;
  namespace: string | undefined;
  name: string | undefined;
}

/** `/apis/GROUP/VERSION[/namespaces/NAMESPACE]/RESOURCE[/NAME]`. */
function askedFor(path: string): Asked | undefined {
  const parts = path.split("/").slice(1).map(decodeURIComponent);
  const [group = "", ...rest] = parts[0] === "api" ? ["", ...parts.slice(2)] : [parts[1], ...parts.slice(3)];
  const isPlaced = rest[0] === "namespaces" && rest.length > 2;
  const [resource, name] = isPlaced ? rest.slice(2) : rest;
  const type = types.find((each) => each.group === group && each.resource === resource);
  return type === undefined ? undefined : { type, namespace: isPlaced ? rest[1] : undefined, name };
}

/** The URL of the server. */
export async function pagedServer(t: Parameters<typeof fakeApi>[0], server: PagedServer): Promise<string> {
  let stored = [...server.objects];
  const engine = authorizer(server.objects);
  const counts = new Map<string, number>();
  const listed = ({ type, namespace }: Asked) =>
    stored.filter(
      ({ kind, apiVersion, metadata }) =>
        kind === type.kind &&
        (apiVersion.includes("/") ? apiVersion.split("/")[0] : "") === type.group &&
        (namespace === undefined || metadata.namespace === namespace),
    );

  function list(asked: Asked, query: URLSearchParams, response: ServerResponse): void {
    const given = query.get("continue");
    const key = `${asked.type.group} ${asked.type.resource} ${asked.namespace ?? ""} ${query.toString()}`;
    const before = counts.get(key) ?? 0;
    counts.set(key, before + 1);
    const request = { resource: asked.type.resource, continues: given === null ? undefined : Number(given), before };
    const fault = server.fault?.(request);
    if (fault !== undefined)
      return failure(response, fault.status, fault.reason, fault.more ?? {}, fault.headers ?? {});
    const isToken = query.get("fieldSelector")?.startsWith("type=") === true;
    const all = listed(asked).filter(
      (object) => !isToken || `type=${textIn(object["type"])}` === query.get("fieldSelector"),
    );
    const from = request.continues ?? 0;
    const items = all.slice(from, from + server.pageSize);
    const next = from + server.pageSize < all.length ? String(from + server.pageSize) : "";
    stored = server.change?.(request, stored) ?? stored;
    json(response, {
      kind: "List",
      apiVersion: "v1",
      metadata: { resourceVersion: String(before + 1), continue: next },
      items,
    });
  }

  function review(body: Record<string, unknown>, response: ServerResponse): void {
    const { user, groups, resourceAttributes, nonResourceAttributes } = objectIn(body["spec"]);
    const { group = "", resource = "", verb = "", subresource, namespace, name } = objectIn(resourceAttributes);
    const who =
      user === undefined
        ? { name: "admin", groups: ["system:masters"] }
        : { name: textIn(user), groups: textsIn(groups) };
    const { answer } = isJsonObject(nonResourceAttributes)
      ? engine.explain({
          user: who,
          verb: textIn(nonResourceAttributes["verb"]),
          path: textIn(nonResourceAttributes["path"]),
        })
      : engine.explain({
          user: who,
          verb: textIn(verb),
          apiGroup: textIn(group),
          resource: textIn(resource),
          subresource: textIn(subresource),
          namespace: textIn(namespace),
          name: textIn(name),
        });
    json(response, { ...body, status: { allowed: answer === "yes", reason: "" } }, 201);
  }

  const api = await fakeApi(t, (request, response) => {
    // The clock of the server stands still.
    response.setHeader("date", "Sun, 22 Nov 2026 12:00:00 GMT");
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://server");
    const group = pathname.startsWith("/apis/") ? (pathname.split("/")[2] ?? "") : "";
    if (server.notServed?.includes(group) === true) return failure(response, 404, "NotFound");
    if (request.method === "POST") return void readBody(request).then((body) => answerPost(pathname, body, response));
    const asked = askedFor(pathname);
    if (asked === undefined) return discovery(pathname, response);
    if (asked.name === undefined) return list(asked, searchParams, response);
    const found = listed(asked).find(({ metadata }) => metadata.name === asked.name);
    return found === undefined ? failure(response, 404, "NotFound") : json(response, found);
  });

  function answerPost(path: string, body: Record<string, unknown>, response: ServerResponse): void {
    if (path.endsWith("accessreviews")) return review(body, response);
    json(response, { ...body, status: { userInfo: { username: "admin", groups: ["system:masters"] } } }, 201);
  }
  return api.url;
}

function discovery(path: string, response: ServerResponse): void {
  const [, , group = "", version] = path.split("/");
  const served = types.filter((each) => each.group === group);
  if (served.length === 0) return failure(response, 404, "NotFound");
  const [{ version: preferred } = { version: "v1" }] = served;
  if (version === undefined)
    return json(response, { kind: "APIGroup", name: group, preferredVersion: { version: preferred } });
  json(response, {
    kind: "APIResourceList",
    resources: served.map(({ resource, kind, namespaced }) => ({ name: resource, kind, namespaced })),
  });
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  request.setEncoding("utf8");
  for await (const part of request) text += String(part);
  const value: unknown = JSON.parse(text);
  return isJsonObject(value) ? value : {};
}
