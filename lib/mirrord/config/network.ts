import { isJsonObject } from "../../json.ts";
import { UserError } from "../../errors.ts";
import { envFlag, envList, envText, envWord, type Environment } from "./env.ts";
import { oneOrMoreTextsAt, portsAt, toggleAt, wordAt } from "./fields.ts";
import {
  fieldAt,
  flagAt,
  listAt,
  objectAt,
  fieldPath,
  textAt,
  type ObjectFields,
} from "../../kubernetes/object-fields.ts";
import { concurrentSteals, incomingModes, type IncomingConfig, type OutgoingConfig } from "./session-config.ts";
import type { HttpFilter } from "../plan/session-use.ts";

export interface NetworkConfig {
  incoming: IncomingConfig;
  outgoing: OutgoingConfig;
  dns: boolean;
}

/** Reads `feature.network` and the variables that stand above it; `network: false` is all of it off. */
export function networkAt(feature: ObjectFields, env: Environment): NetworkConfig {
  const { enabled, fields } = toggleAt(feature, "network");
  const network = fields ?? { values: {}, path: "feature.network", report: feature.report };
  const isOn = enabled !== false;
  return {
    incoming: incomingAt(network, env, isOn),
    outgoing: outgoingAt(network, env, isOn),
    dns: dnsAt(network, env, isOn),
  };
}

function incomingAt(network: ObjectFields, env: Environment, isOn: boolean): IncomingConfig {
  const isWord = typeof fieldAt(network, "incoming") === "string";
  const { enabled, fields } = isWord ? { enabled: undefined, fields: undefined } : toggleAt(network, "incoming");
  const incoming = fields ?? { values: {}, path: "feature.network.incoming", report: network.report };
  const word = isWord ? wordAt(network, "incoming", incomingModes) : wordAt(incoming, "mode", incomingModes);
  const byDefault = isOn && enabled !== false ? "mirror" : "off";
  const ports = portsAt(incoming, "ports");
  return {
    mode: stealVariable(env) ?? word ?? byDefault,
    ...httpFilterAt(incoming, env),
    ...(ports === undefined ? {} : { ports }),
    ignorePorts: portsAt(incoming, "ignore_ports") ?? [],
    onConcurrentSteal:
      envWord(env, "MIRRORD_OPERATOR_ON_CONCURRENT_STEAL", concurrentSteals) ??
      wordAt(incoming, "on_concurrent_steal", concurrentSteals) ??
      "abort",
  };
}

// The variable is older than the modes: true is steal, false is mirror.
function stealVariable(env: Environment): IncomingConfig["mode"] | undefined {
  const word = envWord(env, "MIRRORD_AGENT_TCP_STEAL_TRAFFIC", ["true", "false", ...incomingModes]);
  if (word === "true") return "steal";
  return word === "false" ? "mirror" : word;
}

function httpFilterAt(incoming: ObjectFields, env: Environment): Pick<IncomingConfig, "filter" | "filterPorts"> {
  const { fields } = toggleAt(incoming, "http_filter");
  const filter = fields ?? { values: {}, path: "feature.network.incoming.http_filter", report: incoming.report };
  const text = (name: string, variable: string) => envText(env, variable) ?? textAt(filter, name);
  const header = text("header_filter", "MIRRORD_HTTP_HEADER_FILTER");
  const path = text("path_filter", "MIRRORD_HTTP_PATH_FILTER");
  const method = text("method_filter", "MIRRORD_HTTP_METHOD_FILTER");
  const headerJq = text("header_filter_jq", "MIRRORD_HTTP_HEADER_FILTER_JQ");
  const body = objectAt(filter, "body_filter");
  const allOf = innerFilters(filter, "all_of");
  const anyOf = innerFilters(filter, "any_of");
  const exclusive: HttpFilter[] = [
    ...(path === undefined ? [] : [{ path }]),
    ...(header === undefined ? [] : [{ header }]),
    ...(allOf === undefined ? [] : [{ allOf }]),
    ...(anyOf === undefined ? [] : [{ anyOf }]),
    ...(body === undefined ? [] : [{ body }]),
  ];
  if (exclusive.length > 1) {
    filter.report(filter.path, "holds several filters; mirrord combines them only in all_of or any_of");
  }
  const filters: HttpFilter[] = [
    ...exclusive,
    ...(method === undefined ? [] : [{ method }]),
    ...(headerJq === undefined ? [] : [{ headerJq }]),
  ];
  if (filters.some(isEmptyFilter)) filter.report(filter.path, "holds an empty filter");
  const filterPorts = filterPortsVariable(env) ?? portsAt(filter, "ports");
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
    throw new UserError("usage", `${name} holds ${JSON.stringify(text)}, which is no port`);
  });
}

function isEmptyFilter(filter: HttpFilter): boolean {
  if ("allOf" in filter) return filter.allOf.length === 0 || filter.allOf.some(isEmptyFilter);
  if ("anyOf" in filter) return filter.anyOf.length === 0 || filter.anyOf.some(isEmptyFilter);
  return Object.values(filter).includes("");
}

function innerFilters(filter: ObjectFields, name: string): HttpFilter[] | undefined {
  return listAt(filter, name)?.flatMap((entry, index): HttpFilter[] => {
    const read = isJsonObject(entry) ? innerFilter(entry) : undefined;
    if (read === undefined) {
      filter.report(`${fieldPath(filter, name)}[${index}]`, "is no filter with a header, path, method, body or query");
    }
    return read === undefined ? [] : [read];
  });
}

// In the client's order: the first shape that fits is taken.
function innerFilter(entry: Record<string, unknown>): HttpFilter | undefined {
  const { header, path, method, body, query, matches } = entry;
  if (typeof header === "string") return { header };
  if (typeof path === "string") return { path };
  if (typeof method === "string") return { method };
  if (body === "json" && typeof query === "string" && typeof matches === "string") return { body: entry };
  return typeof query === "string" ? { headerJq: query } : undefined;
}

function outgoingAt(network: ObjectFields, env: Environment, isOn: boolean): OutgoingConfig {
  const { enabled, fields } = toggleAt(network, "outgoing");
  const outgoing = fields ?? { values: {}, path: "feature.network.outgoing", report: network.report };
  const byDefault = isOn && enabled !== false;
  const filter = outgoingFilterAt(outgoing);
  return {
    tcp: envFlag(env, "MIRRORD_TCP_OUTGOING") ?? flagAt(outgoing, "tcp") ?? byDefault,
    udp: envFlag(env, "MIRRORD_UDP_OUTGOING") ?? flagAt(outgoing, "udp") ?? byDefault,
    ...(filter === undefined ? {} : { filter }),
  };
}

function outgoingFilterAt(outgoing: ObjectFields): OutgoingConfig["filter"] {
  const object = objectAt(outgoing, "filter");
  if (object === undefined) return undefined;
  const filter: ObjectFields = { values: object, path: fieldPath(outgoing, "filter"), report: outgoing.report };
  const side = "local" in object ? "local" : "remote";
  return { side, addresses: oneOrMoreTextsAt(filter, side) ?? [] };
}

function dnsAt(network: ObjectFields, env: Environment, isOn: boolean): boolean {
  const { enabled, fields } = toggleAt(network, "dns");
  const inFile = fields === undefined ? enabled : flagAt(fields, "enabled");
  return envFlag(env, "MIRRORD_REMOTE_DNS") ?? inFile ?? isOn;
}
