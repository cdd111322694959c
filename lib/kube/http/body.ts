import type { Readable } from "node:stream";
import { UnreadableAnswer } from "../../kubernetes/api-error.ts";
import { endLater } from "./end-later.ts";
import type { HttpResponse } from "./http.ts";

/** One page of a list is a few MiB; what is larger than this is no API server's answer, or a compression bomb. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** The whole body as text, decompressed. */
export async function readBody({ headers, body }: HttpResponse, maxBytes: number = MAX_BODY_BYTES): Promise<string> {
  const received = await readBytes(body, maxBytes);
  return (headers["content-encoding"] === "gzip" ? await gunzip(received, maxBytes) : received).toString("utf8");
}

// By events: an async iterator costs several times as much, and a preview has a dozen small answers.
function readBytes(body: Readable, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    body.on("data", (chunk: Buffer | string) => {
      const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
      size += buffer.length;
      if (size <= maxBytes) chunks.push(buffer);
      else {
        reject(tooLarge(maxBytes));
        endLater(body);
      }
    });
    body.on("end", () => resolve(Buffer.concat(chunks)));
    body.on("error", reject);
    // After an end or an error nobody listens any more.
    body.on("close", () => reject(new Error("socket hang up")));
  });
}

async function gunzip(compressed: Buffer, maxBytes: number): Promise<Buffer> {
  const [{ gunzip: unzip }, { promisify }] = await Promise.all([import("node:zlib"), import("node:util")]);
  try {
    return await promisify(unzip)(compressed, { maxOutputLength: maxBytes, chunkSize: pieceBytes(compressed) });
  } catch (cause) {
    const isTooLarge = cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE";
    if (isTooLarge) throw tooLarge(maxBytes);
    throw new UnreadableAnswer("the server's answer is damaged: it cannot be decompressed", undefined, {
      cause,
    });
  }
}

/** In pieces of 16 KiB, which is the default, a large list takes several times as long; a small answer needs no more. */
const pieceBytes = ({ length }: Buffer) => Math.min(Math.max(16 * 1024, length * 8), 1024 * 1024);

function tooLarge(maxBytes: number): UnreadableAnswer {
  return new UnreadableAnswer(`the server's answer is larger than ${maxBytes / 1024 / 1024} MiB`);
}
