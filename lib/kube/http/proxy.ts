import { BlockList, isIP } from "node:net";
import { usageError } from "../../errors.ts";
import type { ConnectionConfig } from "../config/connection-config.ts";
import { withoutPassword } from "../config/without-password.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy between here and the server: the kubeconfig's, else the environment's as Go reads it (golang.org/x/net
 * http/httpproxy), which knows none for this machine itself. Undefined: connect directly.
 */
export function proxyFor(config: Pick<ConnectionConfig, "server" | "proxyUrl">, env: Environment): URL | undefined {
  const server = new URL(config.server);
  if (config.proxyUrl !== "") return withReadableUser(new URL(config.proxyUrl));
  const value = server.protocol === "https:" ? variable(env, "HTTPS_PROXY") : variable(env, "HTTP_PROXY");
  if (value === "" || isLocal(server) || isExcluded(server, variable(env, "NO_PROXY"))) return undefined;
  const proxy = URL.parse(value.includes("://") ? value : `http://${value}`);
  if (proxy === null) throw usageError(`invalid proxy address "${withoutPassword(value)}" in the environment`);
  return withReadableUser(proxy);
}

/** The agents would find out only after they have begun to connect. */
function withReadableUser(proxy: URL): URL {
  try {
    decodeURIComponent(proxy.username + proxy.password);
    return proxy;
  } catch (cause) {
    const fault = "its user or password is not UTF-8 behind the escapes";
    throw usageError(`invalid proxy address "${withoutPassword(proxy.href)}": ${fault}`, [], { cause });
  }
}

function variable(env: Environment, name: string): string {
  return env[name] || env[name.toLowerCase()] || "";
}

function proxiedHost(server: URL): string {
  return server.hostname.replaceAll(/[[\]]/g, "").toLowerCase();
}

function isLocal(server: URL): boolean {
  const host = proxiedHost(server);
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** Entries: `*`, address, CIDR, `host`, `.domain`, `*.domain`, each perhaps with `:port`; a bare name covers its subdomains. */
function isExcluded(server: URL, list: string): boolean {
  const host = proxiedHost(server);
  const port = server.port || (server.protocol === "https:" ? "443" : "80");
  return list
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry === "*" || matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === "") return false;
  if (entry.includes("/")) return isInNetwork(entry, host);
  const [, name = entry, onlyPort] = isIP(entry) === 6 ? [] : (/^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? []);
  if (onlyPort !== undefined && onlyPort !== port) return false;
  if (isIP(name) !== 0 || isIP(host) !== 0) return name === host;
  if (name.startsWith("*.")) return host.endsWith(name.slice(1));
  if (name.startsWith(".")) return host.endsWith(name);
  return host === name || host.endsWith(`.${name}`);
}

function isInNetwork(cidr: string, host: string): boolean {
  const [network = "", prefix = ""] = cidr.split("/");
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  if (isIP(network) === 0 || isIP(host) !== isIP(network) || !/^\d+$/.test(prefix)) return false;
  const networks = new BlockList();
  try {
    networks.addSubnet(network, Number(prefix), family);
  } catch {
    return false;
  }
  return networks.check(host, family);
}
