// The resources that no access decision depends on: small, and honest about it.
import { textAt } from "./json.ts";
import { bodyObject, isTrue, listReply } from "./lists.ts";
import type { Handler } from "./operator.ts";
import { badRequest, methodNotAllowed, notFound } from "./status.ts";

/** `queuesplits`: the stand-in splits no queues. */
export const handleQueueSplits: Handler = (operator, call) => {
  if (call.method !== "GET" || call.path.proxied) throw methodNotAllowed();
  if (call.path.name !== undefined) throw notFound("queuesplits", call.path.name);
  return listReply(operator, call, "QueueSplit", []);
};

/** `events`: server-sent events. What an event holds is not public, so only the comment that opens the stream is sent. */
export const handleEvents: Handler = (_operator, { method, query }) => {
  if (method !== "GET") throw methodNotAllowed();
  if (!isTrue(query.get("watch"))) throw badRequest("events can only be watched");
  return {
    stream(response) {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write(": connected\n\n");
    },
  };
};

/** `branchcredentials`: names the Secret that the operator would have written. */
export const handleBranchCredentials: Handler = (_operator, call) => {
  if (call.method !== "POST" || call.path.name !== undefined) throw methodNotAllowed();
  const body = bodyObject(call);
  const branch = textAt(body, "branch_id");
  if (branch === undefined || textAt(body, "namespace") === undefined) {
    throw badRequest("namespace and branch_id are required");
  }
  return { code: 200, json: { secret_name: `mirrord-branch-${branch}` } };
};

/** `previewsecretmounts`: as above, for a preview session. */
export const handlePreviewSecretMounts: Handler = (_operator, call) => {
  if (call.method !== "POST" || call.path.name !== undefined) throw methodNotAllowed();
  const body = bodyObject(call);
  const owner = textAt(body["owner_ref"], "name");
  if (owner === undefined || textAt(body, "namespace") === undefined) {
    throw badRequest("namespace and owner_ref are required");
  }
  return { code: 200, json: { secret_name: `mirrord-${owner}` } };
};
