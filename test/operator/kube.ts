import { once } from "node:events";
import { Agent, request } from "node:https";
import type { IncomingMessage } from "node:http";
import { accessReviews } from "./access-review.ts";
import type { ReviewAccess } from "./access-review.ts";
import { parseJson } from "./json.ts";
import { Refusal } from "./status.ts";

export interface KubeOptions {
  /** Such as https://127.0.0.1:6443. */
  server: string;
  /** PEM. */
  ca: string;
  token: string;
}

/** The stand-in's own way to the API server, with its own rights. */
export interface Kube {
  get(path: string): Promise<KubeAnswer>;
  post(path: string, body: object): Promise<KubeAnswer>;
  /** Server-side apply, by force: what is there is made to be this. */
  apply(path: string, object: object): Promise<KubeAnswer>;
  /** Only the object with this uid, when one is given. */
  remove(path: string, uid?: string): Promise<KubeAnswer>;
  /** The events of a watch, until the API server or the signal ends it. */
  watch(path: string, signal: AbortSignal): AsyncIterable<unknown>;
  review: ReviewAccess;
  /** Cuts what is under way. */
  stop(): void;
}

export interface KubeAnswer {
  code: number;
  /** Undefined when the answer was no JSON. */
  body: unknown;
}

const maxAnswerBytes = 32 * 1024 * 1024;
const applyPatch = "application/apply-patch+yaml";
const patienceMs = 20_000;

/** Every call throws a Refusal with code 500 when the API server cannot be reached. */
export function connectKube({ server, ca, token }: KubeOptions): Kube {
  const agent = new Agent({ keepAlive: true, maxSockets: 8, ca });

  function send(method: string, path: string, body?: object, contentType = "application/json"): Promise<KubeAnswer> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    return new Promise<KubeAnswer>((resolve, reject) => {
      const outgoing = request(new URL(path, server), {
        method,
        agent,
        timeout: patienceMs,
        // Node sends no length of its own with a DELETE.
        headers: {
          accept: "application/json",
          authorization: `Bearer ${token}`,
          ...(payload === undefined
            ? {}
            : { "content-type": contentType, "content-length": Buffer.byteLength(payload) }),
        },
      });
      outgoing.on("timeout", () => outgoing.destroy(new Error("no answer in time")));
      outgoing.on("error", (error) => reject(unreachable(method, path, error)));
      outgoing.on("response", (incoming) => {
        readAll(incoming, maxAnswerBytes).then(
          (bytes) => resolve({ code: incoming.statusCode ?? 0, body: parseJson(bytes.toString("utf8")) }),
          (error: unknown) => reject(unreachable(method, path, error)),
        );
      });
      outgoing.end(payload);
    });
  }

  async function* watch(path: string, signal: AbortSignal): AsyncGenerator {
    const outgoing = request(new URL(path, server), {
      agent,
      signal,
      headers: { accept: "application/json", authorization: `Bearer ${token}` },
    });
    try {
      const answered = once(outgoing, "response") as Promise<[IncomingMessage]>;
      outgoing.end();
      const [incoming] = await answered;
      if (incoming.statusCode !== 200) throw new Error(`the answer is ${incoming.statusCode}`);
      let rest = "";
      for await (const chunk of incoming.setEncoding("utf8") as AsyncIterable<string>) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        yield* lines.map(parseJson);
      }
    } catch (error) {
      if (!signal.aborted) throw unreachable("WATCH", path, error);
    } finally {
      outgoing.destroy();
    }
  }

  return {
    watch,
    get: (path) => send("GET", path),
    post: (path, body) => send("POST", path, body),
    apply: (path, object) => send("PATCH", `${path}?fieldManager=operator-stand-in&force=true`, object, applyPatch),
    remove: (path, uid) => send("DELETE", path, uid === undefined ? undefined : { preconditions: { uid } }),
    review: accessReviews({ server, ca, token }),
    stop: () => agent.destroy(),
  };
}

function unreachable(method: string, path: string, error: unknown): Refusal {
  const why = error instanceof Error ? error.message : String(error);
  return new Refusal(500, "InternalError", `${method} ${path} failed: ${why}`);
}

/** Throws on more than `maxBytes`, and on a connection that ends too early. */
export async function readAll(incoming: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    total += chunk.length;
    if (total > maxBytes) {
      throw new Refusal(413, "RequestEntityTooLarge", `more than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
