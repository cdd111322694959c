import { isGone, UnreadableAnswer } from "../../kubernetes/api-error.ts";
import type { ListOptions } from "../cluster.ts";
import type { KubernetesObject, ResourceType } from "../../kubernetes/object.ts";
import { isJsonObject, listIn, objectIn, textIn } from "../../json.ts";
import { objectFrom } from "./answered-object.ts";
import { query, resourcePath, selectors } from "./resource-path.ts";
import { parseAnswer, type ApiRequest, type Transport } from "../http/transport.ts";

/** kubectl's --chunk-size. */
const PAGE_SIZE = "500";

/** Without a second choice: a server that cannot answer so must not send the content. */
const METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/** Answers in a row that bring no item. A page that brings none is rare, and a token that expires lasted for minutes. */
const MAX_IDLE = 100;

export interface Page {
  items: KubernetesObject[];
  /** Of the list as a whole: where a watch may start after the last page. */
  resourceVersion: string;
  /** "" on the last page. */
  next: string;
  /** The first page of a list that has started over: what was given before is given again, as it is now. */
  isAnew?: true;
}

/**
 * Page by page. The next one is asked for as soon as it can be named, so that the server works while the one before it is parsed
 * and used. A continue token lasts some five minutes; when it has expired (410) the list goes on with the server's other token, or
 * starts over, once. A server whose list does not go on is not followed for ever.
 * @throws ApiError where tokens keep expiring, UserError "undetermined" where pages lead to nothing new
 */
export async function* pages(
  transport: Transport,
  type: ResourceType,
  options: ListOptions,
  signal?: AbortSignal,
): AsyncGenerator<Page> {
  let restarts = 0;
  let idle = 0;
  const ask = (token: string): PageText => {
    const request = pageRequest(type, options, token, signal);
    const text = transport.text(request);
    // Of what is asked for ahead perhaps nobody hears.
    text.catch(() => {});
    return { token, request, text };
  };
  for (let asked = ask(""); ;) {
    let text: string;
    try {
      text = await asked.text;
    } catch (error) {
      if (asked.token === "" || !isGone(error)) throw error;
      if (error.continueToken === "" && restarts++ > 0) throw error;
      if (idle++ >= MAX_IDLE) throw error;
      // Either the server's token for going on with newer data, or "" to start over.
      asked = ask(error.continueToken);
      continue;
    }
    const token = continueToken(text);
    const ahead = token === undefined ? undefined : ask(token);
    // It leaves before the parser takes the thread.
    if (ahead !== undefined) await new Promise(setImmediate);
    const page = parsePage(text, asked.request, type);
    yield asked.token === "" && restarts > 0 ? { ...page, isAnew: true } : page;
    if (page.next === "") return;
    idle = page.items.length === 0 ? idle + 1 : 0;
    if (page.next === asked.token || idle > MAX_IDLE)
      throw new UnreadableAnswer(`the server's list of ${type.resource} does not go on, and does not end`);
    asked = ahead?.token === page.next ? ahead : ask(page.next);
  }
}

interface PageText {
  /** That named it; "" for the first page. */
  token: string;
  request: ApiRequest;
  text: Promise<string>;
}

function pageRequest(
  type: ResourceType,
  options: ListOptions,
  token: string,
  signal: AbortSignal | undefined,
): ApiRequest {
  const parameters = { ...selectors(options), limit: PAGE_SIZE, ...(token === "" ? {} : { continue: token }) };
  const path = resourcePath(type, options.namespace) + query(parameters);
  const accept = options.metadataOnly === true ? { accept: METADATA_LIST } : {};
  return { method: "GET", path, ...accept, ...(signal === undefined ? {} : { signal }) };
}

/**
 * The token of the page after this one, read where API servers write it: before the items, or, of custom resources, behind them.
 * Undefined where it is not seen at once; the parsed page says in any case.
 */
function continueToken(text: string): string | undefined {
  const metadata =
    /^\{(?:"(?:kind|apiVersion)":"[^"\\]*",)*"metadata":(\{[^{}]*\})/.exec(text.slice(0, TOKEN_WITHIN)) ??
    /\],"kind":"[^"\\]*","metadata":(\{[^{}]*\})\}\s*$/.exec(text.slice(-TOKEN_WITHIN));
  return /"continue":"([\w=+/-]+)"/.exec(metadata?.[1] ?? "")?.[1];
}

/** Characters; a token is a few hundred. */
const TOKEN_WITHIN = 4096;

function parsePage(text: string, request: ApiRequest, type: ResourceType): Page {
  const answer = parseAnswer(text, request);
  if (!isJsonObject(answer) || !Array.isArray(answer["items"] ?? [])) {
    throw new UnreadableAnswer(`the server's answer is no list of ${type.resource}`);
  }
  const metadata = objectIn(answer["metadata"]);
  return {
    items: listIn(answer["items"]).map((item) => objectFrom(item, type)),
    resourceVersion: textIn(metadata["resourceVersion"]),
    next: textIn(metadata["continue"]),
  };
}
