import { entryOf, objectIn, textIn, type JsonObject } from "../../json.ts";
import { formatTarget, targetIn } from "../../mirrord/target.ts";
import { remembered } from "../../text/remembered.ts";
import { parseTime } from "../../text/instant.ts";

/** What the operator says of a session that uses it. Source: operator contract section 5.5. */
export interface OperatorEvent {
  from: "operator";
  event: "start" | "end" | "steal" | "mirror" | "copy";
  user: string;
  /** "" where the operator does not say it. */
  namespace: string;
  /** `deployment/web` or `targetless`; every copy is `copy`, as the operator gives each a name of its own. */
  target: string;
  /** Milliseconds since 1970. */
  time?: number;
  /** Of an end: whole milliseconds. */
  duration?: number;
  /** Of a steal: by a filter, so that others go on as before. */
  filtered?: boolean;
  /** Of a copy: the workload itself was stopped. */
  scaleDown?: boolean;
}

const events: Readonly<Record<string, OperatorEvent["event"]>> = {
  "Session Start": "start",
  "Session End": "end",
  "Port Steal": "steal",
  "Port Mirror": "mirror",
  "Copy Target": "copy",
};

/** Undefined for the operator's other lines. The two spellings of a target that are documented come to the same. */
export function operatorEvent(line: JsonObject): OperatorEvent | undefined {
  const fields = objectIn(line["fields"]);
  const message = textIn(fields["message"]);
  const event = entryOf(events, message);
  const user = textIn(fields["client_user"]);
  if (event === undefined || user === "") return undefined;
  const record: OperatorEvent = {
    from: "operator",
    event,
    user,
    namespace: textIn(fields["target_namespace"]),
    target: targetText(fields),
  };
  const time = parseTime(textIn(line["timestamp"]));
  if (time !== undefined) record.time = time;
  const duration = event === "end" ? numberIn(fields["session_duration"]) : undefined;
  if (duration !== undefined) record.duration = Math.round(duration * 1000);
  if (event === "steal") record.filtered = textIn(fields["http_filter"]) !== "";
  if (event === "copy") record.scaleDown = String(fields["scale_down"]) === "true";
  return record;
}

function targetText(fields: JsonObject): string {
  const [kind, name] = [textIn(fields["target_type"]), textIn(fields["target_name"])];
  if (name !== "") return usualTargetOfKind(kind)(name);
  const target = textIn(fields["target"]);
  return target === "" ? "targetless" : usualTarget(target);
}

const COPY = /(?:^|\/)mirrord-copy-/;

/** Without its container. */
export const usualTarget = remembered((path: string): string => {
  if (COPY.test(path)) return "copy";
  const target = targetIn(path);
  if (target === undefined || target.kind === "targetless" || target.kind === "label") return path;
  return formatTarget({ kind: target.kind, name: target.name });
});

const usualTargetOfKind = remembered(
  (kind: string) => remembered((name) => usualTarget(kind === "" ? name : `${kind.toLowerCase()}/${name}`)),
  100,
);

/** Numbers may come as texts. */
function numberIn(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  const isUsable = typeof number === "number" && number >= 0 && number <= MOST_SECONDS;
  return isUsable ? number : undefined;
}

/** A hundred years: no session takes that long. */
const MOST_SECONDS = 100 * 366 * 24 * 3600;
