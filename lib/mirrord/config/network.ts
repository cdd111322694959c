import { isJsonObject, objectIn } from "../../json.ts";
import { usageError } from "../../errors.ts";
import { flagIn, optionalText, portList, textList, wordIn, type Decoded, type Report } from "./decoded.ts";
import { envFlag, envList, envText, envWord, type Environment } from "./env.ts";
import { concurrentSteals, incomingModes, type IncomingConfig, type OutgoingConfig } from "./session-config.ts";
import type { HttpFilter } from "../plan/session-use.ts";

export interface NetworkConfig {
  incoming: IncomingConfig;
  outgoing: OutgoingConfig;
  dns: boolean;
}

/** Reads `feature.network` and the variables that stand above it; `network: false` is all of it off. */
export function networkIn(feature: Decoded, env: Environment, report: Report): NetworkConfig {
  const isOn = feature["network"] !== false;
  const { incoming, outgoing, dns } = objectIn(feature["network"]);
  return {
    incoming: incomingIn(incoming, env, isOn, report),
    outgoing: outgoingIn(outgoing, env, isOn),
    dns: envFlag(env, "MIRRORD_REMOTE_DNS") ?? flagIn(dns) ?? flagIn(objectIn(dns)["enabled"]) ?? isOn,
  };
}

function incomingIn(given: unknown, env: Environment, isOn: boolean, report: Report): IncomingConfig {
  const incoming = objectIn(given);
  const word = wordIn(given, incomingModes) ?? wordIn(incoming["mode"], incomingModes);
  const ports = portList(incoming["ports"]);
  return {
    mode: stealVariable(env) ?? word ?? (isOn && given !== false ? "mirror" : "off"),
    ...httpFilterIn(objectIn(incoming["http_filter"]), env, report),
    ...(ports === undefined ? {} : { ports }),
    ignorePorts: portList(incoming["ignore_ports"]) ?? [],
    onConcurrentSteal:
      envWord(env, "MIRRORD_OPERATOR_ON_CONCURRENT_STEAL", concurrentSteals) ??
      wordIn(incoming["on_concurrent_steal"], concurrentSteals) ??
      "abort",
  };
}

// The variable is older than the modes: true is steal, false is mirror.
function stealVariable(env: Environment): IncomingConfig["mode"] | undefined {
  const word = envWord(env, "MIRRORD_AGENT_TCP_STEAL_TRAFFIC", ["true", "false", ...incomingModes]);
  if (word === "true") return "steal";
  return word === "false" ? "mirror" : word;
}

function httpFilterIn(
  filter: Decoded,
  env: Environment,
  report: Report,
): Pick<IncomingConfig, "filter" | "filterPorts"> {
  const where = "feature.network.incoming.http_filter";
  const text = (name: string, variable: string) => envText(env, variable) ?? optionalText(filter[name]);
  const header = text("header_filter", "MIRRORD_HTTP_HEADER_FILTER");
  const path = text("path_filter", "MIRRORD_HTTP_PATH_FILTER");
  const method = text("method_filter", "MIRRORD_HTTP_METHOD_FILTER");
  const headerJq = text("header_filter_jq", "MIRRORD_HTTP_HEADER_FILTER_JQ");
  const { body_filter: body, all_of: allOf, any_of: anyOf } = filter;
  const exclusive: HttpFilter[] = [
    ...(path === undefined ? [] : [{ path }]),
    ...(header === undefined ? [] : [{ header }]),
    ...(Array.isArray(allOf) ? [{ allOf: allOf.flatMap(innerFilter) }] : []),
    ...(Array.isArray(anyOf) ? [{ anyOf: anyOf.flatMap(innerFilter) }] : []),
    ...(isJsonObject(body) ? [{ body }] : []),
  ];
  if (exclusive.length > 1) {
    report(where, "holds several filters; mirrord combines them only in all_of or any_of");
  }
  const filters: HttpFilter[] = [
    ...exclusive,
    ...(method === undefined ? [] : [{ method }]),
    ...(headerJq === undefined ? [] : [{ headerJq }]),
  ];
  if (filters.some(isEmptyFilter)) report(where, "holds an empty filter");
  const filterPorts = filterPortsVariable(env) ?? portList(filter["ports"]);
  const [only] = filters;
  if (only === undefined) return {};
  return {
    filter: filters.length === 1 ? only : { allOf: filters },
    ...(filterPorts === undefined ? {} : { filterPorts }),
  };
}

function filterPortsVariable(env: Environment): number[] | undefined {
  const name = "MIRRORD_HTTP_FILTER_PORTS";
  return envList(env, name)?.map((text) => {
    const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
    if (port <= 65_535) return port;
    throw usageError(`${name} holds ${JSON.stringify(text)}, which is no port`);
  });
}

function isEmptyFilter(filter: HttpFilter): boolean {
  if ("allOf" in filter) return filter.allOf.length === 0 || filter.allOf.some(isEmptyFilter);
  if ("anyOf" in filter) return filter.anyOf.length === 0 || filter.anyOf.some(isEmptyFilter);
  return Object.values(filter).includes("");
}

/** In the client's order: the first shape that fits is taken. */
function innerFilter(entry: unknown): HttpFilter[] {
  const { header, path, method, body, query } = objectIn(entry);
  if (typeof header === "string") return [{ header }];
  if (typeof path === "string") return [{ path }];
  if (typeof method === "string") return [{ method }];
  if (body === "json") return [{ body: objectIn(entry) }];
  return typeof query === "string" ? [{ headerJq: query }] : [];
}

function outgoingIn(given: unknown, env: Environment, isOn: boolean): OutgoingConfig {
  const outgoing = objectIn(given);
  const byDefault = isOn && given !== false;
  const [[side, addresses] = []] = Object.entries(objectIn(outgoing["filter"]));
  const filterSide = wordIn(side, ["local", "remote"]);
  return {
    tcp: envFlag(env, "MIRRORD_TCP_OUTGOING") ?? flagIn(outgoing["tcp"]) ?? byDefault,
    udp: envFlag(env, "MIRRORD_UDP_OUTGOING") ?? flagIn(outgoing["udp"]) ?? byDefault,
    ...(filterSide === undefined ? {} : { filter: { side: filterSide, addresses: textList(addresses) ?? [] } }),
  };
}
