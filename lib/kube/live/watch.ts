import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../errors.ts";
import { apiError, ApiError, isGone } from "../../kubernetes/api-error.ts";
import type { ListOptions, WatchEvent } from "../cluster.ts";
import type { KubernetesObject, ResourceType } from "../../kubernetes/object.ts";
import type { HttpResponse } from "../http/http.ts";
import { isJsonObject, objectIn, textIn } from "../../json.ts";
import { isObjectWithMetadata, objectFrom } from "./answered-object.ts";
import { pages } from "./pages.ts";
import { query, resourcePath, selectors } from "./resource-path.ts";
import type { Transport } from "../http/transport.ts";

/** The server ends a watch by then; spread, so that many do not come back at once. */
const WATCH_SECONDS = 300;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Lists, then follows. A lost connection is taken up where it stopped; when the server no longer knows that point (410),
 * the list is read again and only differences are told. Ends with the signal; a failure that waiting cannot mend is thrown.
 */
export async function* watch(
  transport: Transport,
  type: ResourceType,
  options: ListOptions,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent> {
  const known = new Map<string, KubernetesObject>();
  let resourceVersion = "";
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      if (resourceVersion === "") resourceVersion = yield* relist(transport, type, options, signal, known);
      for await (const event of events(transport, type, options, resourceVersion, signal)) {
        pauseMs = FIRST_PAUSE_MS;
        resourceVersion = event.resourceVersion || resourceVersion;
        if (event.change !== undefined) yield remember(event.change, known);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isGone(error)) resourceVersion = "";
      else if (!isPassing(error)) throw error;
    }
    if (await aborted(pauseMs * (0.5 + Math.random() / 2), signal)) return;
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

async function* relist(
  transport: Transport,
  type: ResourceType,
  options: ListOptions,
  signal: AbortSignal,
  known: Map<string, KubernetesObject>,
): AsyncGenerator<WatchEvent, string> {
  let gone = new Map(known);
  let resourceVersion = "";
  for await (const page of pages(transport, type, options, signal)) {
    resourceVersion = page.resourceVersion;
    if (page.isAnew === true) gone = new Map(known);
    for (const object of page.items) {
      const before = gone.get(watchedKey(object));
      gone.delete(watchedKey(object));
      if (before?.metadata.resourceVersion === object.metadata.resourceVersion && before !== undefined) continue;
      yield remember({ type: before === undefined ? "ADDED" : "MODIFIED", object }, known);
    }
  }
  for (const object of gone.values()) yield remember({ type: "DELETED", object }, known);
  return resourceVersion;
}

function remember(event: WatchEvent, known: Map<string, KubernetesObject>): WatchEvent {
  if (event.type === "DELETED") known.delete(watchedKey(event.object));
  else known.set(watchedKey(event.object), event.object);
  return event;
}

function watchedKey({ metadata }: KubernetesObject): string {
  return metadata.uid ?? `${metadata.namespace ?? ""}/${metadata.name ?? ""}`;
}

interface Step {
  resourceVersion: string;
  /** Undefined for a bookmark. */
  change: WatchEvent | undefined;
}

async function* events(
  transport: Transport,
  type: ResourceType,
  options: ListOptions,
  resourceVersion: string,
  signal: AbortSignal,
): AsyncGenerator<Step> {
  const timeoutSeconds = String(Math.ceil(WATCH_SECONDS * (1 + Math.random())));
  const parameters = {
    ...selectors(options),
    watch: "true",
    allowWatchBookmarks: "true",
    resourceVersion,
    timeoutSeconds,
  };
  const path = resourcePath(type, options.namespace) + query(parameters);
  const response = await transport.stream({ method: "GET", path, signal });
  try {
    for await (const line of lines(response)) yield step(line, type);
  } catch (error) {
    throw signal.aborted || error instanceof UserError
      ? error
      : new LostWatch("the watch was cut off", { cause: error });
  } finally {
    response.body.destroy();
  }
}

/** The connection ended in the middle; nothing is wrong with the watch. */
class LostWatch extends Error {}

async function* lines({ body }: HttpResponse): AsyncGenerator<string> {
  body.setEncoding("utf8");
  let rest = "";
  for await (const chunk of body) {
    const parts = (rest + String(chunk)).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) if (line !== "") yield line;
  }
}

function step(line: string, type: ResourceType): Step {
  const event: unknown = JSON.parse(line);
  const { type: kind, object } = objectIn(event);
  if (kind === "ERROR") throw apiError("GET", statusCode(object), JSON.stringify(object));
  if (!isObjectWithMetadata(object)) throw new Error("a watch event without an object");
  const resourceVersion = textIn(object.metadata.resourceVersion);
  const isChange = kind === "ADDED" || kind === "MODIFIED" || kind === "DELETED";
  return { resourceVersion, change: isChange ? { type: kind, object: objectFrom(object, type) } : undefined };
}

function statusCode(status: unknown): number {
  return isJsonObject(status) && typeof status["code"] === "number" ? status["code"] : 500;
}

/** Worth another try: the network, a busy or restarting server. Not: forbidden, not found, no such field. */
function isPassing(error: unknown): boolean {
  if (error instanceof ApiError) return error.status >= 500 || error.status === 429;
  if (error instanceof UserError) return error.kind === "undetermined" && error.cause !== undefined;
  return error instanceof LostWatch;
}

async function aborted(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(milliseconds, undefined, { signal });
    return false;
  } catch {
    return true;
  }
}
