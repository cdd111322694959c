import type { Agent } from "node:http";
import type { ConnectionOptions } from "node:tls";
import { usageError } from "../../errors.ts";
import { keepAlive } from "./http1-client.ts";

/**
 * An agent that goes through the proxy. The packages are loaded one by one, when needed.
 * @param tls for the server behind the proxy
 */
export async function proxyAgent(proxy: URL, tls: ConnectionOptions | undefined): Promise<Agent> {
  const agent = await agentFor(proxy, tls);
  // Given with each request instead, a `checkServerIdentity` would keep connections from being used twice.
  Object.assign(agent, { options: { ...Reflect.get(agent, "options"), ...tls } });
  return agent;
}

async function agentFor(proxy: URL, tls: ConnectionOptions | undefined): Promise<Agent> {
  if (proxy.protocol.startsWith("socks")) {
    const { SocksProxyAgent } = await import("socks-proxy-agent");
    // The proxy resolves the name, as in Go.
    const address = proxy.href.replace(/^socks5:/, "socks5h:");
    return new SocksProxyAgent(address, keepAlive);
  }
  if (proxy.protocol !== "http:" && proxy.protocol !== "https:") {
    throw usageError(`proxy: unknown scheme: ${proxy.protocol.slice(0, -1)}`);
  }
  const { HttpsProxyAgent } = await import("https-proxy-agent");
  // Go's transport has one TLS configuration, for the proxy as for the server behind it.
  const { secureContext, rejectUnauthorized } = tls ?? {};
  return new HttpsProxyAgent(proxy, {
    ...keepAlive,
    ...(secureContext === undefined ? {} : { secureContext }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  });
}
