import { isGone, UnreadableAnswer } from "../../kubernetes/api-error.ts";
import type { ListOptions } from "../cluster.ts";
import type { KubernetesObject, ResourceType } from "../../kubernetes/object.ts";
import { isJsonObject, listIn, objectIn, textIn } from "../../json.ts";
import { objectFrom } from "./answered-object.ts";
import { query, resourcePath, selectors } from "./resource-path.ts";
import type { Transport } from "../http/transport.ts";

/** kubectl's --chunk-size. */
const PAGE_SIZE = "500";

/** Without a second choice: a server that cannot answer so must not send the content. */
const METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

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
 * Page by page. A continue token lasts some five minutes; when it has expired (410) and the server has no other, the list
 * starts over, once.
 */
export async function* pages(
  transport: Transport,
  type: ResourceType,
  options: ListOptions,
  signal?: AbortSignal,
): AsyncGenerator<Page> {
  let restarts = 0;
  let next = "";
  do {
    let page: Page;
    try {
      page = await fetchPage(transport, type, options, next, signal);
    } catch (error) {
      if (next === "" || !isGone(error)) throw error;
      if (error.continueToken === "" && restarts++ > 0) throw error;
      // Either the server's token for going on with newer data, or "" to start over.
      next = error.continueToken;
      if (next !== "") continue;
      page = { ...(await fetchPage(transport, type, options, "", signal)), isAnew: true };
    }
    yield page;
    next = page.next;
  } while (next !== "");
}

async function fetchPage(
  transport: Transport,
  type: ResourceType,
  options: ListOptions,
  next: string,
  signal: AbortSignal | undefined,
): Promise<Page> {
  const parameters = { ...selectors(options), limit: PAGE_SIZE, ...(next === "" ? {} : { continue: next }) };
  const path = resourcePath(type, options.namespace) + query(parameters);
  const accept = options.metadataOnly === true ? { accept: METADATA_LIST } : {};
  const answer = await transport.json({ method: "GET", path, ...accept, ...(signal === undefined ? {} : { signal }) });
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
