import t from "tap";
import { matchPolicies, type MirrordPolicy } from "../../lib/mirrord/policy.ts";
import { plainPlan, type SessionPlan } from "../../lib/mirrord/plan/session-plan.ts";
import type { HttpFilter as PlannedFilter } from "../../lib/mirrord/plan/session-use.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";
import { matchesGlob } from "../operator/policies.ts";
import type { HttpFilter } from "../operator/subscription.ts";
import { random, type Random } from "../rbac/random.ts";
import { readIndependently, type Tried } from "./policy-reading.ts";

// The evaluator beside a second reading of the same policies: the stand-in's, and a few lines for what that does not enforce.
const ROUNDS = Number(process.env["POLICY_ROUNDS"] ?? 5000);
const SEED = Number(process.env["POLICY_SEED"] ?? 20261122);

const paths = [
  "*",
  "deploy/web",
  "deploy/*",
  "*web*",
  "deploy/web/container/*",
  "pod/web-?",
  "pod/*",
  "deployment/web",
  "statefulset/db",
  "targetless",
];
const features = ["steal", "steal-without-filter", "mirror", "copy-target-scale-down"];
const labelSets: Record<string, string>[] = [
  {},
  { app: "web" },
  { app: "web", tier: "front" },
  { tier: "payments" },
  { app: "db", env: "staging" },
];
const headers = ["x-user: jim", "baggage: a=b", "x-user: ann", ""];
const expressions = ["^x-user: .+$", "^baggage", "jim|ann", ".*"];

function maybe(source: Random, probability: number, value: () => object): object {
  return source.chance(probability) ? value() : {};
}

function rule(source: Random): object {
  return {
    ...maybe(source, 0.4, () => ({ hostname: source.pick(["^db$", String.raw`\.example$`, "db|cache"]) })),
    ...maybe(source, 0.5, () => ({
      ipBlock: {
        cidr: source.pick(["10.0.0.0/8", "0.0.0.0/0", "10.1.2.0/24", "fd00::/8"]),
        ...maybe(source, 0.4, () => ({ except: ["10.1.0.0/16"] })),
      },
    })),
    ...maybe(source, 0.6, () => ({
      ports: source.some(
        [
          { protocol: "TCP", port: 443 },
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 5432 },
        ],
        0,
        2,
      ),
    })),
  };
}

function selector(source: Random): object {
  return {
    ...maybe(source, 0.6, () => ({
      matchLabels: source.pickAny<object>([{ app: "web" }, { tier: "payments" }, { app: "db", env: "staging" }]),
    })),
    ...maybe(source, 0.5, () => ({
      matchExpressions: source.some(
        [
          { key: "app", operator: "In", values: ["web", "db"] },
          { key: "app", operator: "NotIn", values: ["web"] },
          { key: "tier", operator: "Exists" },
          { key: "env", operator: "DoesNotExist" },
        ],
        1,
        2,
      ),
    })),
  };
}

function policy(source: Random, name: string): MirrordPolicy {
  const kind = source.pick(["MirrordPolicy", "MirrordClusterPolicy"]);
  const rules = () => Array.from({ length: source.below(3) }, () => rule(source));
  return {
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind,
    metadata: { name, ...(kind === "MirrordPolicy" ? { namespace: "shop" } : {}) },
    spec: {
      block: source.chance(0.5) ? [] : source.some(features, 1, 2),
      ...maybe(source, 0.5, () => ({ targetPath: source.pickAny(paths) })),
      ...maybe(source, 0.4, () => ({ selector: selector(source) })),
      ...maybe(source, 0.5, () => ({ appliesToCopyTargets: source.chance(0.7) })),
      ...maybe(source, 0.2, () => ({ requireProfile: source.chance(0.5) })),
      ...maybe(source, 0.2, () => ({ profileAllowlist: source.some(["safe", "shop/safe", "other"], 0, 2) })),
      ...maybe(source, 0.3, () => ({ env: { exclude: source.some(["AWS_*", "*_PASSWORD", "?"], 0, 2) } })),
      ...maybe(source, 0.3, () => ({
        fs: {
          [source.pick(["local", "notFound", "readOnly"])]: source.some([String.raw`\.json$`, "^/etc/.*", "/x"], 0, 2),
        },
      })),
      network: {
        ...maybe(source, 0.25, () => ({ incoming: { httpFilter: { headerFilter: source.pickAny(expressions) } } })),
        ...maybe(source, 0.25, () => ({ outgoing: { allow: rules(), block: rules() } })),
      },
    },
  };
}

function filter(source: Random, depth = 0): HttpFilter {
  const kind = source.pick(depth < 2 ? ["header", "path", "method", "all", "any"] : ["header", "path"]);
  const parts = () => Array.from({ length: source.below(3) }, () => filter(source, depth + 1));
  if (kind === "all") return { all_of: parts() };
  if (kind === "any") return { any_of: parts() };
  if (kind === "path") return { path: "/api" };
  return kind === "method" ? { method: "GET" } : { header: source.pickAny(headers) ?? "" };
}

function planned(one: HttpFilter): PlannedFilter {
  if ("all_of" in one) return { allOf: one.all_of.map(planned) };
  return "any_of" in one ? { anyOf: one.any_of.map(planned) } : one;
}

interface Round {
  policies: MirrordPolicy[];
  plan: SessionPlan;
  labels: Record<string, string>;
  tried: Tried;
}

function round(source: Random): Round {
  const target = parseTarget(
    source.pick([
      "deploy/web",
      "deploy/web/container/app",
      "pod/web-1",
      "statefulset/db",
      "service/web",
      "replicaset/web-1",
      "label/app=web",
      "targetless",
    ]),
  );
  const labels = target.kind === "targetless" ? {} : (source.pickAny(labelSets) ?? {});
  const pods =
    target.kind === "label"
      ? source.some(
          labelSets.filter(({ app }) => app === "web"),
          1,
          2,
        )
      : undefined;
  const copied = target.kind !== "label" && target.kind !== "targetless" && source.chance(0.3);
  const mode = source.pick<Tried["mode"]>(["mirror", "steal", "steal", "off"]);
  const tried: Tried = {
    target: { path: selectorPath(target), labels: pods ?? [labels], copied },
    scaleDown: copied && source.chance(0.5),
    mode,
    filter: source.chance(0.6) ? filter(source) : null,
    profile: source.pick(["", "", "safe", "shop/safe"]),
    outgoing: source.some(
      [
        { protocol: "TCP", host: "db", address: "10.1.2.3", port: 5432 },
        { protocol: "UDP", host: "dns.example", address: "fd00::1", port: 53 },
        { protocol: "TCP", host: "acme.example", address: "93.184.216.34", port: 443 },
      ],
      0,
      1,
    ),
    env: ["AWS_KEY", "DB_PASSWORD", "X", "HOME"],
    files: [
      { path: "/etc/app.json", mode: "write" },
      { path: "/var/x", mode: "read" },
      { path: "/srv/a.json", mode: "write" },
    ],
  };
  const [profileSpace, profileName] = tried.profile.includes("/")
    ? tried.profile.split("/")
    : [undefined, tried.profile];
  const plan: SessionPlan = {
    ...plainPlan(target.kind === "targetless" ? "targetless" : "mirror", target, "shop"),
    copy: copied,
    scaleDown: tried.scaleDown,
    incoming: {
      mode,
      ports: [80],
      ...(mode === "steal" && tried.filter !== null ? { filter: planned(tried.filter) } : {}),
    },
    outgoing: tried.outgoing.map((connection) => ({
      ...connection,
      protocol: connection.protocol === "UDP" ? "UDP" : "TCP",
    })),
    env: tried.env,
    files: tried.files,
    related: (pods ?? []).map((podLabels, index) => ({
      target: { kind: "pod", name: `web-${index}` },
      labels: podLabels,
    })),
    ...(tried.profile === ""
      ? {}
      : { profile: { name: profileName ?? "", ...(profileSpace === undefined ? {} : { namespace: profileSpace }) } }),
  };
  return {
    policies: Array.from({ length: 1 + source.below(3) }, (_, index) => policy(source, `p-${index}`)),
    plan,
    labels,
    tried,
  };
}

function selectorPath(target: SessionPlan["target"]): string {
  if (target.kind === "targetless") return "targetless";
  if (target.kind === "label") return "label/app=web";
  const word = target.kind === "deployment" ? "deploy" : target.kind;
  return `${word}/${target.name}${target.container === undefined ? "" : `/container/${target.container}`}`;
}

function isAboutSpelling({ spec }: MirrordPolicy): boolean {
  const { targetPath } = spec as { targetPath?: string };
  return targetPath !== undefined && matchesGlob(targetPath, "label") !== matchesGlob(targetPath, "label/app=web");
}

t.test(`${ROUNDS} generated sets of policies, each with a plan: both readings say the same`, async (t) => {
  const source = random(SEED);
  const disagreements: object[] = [];
  const counts = { yes: 0, no: 0, unknown: 0, policies: 0 };
  for (let index = 0; index < ROUNDS; index += 1) {
    const { policies, plan, labels, tried } = round(source);
    const { asGiven } = matchPolicies(policies, plan, labels);
    const own = readIndependently(policies, tried);
    counts[asGiven.answer] += 1;
    counts.policies += policies.length;
    // How the operator writes a label target is not public: where that decides, unknown is the right answer.
    const isOpen = plan.target.kind === "label" && policies.some((one) => isAboutSpelling(one));
    const agrees = (said: string, fact: string) => said === fact || (isOpen && said === "unknown");
    const isRight =
      agrees(asGiven.answer, own.allowed ? "yes" : "no") &&
      asGiven.env.every(({ fetched }, at) => agrees(fetched, own.env[at] === true ? "yes" : "no")) &&
      asGiven.files.every(({ outcome }, at) => agrees(outcome, own.files[at] ?? ""));
    if (!isRight) {
      disagreements.push({
        policies: JSON.stringify(policies),
        tried: JSON.stringify(tried),
        asGiven: JSON.stringify(asGiven),
        own,
      });
    }
  }
  t.comment(JSON.stringify({ ...counts, disagreements: disagreements.length }));
  t.same(disagreements.slice(0, 3), []);
  t.ok(counts.policies >= 1000);
  t.ok(counts.yes > ROUNDS * 0.2 && counts.no > ROUNDS * 0.2, "neither answer is the rule");
  t.ok(counts.unknown < ROUNDS * 0.02, "hardly ever unknown");
});
