import { UserError } from "../errors.ts";
import type { HttpResponse } from "./http.ts";

/** One page of a list is a few MiB; what is larger than this is no API server's answer, or a compression bomb. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** The whole body as text, decompressed. */
export async function readBody({ headers, body }: HttpResponse): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += buffer.length;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(buffer);
  }
  const received = Buffer.concat(chunks);
  return (headers["content-encoding"] === "gzip" ? await gunzip(received) : received).toString("utf8");
}

async function gunzip(compressed: Buffer): Promise<Buffer> {
  const [{ gunzip: unzip }, { promisify }] = await Promise.all([import("node:zlib"), import("node:util")]);
  try {
    return await promisify(unzip)(compressed, { maxOutputLength: MAX_BODY_BYTES });
  } catch (cause) {
    const isTooLarge = cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE";
    if (isTooLarge) throw tooLarge();
    throw new UserError("undetermined", "the server's answer is damaged: it cannot be decompressed", undefined, {
      cause,
    });
  }
}

function tooLarge(): UserError {
  return new UserError("undetermined", `the server's answer is larger than ${MAX_BODY_BYTES / 1024 / 1024} MiB`);
}
