import { isJsonObject, objectIn, textIn } from "../../json.ts";
import { textFields } from "./session-fields.ts";
import type { Session } from "./session.ts";

// The queues that sessions split, from the operator's own objects inside the session entries. Pure.

/** Of SQS and RabbitMQ. Source: MirrordSQSSession and MirrordRMQSession, operator contract appendix A. */
export interface QueueSplit {
  session: string;
  user: string;
  /** Its name in the mirrord configuration. */
  queue: string;
  /** Undefined until the split is ready. */
  originalName?: string;
  outputName?: string;
  filter: string;
}

/** Source: MirrordKafkaEphemeralTopic.spec, operator contract appendix A. */
export interface TopicSplit {
  session: string;
  user: string;
  topic: string;
  clientConfig: string;
  /** Fallback: what no session's filter wants. */
  type: "Filtered" | "Fallback";
}

export function queueSplits(sessions: readonly Session[], kind: "sqs" | "rmq"): QueueSplit[] {
  return sessions.flatMap((session) => session.queues[kind].flatMap((split) => parseSplit(split, session)));
}

function parseSplit(split: unknown, { id, user }: Session): QueueSplit[] {
  const spec = objectIn(objectIn(split)["spec"]);
  const names = queueNames(objectIn(objectIn(split)["status"]));
  const filters = { ...objectIn(spec["queueJqFilters"]), ...objectIn(spec["queueFilters"]) };
  const queues = [...new Set([...Object.keys(filters), ...Object.keys(names)])];
  return queues.map((queue) => {
    const { originalName, outputName } = objectIn(names[queue]);
    return {
      session: id,
      user,
      queue,
      ...textFields({ originalName, outputName }),
      filter: filterText(filters[queue]),
    };
  });
}

/** The status is one of several states, of which some know the names: `Ready`, `RegisteringFilters`. */
function queueNames(status: Record<string, unknown>): Record<string, unknown> {
  const state = Object.values(status).find((each) => isJsonObject(objectIn(each)["queueNames"]));
  return objectIn(objectIn(state)["queueNames"]);
}

/** `attribute=regex`, several joined by commas, or a jq program. */
function filterText(filter: unknown): string {
  if (!isJsonObject(filter)) return textIn(filter);
  return Object.entries(filter)
    .map(([name, value]) => `${name}=${textIn(value)}`)
    .join(",");
}

/** An entry is a topic's spec; a whole object is taken too. */
export function topicSplits(sessions: readonly Session[]): TopicSplit[] {
  return sessions.flatMap(({ id, user, queues }) =>
    queues.kafka.filter(isJsonObject).map((entry) => {
      const spec = isJsonObject(entry["spec"]) ? entry["spec"] : entry;
      const topic = textIn(spec["name"]);
      const type = topic.includes("-fallback-") ? "Fallback" : "Filtered";
      return { session: id, user, topic, clientConfig: textIn(spec["clientConfig"]), type };
    }),
  );
}
