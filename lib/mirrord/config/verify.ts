import { listIn, objectIn, textIn } from "../../json.ts";
import { shown } from "../../kubernetes/object-fields.ts";
import { programSize } from "../policy/rust-regex-size.ts";
import { compileRustRegex } from "../policy/rust-regex.ts";
import { addressProblem } from "./address-filter.ts";
import { textList, type Decoded, type Report } from "./decoded.ts";

/**
 * What the client refuses after it has read a file whose shape is right: values that contradict each other, and texts in a
 * language of their own. `values` is the decoded file; `isTargetless` counts the environment, too. Never throws.
 * Source: mirrord/config/src/lib.rs `verify` and the `verify` of each feature.
 */
export function verifyValues(values: Decoded, isTargetless: boolean, report: Report): void {
  const feature = objectIn(values["feature"]);
  const network = objectIn(feature["network"]);
  verifyIncoming(objectIn(network["incoming"]), report);
  verifyAddresses(objectIn(objectIn(network["dns"])["filter"]), "feature.network.dns.filter", false, report);
  verifyAddresses(objectIn(objectIn(network["outgoing"])["filter"]), "feature.network.outgoing.filter", true, report);
  const verifyRegex = regexVerifier(report);
  verifyEnvironment(feature, report, verifyRegex);
  verifyQueues(feature["split_queues"], report, verifyRegex);
  verifyPreview(objectIn(feature["preview"]), report);
  const buffer = objectIn(feature["fs"])["readonly_file_buffer"];
  if (typeof buffer === "number" && buffer > 15 * 1024 * 1024) {
    report("feature.fs.readonly_file_buffer", "is more than 15 megabytes");
  }
  if (isTargetless && objectIn(values["agent"])["ephemeral"] === true) {
    report("agent.ephemeral", "needs a target: a targetless agent has no pod to be a container of");
  }
  verifyRetries(objectIn(values["startup_retry"]), report);
}

function verifyIncoming(incoming: Decoded, report: Report): void {
  const path = "feature.network.incoming";
  const sources = listIn(incoming["port_mapping"]).map((pair) => listIn(pair)[0]);
  const seen = new Set<unknown>();
  const repeated = sources.find((source) => seen.size === seen.add(source).size);
  if (repeated !== undefined) report(`${path}.port_mapping`, `maps port ${shown(repeated)} twice`);
  if (isSet(incoming["tls_delivery"]) && isSet(incoming["https_delivery"])) {
    report(path, "has both tls_delivery and https_delivery, its older name");
  }
  for (const name of ["tls_delivery", "https_delivery"]) {
    const delivery = objectIn(incoming[name]);
    if (delivery["protocol"] !== "tls") continue;
    const roots = delivery["trust_roots"];
    if (isSet(roots) && isSet(delivery["server_cert"])) {
      report(`${path}.${name}`, "has both trust_roots and server_cert");
    }
    if (Array.isArray(roots) && roots.length === 0) report(`${path}.${name}.trust_roots`, "is an empty list");
  }
  const filter = objectIn(incoming["http_filter"]);
  const bodies = [filter["body_filter"], ...listIn(filter["all_of"]), ...listIn(filter["any_of"])].map(objectIn);
  for (const { body, query } of bodies) {
    if (body === "json" && typeof query === "string" && !query.startsWith("$")) {
      report(`${path}.http_filter`, "holds a query that is no JSONPath: it begins with $");
    }
  }
}

function verifyAddresses(filter: Decoded, path: string, hasProtocol: boolean, report: Report): void {
  for (const [side, addresses] of Object.entries(filter)) {
    for (const address of textList(addresses) ?? []) {
      const problem = addressProblem(address, hasProtocol);
      if (problem !== undefined) report(`${path}.${side}`, `holds ${JSON.stringify(address)}: ${problem}`);
    }
  }
}

function verifyEnvironment(feature: Decoded, report: Report, verifyRegex: RegexVerifier): void {
  const env = objectIn(feature["env"]);
  for (const pattern of Object.keys(objectIn(env["mapping"]))) verifyRegex(pattern, "feature.env.mapping");
  const overridden = objectIn(env["override"]);
  const redirected = listIn(feature["db_branches"]).flatMap((branch) =>
    connectionVariables(objectIn(branch)["connection"]),
  );
  const both = redirected.filter((name) => Object.hasOwn(overridden, name));
  if (both.length > 0) {
    report("feature.env.override", `sets ${[...new Set(both)].join(", ")}, which feature.db_branches redirects`);
  }
}

/** The variables by which the application finds its database. */
function connectionVariables(connection: unknown): string[] {
  const { url, params } = objectIn(connection);
  const ofUrl = typeof url === "string" ? url : textIn(objectIn(url)["variable"]);
  const ofParams = Object.values(objectIn(params)).map((source) => {
    const { variable, env_var_name: name } = objectIn(source);
    return typeof source === "string" ? source : textIn(variable ?? name);
  });
  return [ofUrl, ...ofParams].filter((name) => name !== "");
}

const queueTypes = new Set([
  "SQS",
  "Kafka",
  "RMQ",
  "GCPPubSub",
  "RedisPubSub",
  "AzureServiceBus",
  "Temporal",
  "BullMQ",
]);

function verifyQueues(queues: unknown, report: Report, verifyRegex: RegexVerifier): void {
  const entries: [string, unknown][] = Array.isArray(queues)
    ? queues.map((queue: unknown) => [textIn(objectIn(queue)["queue_id"]), queue])
    : Object.entries(objectIn(queues));
  for (const [name, queue] of entries) {
    const path = `feature.split_queues.${name}`;
    const { queue_type: type, message_filter: messages, jq_filter: jq, payload_protobuf: protobuf } = objectIn(queue);
    if (typeof type === "string" && !queueTypes.has(type)) {
      report(path, `has the queue_type ${JSON.stringify(type)}, not ${[...queueTypes].join(", ")}`);
    }
    for (const pattern of Object.values(objectIn(messages))) {
      if (typeof pattern === "string") verifyRegex(pattern, `${path}.message_filter`);
    }
    if (typeof jq === "string" && !isBalanced(jq))
      report(`${path}.jq_filter`, "is no jq program: a bracket does not close");
    if (isSet(protobuf) && !isSet(jq)) report(path, "has payload_protobuf, which only a jq_filter can use");
  }
}

type RegexVerifier = (pattern: string, path: string) => void;

/** Instructions of all expressions of a file, half a second's work. Those beyond it pass unread, as one that is too large does. */
const MAX_INSTRUCTIONS = 20_000;

/** Patterns go through Rust's fancy-regex, which also knows look-around and back-references. */
function regexVerifier(report: Report): RegexVerifier {
  let left = MAX_INSTRUCTIONS;
  return (pattern, path) => {
    const plain = pattern.replaceAll(/\(\?(?:[=!]|<[=!])/g, "(?:").replaceAll(/\\[1-9]/g, "x");
    const size = programSize(plain);
    if (size > left) return;
    left -= size;
    const compiled = compileRustRegex(plain);
    if (compiled.state === "invalid") report(path, `holds ${JSON.stringify(pattern)}: ${compiled.why}`);
  };
}

/** Brackets outside of strings and comments close in order. A program that passes may still be none. */
function isBalanced(program: string): boolean {
  const open: string[] = [];
  for (const [token] of program.matchAll(/"(?:[^"\\]|\\.)*"|#[^\n]*|["()[\]{}]/gs)) {
    if (token === '"') return false;
    if (token.length > 1) continue;
    const closes = { ")": "(", "]": "[", "}": "{" }[token];
    if (closes === undefined) open.push(token);
    else if (open.pop() !== closes) return false;
  }
  return open.length === 0;
}

function verifyPreview(preview: Decoded, report: Report): void {
  if (isSet(preview["ttl_mins"]) && isSet(preview["ttl_secs"]))
    report("feature.preview", "has both ttl_mins and ttl_secs");
  const { replicas } = preview;
  if (typeof replicas === "number" && replicas < 0) report("feature.preview.replicas", "is negative");
  for (const name of ["config_mounts", "secret_mounts"]) {
    for (const [index, mount] of listIn(preview[name]).entries()) {
      const problem = mountProblem(objectIn(mount));
      if (problem !== undefined) report(`feature.preview.${name}[${index}]`, problem);
    }
  }
}

function mountProblem({ payload, from_file: file, type }: Decoded): string | undefined {
  if (isSet(payload) && isSet(file)) return "has both payload and from_file";
  if (!isSet(payload) && !isSet(file)) return "needs payload or from_file";
  if (isSet(file)) return isSet(type) ? "has from_file and type, which is found from the file" : undefined;
  if (!isSet(type)) return "has a payload without its type";
  const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(textIn(payload));
  return type === "binary" && !isBase64 ? "has a payload that is not base64" : undefined;
}

function verifyRetries({ min_ms: min, max_ms: max }: Decoded, report: Report): void {
  const [least, most] = [typeof min === "number" ? min : 500, typeof max === "number" ? max : 5000];
  if (most === 0) report("startup_retry.max_ms", "has to be more than 0");
  else if (least > most) report("startup_retry.min_ms", `is ${least}, more than max_ms, ${most}`);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
