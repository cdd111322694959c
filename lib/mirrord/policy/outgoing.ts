import { isJsonObject } from "../../json.ts";
import type { Answer } from "../../kubernetes/access.ts";
import { parseIpAddress, parseIpBlock, type IpAddress, type IpBlock } from "./ip-block.ts";
import {
  fieldAt,
  fieldsAt,
  listAt,
  fieldPath,
  textAt,
  textsAt,
  type ObjectFields,
} from "../../kubernetes/object-fields.ts";
import { regexAt, type PolicyRegex } from "./regex.ts";
import type { OutgoingConnection } from "../plan/session-use.ts";
import { toAnswer, every, some } from "../../kubernetes/answers.ts";

/** One entry of `spec.network.outgoing.allow` or `block`. */
export interface OutgoingRule {
  hostname?: PolicyRegex | undefined;
  matches(connection: OutgoingConnection): Answer;
}

export interface OutgoingLimits {
  allow: OutgoingRule[];
  block: OutgoingRule[];
}

export function outgoingLimitsAt(fields: ObjectFields): OutgoingLimits {
  return { allow: rulesAt(fields, "allow"), block: rulesAt(fields, "block") };
}

/**
 * Whether one policy lets the connection pass: without rules yes; a non-empty allow list must have a match; a match in
 * the block list refuses even so. Source: MirrordPolicy.spec.network.outgoing, operator contract section 7.
 */
export function outgoingAllowed({ allow, block }: OutgoingLimits, connection: OutgoingConnection): Answer {
  const matches = (rules: OutgoingRule[]) => some(rules.map((rule) => rule.matches(connection)));
  const blocked = matches(block);
  if (blocked === "yes") return "no";
  return every([allow.length === 0 ? "yes" : matches(allow), blocked === "no" ? "yes" : "unknown"]);
}

function rulesAt(fields: ObjectFields, name: string): OutgoingRule[] {
  return (listAt(fields, name) ?? []).map((entry, index) => {
    const path = `${fieldPath(fields, name)}[${index}]`;
    if (!isJsonObject(entry)) {
      fields.report(path, "is not an object");
      return { matches: () => "unknown" };
    }
    return readRule({ values: entry, path, report: fields.report });
  });
}

/** All parts that are there must match; a part that cannot be read makes the rule "unknown" where the others match. */
function readRule(fields: ObjectFields): OutgoingRule {
  const ipBlock = fieldAt(fields, "ipBlock") === undefined ? undefined : readIpBlock(fieldsAt(fields, "ipBlock"));
  const hostname = regexAt(fields, "hostname");
  const ports = (listAt(fields, "ports") ?? []).map((entry, index) => readPort(fields, entry, index));
  return {
    hostname,
    matches: (connection) =>
      every([
        ...(ipBlock === undefined ? [] : [ipBlock(connection.address)]),
        ...(hostname === undefined ? [] : [hostMatches(hostname, connection)]),
        ...(ports.length === 0 ? [] : [some(ports.map((port) => port(connection)))]),
      ]),
  };
}

function readIpBlock(fields: ObjectFields): (address: string | undefined) => Answer {
  const range = parseIpBlock(textAt(fields, "cidr") ?? "");
  if (range === undefined) fields.report(fieldPath(fields, "cidr"), "is not an address range such as 10.0.0.0/16");
  const exceptions = (textsAt(fields, "except") ?? []).map((exception, index): IpBlock | undefined => {
    const block = parseIpBlock(exception);
    if (block === undefined) fields.report(`${fieldPath(fields, "except")}[${index}]`, "is not an address range");
    return block;
  });
  const isExcepted = (address: IpAddress): Answer =>
    some(exceptions.map((block) => (block === undefined ? "unknown" : toAnswer(block.contains(address)))));
  return (text) => {
    const address = text === undefined ? undefined : parseIpAddress(text);
    if (address === undefined || range === undefined) return "unknown";
    if (!range.contains(address)) return "no";
    const excepted = isExcepted(address);
    return excepted === "unknown" ? "unknown" : toAnswer(excepted === "no");
  };
}

// A connection to an address may have been a name before the client looked it up: no name given is no answer.
function hostMatches(hostname: PolicyRegex, { host }: OutgoingConnection): Answer {
  return host === undefined ? "unknown" : hostname.find(host);
}

function readPort(fields: ObjectFields, entry: unknown, index: number): (connection: OutgoingConnection) => Answer {
  const { protocol, port } = isJsonObject(entry) ? entry : {};
  const isPort = typeof port === "number" && Number.isInteger(port) && port >= 0 && port <= 65_535;
  if ((protocol !== "TCP" && protocol !== "UDP") || !isPort) {
    fields.report(
      `${fieldPath(fields, "ports")}[${index}]`,
      "needs a protocol, TCP or UDP, and a port from 0 to 65535",
    );
    return () => "unknown";
  }
  return (connection) => toAnswer(connection.protocol === protocol && connection.port === port);
}
