import { usageError } from "../../errors.ts";
import type { UserInfo } from "../../kubernetes/access.ts";

/** Several values of one name are sent as several headers, never joined. */
export type Headers = Record<string, string | readonly string[]>;

/**
 * The headers that make the server take the caller for `user`: each group by itself, for one header with
 * `a, b` names one group of that strange name.
 * Source: client-go transport/round_trippers.go impersonatingRoundTripper
 * @throws UserError "usage" for names that cannot stand in a header
 */
export function impersonationHeaders(user: UserInfo): Headers {
  const headers: Record<string, string | string[]> = { "Impersonate-User": headerValue(user.name) };
  if (user.uid) headers["Impersonate-Uid"] = headerValue(user.uid);
  if (user.groups.length > 0) headers["Impersonate-Group"] = user.groups.map(headerValue);
  for (const [key, values] of Object.entries(user.extra ?? {})) {
    // Keys that differ in case only are one header, and one key to the server.
    const name = `Impersonate-Extra-${escapeKey(key).toLowerCase()}`;
    if (values.length > 0) headers[name] = [headers[name] ?? [], values.map(headerValue)].flat();
  }
  return headers;
}

/** UTF-8 bytes as the latin-1 text that Node writes byte by byte. */
function headerValue(text: string): string {
  // Anything else would end the header, or the request.
  // oxlint-disable-next-line no-control-regex
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(text)) {
    throw usageError(`cannot impersonate ${JSON.stringify(text)}: the name has control characters`);
  }
  return Buffer.from(text, "utf8").toString("latin1");
}

/** Bytes that no header name may have are percent-encoded, `%` too; the server decodes them. */
function escapeKey(key: string): string {
  return [...Buffer.from(key, "utf8")]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[!#$&'*+\-.^_`|~0-9A-Za-z]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}
