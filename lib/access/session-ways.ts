import type { AccessAttributes, ResourceAttributes } from "../kubernetes/access.ts";
import type { OperatorInfo } from "../mirrord/operator-info.ts";
import { connectionTargets } from "../mirrord/connection-name.ts";
import { plainPlan, type Action, type SessionPlan } from "../mirrord/plan/session-plan.ts";
import { impossibleBecause } from "../mirrord/plan/session-question.ts";
import { operatorResource } from "../mirrord/plan/session-request.ts";
import { PREVIEW_GROUP } from "../mirrord/resources.ts";
import { sessionRequests } from "../mirrord/session-requests.ts";
import { connectName, formatTarget, workloadKinds, workloadType, type Target } from "../mirrord/target.ts";
import { isPathQuestion, toQuestion } from "../rbac/decide/question.ts";
import { apiGroupMatches, resourceMatches, verbMatches } from "../rbac/decide/rule-match.ts";
import type { PolicyRule } from "../rbac/types.ts";

export interface SessionsPlace {
  /** Empty: all namespaces. */
  namespace: string;
  /** Looking at sessions counts as well: the grant was for that. */
  lists: boolean;
  operator: Pick<OperatorInfo, "features" | "namespace">;
}

/** One way to start a session: a target, with a client and an operator of some age. */
export interface SessionWay {
  use: "connect" | "copy" | "preview" | "list";
  /** `deployment/web`, or `any deployment` for a name that no rule gives. */
  target: string;
  /**
   * Everything that client, API server and operator ask for, without the client certificate: one from before, or the key
   * of a pipeline, goes on to be valid.
   */
  needs: AccessAttributes[];
}

/** What opens a door by itself, whatever else a client would want: `connect`, `copy` and `preview` are let through by it. */
export interface SessionRight {
  right: "connect" | "copy" | "preview" | "credential" | "list";
  /** Of a connection: `deployment/web`, `any target`. */
  target?: string;
  attributes: AccessAttributes;
}

/** Stands for every name that no rule gives. */
const ANY_NAME = "kubectl-mirrord-any";

/** Every way to start a session with names that the rules give, and with any name. */
export function sessionWays(rules: readonly PolicyRule[], place: SessionsPlace): SessionWay[] {
  const targets = reachableTargets(rules, place.namespace);
  return [
    ...targets.flatMap((target) => [
      ...ways("mirror", target, place),
      ...ways("copy", target, place),
      ...ways("preview", target, place),
    ]),
    ...(place.lists ? [listing(place)] : []),
  ];
}

/** The rights that decide alone, for every name that the rules give and for any name. */
export function sessionRights(rules: readonly PolicyRule[], place: SessionsPlace): SessionRight[] {
  const { namespace, operator, lists } = place;
  const connection = (name: string) => operatorResource("proxy", "targets", { namespace, name });
  const copy = (verb: string, name?: string) =>
    operatorResource(verb, "copytargets", { namespace, ...(name === undefined ? {} : { name }) });
  const named = ruleNames(rules, connection("")).filter((name) => connectionTargets(name).length > 0);
  const previews = { verb: "create", apiGroup: PREVIEW_GROUP, resource: "previewsessions" };
  return [
    { right: "connect", target: "any target", attributes: connection(connectName(anyTarget("deployment"))) },
    ...[...new Set(["targetless", "label", ...named])].map((name): SessionRight => {
      const target = connectionTargets(name).at(-1);
      return {
        right: "connect",
        target: target === undefined ? name : targetWords(target),
        attributes: connection(name),
      };
    }),
    ...[copy("create"), ...[ANY_NAME, ...ruleNames(rules, copy("proxy"))].map((name) => copy("proxy", name))].map(
      (attributes): SessionRight => ({ right: "copy", attributes }),
    ),
    { right: "preview", attributes: { ...previews, namespace: operator.namespace ?? namespace } },
    { right: "credential", attributes: operatorResource("create", "mirrordclusteroperatorusercredentials") },
    {
      right: "credential",
      attributes: operatorResource("create", "mirrordoperators", { subresource: "certificate", name: "operator" }),
    },
    ...(lists ? [{ right: "list", attributes: operatorResource("list", "sessions", { namespace }) } as const] : []),
  ];
}

/** The names that rules give to what the attributes ask for, whatever their name. */
export function ruleNames(rules: readonly PolicyRule[], attributes: ResourceAttributes): string[] {
  const question = toQuestion(attributes);
  if (isPathQuestion(question)) return [];
  const names = rules
    .filter((rule) => verbMatches(rule, question.verb))
    .filter((rule) => apiGroupMatches(rule, question) && resourceMatches(rule, question))
    .flatMap(({ resourceNames = [] }) => resourceNames);
  return [...new Set(names)];
}

const anyTarget = (kind: (typeof workloadKinds)[number]) => ({ kind, name: ANY_NAME });

/** What connections and native reads are limited to, and a name that they are not limited to. */
function reachableTargets(rules: readonly PolicyRule[], namespace: string): Target[] {
  const connections = ["proxy", "get"].flatMap((verb) =>
    ruleNames(rules, operatorResource(verb, "targets", { namespace })).flatMap(connectionTargets),
  );
  const workloads = workloadKinds.flatMap((kind) => {
    const { group, resource } = workloadType(kind);
    const names = ruleNames(rules, { verb: "get", apiGroup: group, resource, namespace });
    return [anyTarget(kind), ...names.filter((name) => name !== "").map((name) => ({ kind, name }))];
  });
  const all: Target[] = [{ kind: "targetless" }, { kind: "label", labels: {} }, ...workloads, ...connections];
  return [...new Map(all.map((target) => [formatTarget(target), target])).values()];
}

function ways(action: Action, target: Target, place: SessionsPlace): SessionWay[] {
  if (impossibleBecause({ action, target }) !== undefined) return [];
  const plan = plainPlan(action, target, place.namespace);
  const use = action === "preview" ? "preview" : plan.copy ? "copy" : "connect";
  // A job is always copied: to mirror it is to copy it.
  if (use === "copy" && action === "mirror") return [];
  return plansByAge(plan, place.operator).map((each) => ({
    use,
    target: targetWords(target),
    needs: requirements(each),
  }));
}

/** Clients before 3.51 connect by another verb, those before 3.118.1 look the target up at the operator. */
function plansByAge(plan: SessionPlan, { features, namespace }: SessionsPlace["operator"]): SessionPlan[] {
  const current = { ...plan, ...(namespace === undefined ? {} : { previewNamespace: namespace }) };
  // The client looks for the container itself only where the operator leaves it open.
  if (plan.action === "preview") return [{ ...current, operatorNamesContainer: true }];
  const old = { ...current, features: new Set<string>() };
  return [
    current,
    old,
    { ...current, legacyClient: true },
    { ...old, legacyClient: true },
    ...(features.has("MultiClusterPrimary") && plan.target.kind !== "label"
      ? [{ ...current, multiClusterPrimary: true }]
      : []),
  ];
}

function requirements(plan: SessionPlan): AccessAttributes[] {
  return sessionRequests(plan)
    .filter(({ id, required }) => required && !id.startsWith("credential"))
    .map(({ id, attributes }) => (id === "copy-connect" ? { ...attributes, name: ANY_NAME } : attributes));
}

/** The attributes as they are told: a name that stands for any is none. */
export function withoutAnyName(attributes: AccessAttributes): AccessAttributes {
  if ("path" in attributes || attributes.name?.includes(ANY_NAME) !== true) return attributes;
  const { name: _any, ...nameless } = attributes;
  return nameless;
}

function listing({ namespace }: SessionsPlace): SessionWay {
  const requests = sessionRequests(plainPlan("list-sessions", { kind: "targetless" }, namespace));
  return { use: "list", target: "", needs: requests.map(({ attributes }) => attributes) };
}

function targetWords(target: Target): string {
  if (target.kind === "targetless") return "targetless";
  if (target.kind === "label") return "label targets";
  return target.name === ANY_NAME ? `any ${target.kind}` : formatTarget(target);
}
