import { isJsonObject, textIn, type JsonObject } from "../../json.ts";
import { parseTime } from "../../text/instant.ts";
import { apiRequest, isApiEvent, requestTime, type ApiRequest } from "./api-request.ts";
import { operatorEvent, type OperatorEvent } from "./operator-event.ts";

/** What a line of a log says about the use of mirrord. */
export type UsageRecord = OperatorEvent | ApiRequest;

/** A line that has none of these says nothing about mirrord. */
export const usageWords = ["client_user", "metalbear.co", "mirrord:grant:"] as const;

/** Where collectors of logs put the line, as text or as JSON that they have read already. */
const wrappers = [
  "log",
  "message",
  "msg",
  "MESSAGE",
  "line",
  "body",
  "event",
  "log_processed",
  "@message",
  "textPayload",
  "jsonPayload",
  "events",
  "items",
] as const;

/** A list of events in a line in a line. */
const DEEPEST = 4;

/**
 * The records in a line of a log, as it was written or as a collector wrapped it; undefined for a line that is no JSON.
 * Only the places that collectors use are looked into: what users choose themselves (a host name, a user agent) stands in others,
 * and could look like a record.
 */
export function recordsIn(line: string): UsageRecord[] | undefined {
  const value = jsonIn(line);
  if (value === undefined) return undefined;
  return rawEvents(value, DEEPEST).flatMap(({ from, event }) =>
    listOfOne(from === "api-server" ? apiRequest(event) : operatorEvent(event)),
  );
}

/** When what a line says happened, in milliseconds since 1970, and who says so, whatever it is about; undefined for other lines. */
export function lineTime(line: string): { from: UsageRecord["from"]; time: number } | undefined {
  const [first] = rawEvents(jsonIn(line), DEEPEST);
  if (first === undefined) return undefined;
  const { from, event } = first;
  const time = from === "api-server" ? requestTime(event) : parseTime(textIn(event["timestamp"]));
  return time === undefined ? undefined : { from, time };
}

interface RawEvent {
  from: UsageRecord["from"];
  event: JsonObject;
}

function rawEvents(value: unknown, depth: number): RawEvent[] {
  if (Array.isArray(value)) return depth === 0 ? [] : value.flatMap((item) => rawEvents(item, depth - 1));
  if (typeof value === "string") return depth === 0 ? [] : rawEvents(jsonIn(value), depth - 1);
  if (!isJsonObject(value)) return [];
  if (isApiEvent(value)) return [{ from: "api-server", event: value }];
  // The operator's own line, whatever it is about.
  if (isJsonObject(value["fields"]) && typeof value["level"] === "string") return [{ from: "operator", event: value }];
  return depth === 0 ? [] : wrappers.flatMap((key) => rawEvents(value[key], depth - 1));
}

const listOfOne = <Item>(item: Item | undefined): Item[] => (item === undefined ? [] : [item]);

/** What a container runtime, `kubectl logs --timestamps` and `--prefix` write before the line. */
const PREFIX = /^(?:\[pod\/[^\]\s]{1,600}\] )?(?:\d{4}-\d\d-\d\dT\S{1,40} )?(?:std(?:out|err) [FP] )?(?=[[{])/;

function jsonIn(text: string): unknown {
  const prefix = text.startsWith("{") ? "" : PREFIX.exec(text)?.[0];
  if (prefix === undefined) return undefined;
  try {
    return JSON.parse(prefix === "" ? text : text.slice(prefix.length));
  } catch {
    return undefined;
  }
}
