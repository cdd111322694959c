// Policies of every shape: mostly valid ones, then with one or two things wrong.
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { Random } from "../rbac/random.ts";

const features = ["steal", "steal-without-filter", "mirror", "copy-target-scale-down"];
const targetPaths = [
  "*",
  "deploy/web",
  "deploy/*",
  "pod/web-?",
  "deployment/web",
  "*/container/*",
  "targetless",
  "label*",
];
const expressions = [".*", "^x-user: .+$", "^/etc/.*", "a{1,3}", "(", String.raw`\d+`, ""];
const labels = ["app", "tier", "example.com/team"];

function maybe(random: Random, probability: number, make: () => Record<string, unknown>): Record<string, unknown> {
  return random.chance(probability) ? make() : {};
}

function selector(random: Random): Record<string, unknown> {
  const expression = () => {
    const operator = random.pick(["In", "NotIn", "Exists", "DoesNotExist"]);
    return {
      key: random.pickAny(labels),
      operator,
      ...(operator.endsWith("In") ? { values: random.some(["web", "cart", "staging"], 1, 2) } : {}),
    };
  };
  return {
    ...maybe(random, 0.6, () => ({
      matchLabels: Object.fromEntries(random.some(labels, 0, 2).map((key) => [key, random.pick(["web", "payments"])])),
    })),
    ...maybe(random, 0.5, () => ({ matchExpressions: Array.from({ length: random.below(3) }, expression) })),
  };
}

function outgoingRule(random: Random): Record<string, unknown> {
  return {
    ...maybe(random, 0.5, () => ({ hostname: random.pickAny(expressions) })),
    ...maybe(random, 0.5, () => ({
      ipBlock: {
        cidr: random.pick(["10.0.0.0/8", "::/0", "nonsense"]),
        ...maybe(random, 0.4, () => ({ except: ["10.1.0.0/16"] })),
      },
    })),
    ...maybe(random, 0.6, () => ({
      ports: Array.from({ length: random.below(3) }, () => ({
        protocol: random.pick(["TCP", "UDP"]),
        port: random.pick([0, 80, 443, 65_535]),
      })),
    })),
  };
}

/** A spec that the definitions of chart 3.187.0 take. */
function validSpec(random: Random): Record<string, unknown> {
  const rules = () => Array.from({ length: random.below(3) }, () => outgoingRule(random));
  return {
    block: random.some(features, 0, 3),
    ...maybe(random, 0.6, () => ({ targetPath: random.pickAny(targetPaths) })),
    ...maybe(random, 0.5, () => ({ selector: selector(random) })),
    ...maybe(random, 0.4, () => ({ appliesToCopyTargets: random.chance(0.5) })),
    ...maybe(random, 0.3, () => ({ env: { exclude: random.some(["AWS_*", "*_PASSWORD"], 0, 2) } })),
    ...maybe(random, 0.3, () => ({
      fs: { [random.pick(["local", "notFound", "readOnly"])]: random.some(expressions, 0, 2) },
    })),
    ...maybe(random, 0.4, () => ({
      network: { incoming: { httpFilter: { headerFilter: random.pickAny(expressions) } } },
    })),
    ...maybe(random, 0.3, () => ({ network: { outgoing: { allow: rules(), block: rules() } } })),
    ...maybe(random, 0.3, () => ({ requireProfile: random.chance(0.5) })),
    ...maybe(random, 0.3, () => ({ profileAllowlist: random.some(["safe", "shop/safe"], 0, 2) })),
  };
}

/** A policy as somebody could have written it; about half of them no server takes. */
export function anyPolicy(random: Random, name: string, namespace: string): KubernetesObject {
  const cluster = random.chance(0.4);
  const policy: KubernetesObject = {
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind: cluster ? "MirrordClusterPolicy" : "MirrordPolicy",
    metadata: { name, ...(cluster ? {} : { namespace }) },
    spec: validSpec(random),
  };
  for (let count = random.pick([0, 0, 1, 1, 1, 2]); count > 0; count -= 1) {
    if (random.chance(0.2)) spoilMetadata(random, policy);
    else spoilSpec(random, policy);
  }
  return policy;
}

function spoilMetadata(random: Random, { metadata }: KubernetesObject): void {
  const spoilt: Record<string, unknown>[] = [
    { name: "UPPER" },
    { name: "under_score" },
    { name: "a.b.c" },
    { name: `${"a".repeat(60)}.b` },
    { name: "x".repeat(254) },
    { labels: { "not a key": "x" } },
    { labels: { app: "-x" } },
    { labels: { app: "" } },
    { labels: { app: 1 } },
    { labels: { "a/b/c": "x" } },
    { annotations: { "Some.Key/x": "anything at all" } },
    { annotations: { "not a key": "x" } },
    { annotations: { a: true } },
    { unheardOf: "x" },
    { finalizers: ["example.com/f"] },
    { finalizers: ["no slash or dots?"] },
  ];
  Object.assign(metadata, random.pickAny(spoilt));
}

type Container = Record<string, unknown> | unknown[];

function containersIn(value: unknown): Container[] {
  if (typeof value !== "object" || value === null) return [];
  const inside = Object.values(value).flatMap(containersIn);
  return [value as Container, ...inside];
}

const strange: readonly unknown[] = [
  null,
  "text",
  "",
  7,
  -1,
  65_536,
  2.5,
  true,
  false,
  [],
  {},
  ["a"],
  [null],
  [1],
  { a: "b" },
];

function spoilSpec(random: Random, policy: KubernetesObject): void {
  const container = random.pickAny(containersIn(policy["spec"]));
  if (container === undefined || random.chance(0.02)) {
    if (random.chance(0.3)) delete policy["spec"];
    else policy["spec"] = structuredClone(random.pickAny(strange));
    return;
  }
  if (Array.isArray(container)) {
    if (random.chance(0.6) || container.length === 0)
      container.push(structuredClone(random.pickAny([...strange, "staleness", "TCP"])));
    else container[random.below(container.length)] = structuredClone(random.pickAny(strange));
    return;
  }
  const key = random.pickAny(Object.keys(container));
  const way = random.below(4);
  if (way === 0 || key === undefined)
    container[random.pick(["stael", "targetpath", "__proto__x", "ports", "exclude"])] = structuredClone(
      random.pickAny(strange),
    );
  else if (way === 1) delete container[key];
  else container[key] = structuredClone(random.pickAny(strange));
}
