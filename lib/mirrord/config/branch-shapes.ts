import { anyOf, flag, list, map, same, struct, tagged, text, u64, word, type Shape } from "./shape.ts";

// The queues and databases of which a session gets a part of its own, as the client's parser takes them
// (mirrord/config/src/feature/split_queues.rs and database_branches.rs at 3.250.0).

const protobuf = struct(
  { schema_file: text, include_directories: list(text), message_type: text, descriptor_base64: text },
  { required: ["message_type"], notNull: ["include_directories"] },
);

const queue = { queue_mode: word("steal", "mirror"), debug: flag, queue_type: text };
const queueFilter = { ...queue, message_filter: map(text), jq_filter: text };

/** `key` names the queue in a list; in an object its key does. */
function queueSplit(key: Readonly<Record<string, Shape>>): Shape {
  const required = ["queue_type", ...Object.keys(key)];
  const notNull = ["queue_mode", "debug"];
  const plain = struct({ ...key, ...queueFilter }, { required, notNull });
  return tagged(
    "queue_type",
    {
      ...same(plain, "SQS", "GCPPubSub", "RedisPubSub", "AzureServiceBus", "Temporal", "BullMQ"),
      Kafka: struct({ ...key, ...queueFilter, payload_protobuf: protobuf }, { required, notNull }),
      RMQ: struct(
        { ...key, ...queue, message_filter: map(text) },
        { required: [...required, "message_filter"], notNull },
      ),
    },
    // A type that is not known is refused later, by its name.
    struct({ ...key, ...queueFilter }, { required, notNull, open: true }),
  );
}

export const splitQueuesShape: Shape = (value, place) =>
  Array.isArray(value) ? list(queueSplit({ queue_id: text }))(value, place) : map(queueSplit({}))(value, place);

const variableSource = tagged("type", {
  env: struct({ type: text, container: text, variable: text, value: text }, { required: ["variable"] }),
  env_from: struct({ type: text, container: text, variable: text }, { required: ["variable"] }),
  secret: struct({ type: text, name: text, key: text }, { required: ["name", "key"] }),
});

const parameter = anyOf(
  "a variable, a secret or a value",
  text,
  struct({ secret: text, key: text }, { required: ["secret", "key"], open: true }),
  struct({ ...same(text, "env_var_name", "variable", "value") }, { open: true }),
);

const connection = anyOf(
  "a connection: url, or params",
  struct({ url: variableSource }, { required: ["url"], open: true }),
  struct({ type: word("env", "env_from"), url: text }, { required: ["url"], open: true }),
  struct(
    {
      type: word("env", "env_from"),
      params: struct(same(parameter, "host", "port", "user", "password", "database"), { open: true }),
    },
    { required: ["params"], open: true },
  ),
);

/** The items of a copy are passed on to the operator; only the mode is a closed list. */
const copy = (...modes: string[]) => struct({ mode: word(...modes) }, { required: ["mode"], open: true });

function database(copied: Shape): Shape {
  return struct(
    {
      ...same(text, "type", "id", "name", "version"),
      ...same(u64, "ttl_secs", "creation_timeout_secs"),
      connection,
      copy: copied,
      iam_auth: struct({ type: text }, { required: ["type"], open: true }),
    },
    { required: ["connection"], notNull: ["ttl_secs", "creation_timeout_secs", "copy"] },
  );
}

const tables = database(copy("empty", "schema", "all"));

/** Databases whose own keys are not known here: only what all of them have is looked at. */
const otherDatabase = struct({ ...same(text, "type", "id", "name", "version") }, { open: true });

export const databaseBranchShape = tagged("type", {
  ...same(tables, "mysql", "mariadb", "mssql", "pg"),
  mongodb: database(copy("empty", "all")),
  ...same(otherDatabase, "clickhouse", "cockroachdb", "dynamodb", "generic", "redis", "spanner"),
});
