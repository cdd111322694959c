import { parseIpBlock } from "../policy/ip-block.ts";

/**
 * Why the client would refuse an entry of an outgoing or DNS filter, `[protocol://][name|address|subnet/bits][:port]`; undefined
 * when it would not. Source: mirrord/config/src/feature/network/filter.rs.
 */
export function addressProblem(entry: string, hasProtocol: boolean): string | undefined {
  const separator = hasProtocol ? entry.indexOf("://") : -1;
  const protocol = separator < 0 ? "any" : entry.slice(0, separator).toLowerCase();
  if (!["any", "tcp", "udp"].includes(protocol)) return `${protocol} is no protocol, only tcp and udp are`;
  const rest = separator < 0 ? entry : entry.slice(separator + 3);
  const parts = /^([A-Za-z0-9._-]+|\[[A-Za-z0-9:]+\])?(?:\/(\d+))?(?::(\d+))?$/.exec(rest);
  if (parts === null) return "not a name, an address or a subnet, with a port behind a colon";
  const [, written, bits, port] = parts;
  const address = written?.replaceAll(/^\[|\]$/g, "");
  if (port !== undefined && Number(port) > 65_535) return `${port} is no port`;
  if (address === undefined && bits === undefined && port === undefined && !hasProtocol) return "empty";
  if (bits === undefined) return undefined;
  const isSubnet = address !== undefined && parseIpBlock(`${address}/${Number(bits)}`) !== undefined;
  return isSubnet ? undefined : `${address ?? ""}/${bits} is no subnet`;
}
