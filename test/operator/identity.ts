import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";

/** The user that the API server authenticated and passed on. */
export interface Identity {
  name: string;
  groups: string[];
  uid?: string;
  extra: Record<string, string[]>;
}

/** Whether the peer proved with its own certificate that it is the aggregation layer. */
export function isFrontProxy(request: IncomingMessage, allowedNames: readonly string[]): boolean {
  const { socket } = request;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return false;
  const name = commonName(socket.getPeerX509Certificate()?.subject);
  return allowedNames.length === 0 || allowedNames.includes(name);
}

function commonName(subject: string | undefined): string {
  return /^CN=(.*)$/m.exec(subject ?? "")?.[1] ?? "";
}

/** The user of the X-Remote headers, or undefined without a user name. */
export function remoteIdentity(headers: NodeJS.Dict<string[]>): Identity | undefined {
  const [name = ""] = texts(headers["x-remote-user"]);
  if (name === "") return undefined;
  const [uid] = texts(headers["x-remote-uid"]);
  const extra: Record<string, string[]> = {};
  const prefix = "x-remote-extra-";
  for (const [header, values] of Object.entries(headers)) {
    if (header.startsWith(prefix)) extra[extraKey(header.slice(prefix.length))] = texts(values);
  }
  const identity = { name, groups: texts(headers["x-remote-group"]), extra };
  return uid === undefined ? identity : { ...identity, uid };
}

/** Node reads header bytes as Latin-1; the API server writes user names in UTF-8. */
export function texts(values: readonly string[] | undefined): string[] {
  return (values ?? []).map((value) => Buffer.from(value, "latin1").toString("utf8"));
}

// The API server percent-encodes what a header name cannot hold, such as the slash of "example.org/scope".
function extraKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
