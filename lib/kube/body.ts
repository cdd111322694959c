import { UserError } from "../errors.ts";
import type { HttpResponse } from "./http.ts";

/** One page of a list is a few MiB; what is larger than this is no API server's answer, or a compression bomb. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** The whole body as text, decompressed. */
export async function readBody({ headers, body }: HttpResponse, maxBytes: number = MAX_BODY_BYTES): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += buffer.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(buffer);
  }
  const received = Buffer.concat(chunks);
  return (headers["content-encoding"] === "gzip" ? await gunzip(received, maxBytes) : received).toString("utf8");
}

async function gunzip(compressed: Buffer, maxBytes: number): Promise<Buffer> {
  const [{ gunzip: unzip }, { promisify }] = await Promise.all([import("node:zlib"), import("node:util")]);
  try {
    return await promisify(unzip)(compressed, { maxOutputLength: maxBytes });
  } catch (cause) {
    const isTooLarge = cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE";
    if (isTooLarge) throw tooLarge(maxBytes);
    throw new UserError("undetermined", "the server's answer is damaged: it cannot be decompressed", undefined, {
      cause,
    });
  }
}

function tooLarge(maxBytes: number): UserError {
  return new UserError("undetermined", `the server's answer is larger than ${maxBytes / 1024 / 1024} MiB`);
}
