import type { Answer } from "../../kubernetes/access.ts";
import { outgoingAllowed } from "./outgoing.ts";
import type { ApplyingPolicy } from "./limits.ts";
import type { PolicyRegex } from "./regex.ts";
import type { PolicyRef, PolicySpec } from "./spec.ts";
import type { SessionPlan } from "../plan/session-plan.ts";
import { formatFilter, type HttpFilter, type Incoming, type OutgoingConnection } from "../plan/session-use.ts";
import { every, some } from "../../kubernetes/answers.ts";

/** Something that a policy refuses to the session. */
export interface PolicyBlock {
  policy: PolicyRef;
  /** The field that refuses: `spec.block: steal`. */
  field: string;
  /** At the connection, or once the session is up: it starts, is logged, and fails at what it is for. */
  stage: "connect" | "later";
  /** "unknown" when the policy may not match, or its expression could not be evaluated. */
  answer: "no" | "unknown";
  /** What the client prints, where that is known; the vendor's words. */
  message: string;
  /** Why it is not known whether this is refused, where that is more than an expression that could not be evaluated. */
  doubt?: string;
  /** The operator that first enforces the field, where it is not as old as policies. */
  since?: string;
}

// Source of the wording: mirrord protocol/src/error.rs and operator contract section 7.
const NOT_ALLOWED = "your organization does not allow you to use this mirrord feature with the chosen target";

function forbidden(action: string, { name }: PolicyRef, reason = NOT_ALLOWED): string {
  return `${action} is forbidden by the mirrord policy ${JSON.stringify(name)} for this target (${reason}).`;
}

/** What one field says to one thing of the plan; only what is not allowed becomes a block. */
type Refusal = Omit<PolicyBlock, "policy" | "answer"> & { allowed: Answer };

/** Everything but copy-target-scale-down. A policy that only may apply blocks nothing for certain. */
export function policyBlocks(policy: ApplyingPolicy, plan: SessionPlan): PolicyBlock[] {
  const { spec } = policy;
  return settle(policy, [
    profileRefusal(spec, plan),
    incomingRefusal(spec, plan),
    ...outgoingRefusals(spec, plan),
    ...spec.unknown.map((field): Refusal => ({
      field,
      stage: "connect",
      allowed: "unknown",
      message: `${REJECTED}: ${policyText(spec.ref)} (${field})`,
      doubt: "this program does not know that field",
    })),
  ]);
}

/** A block that holds for copies whatever `appliesToCopyTargets` says. */
export function scaleDownBlocks(policy: ApplyingPolicy, plan: SessionPlan): PolicyBlock[] {
  const { block, ref } = policy.spec;
  if (!plan.copy || !plan.scaleDown || !block.has("copy-target-scale-down")) return [];
  const message = `Operation was blocked by policy \`${ref.name}\``;
  const field = "spec.block: copy-target-scale-down";
  return settle(policy, [{ field, stage: "connect", allowed: "no", message }]);
}

function settle({ spec, matches }: ApplyingPolicy, refusals: (Refusal | undefined)[]): PolicyBlock[] {
  const blocks: PolicyBlock[] = [];
  for (const refusal of refusals) {
    if (refusal === undefined || refusal.allowed === "yes") continue;
    const { allowed, ...rest } = refusal;
    blocks.push({ policy: spec.ref, ...rest, answer: matches === "yes" && allowed === "no" ? "no" : "unknown" });
  }
  return blocks;
}

// The client adds the operator's own words, which are not public.
const REJECTED = "mirrord operator rejected creating a websocket connection";

function profileRefusal(spec: PolicySpec, { profile }: SessionPlan): Refusal | undefined {
  const at = { stage: "connect", allowed: "no", since: "3.108.0" } as const;
  const { requireProfile, profileAllowlist, ref } = spec;
  if (profile === undefined) {
    if (!requireProfile) return undefined;
    return {
      ...at,
      field: "spec.requireProfile",
      message: `${REJECTED}: ${policyText(ref)} requires a mirrord profile`,
    };
  }
  const name = profile.namespace === undefined ? profile.name : `${profile.namespace}/${profile.name}`;
  if (profileAllowlist === undefined || profileAllowlist.includes(name)) return undefined;
  const message = `${REJECTED}: ${policyText(ref)} does not allow the mirrord profile ${JSON.stringify(name)}`;
  return { ...at, field: "spec.profileAllowlist", message };
}

function policyText({ name }: PolicyRef): string {
  return `the mirrord policy ${JSON.stringify(name)}`;
}

/** What the plan does with incoming traffic: as it says, else by its action. */
function incomingTraffic({ action, incoming, target }: SessionPlan): Incoming {
  if (incoming !== undefined) return incoming;
  if (action === "steal") return { mode: "steal" };
  return { mode: target.kind === "targetless" || action === "preview" ? "off" : "mirror" };
}

function incomingRefusal(spec: PolicySpec, plan: SessionPlan): Refusal | undefined {
  const incoming = incomingTraffic(plan);
  if (incoming.mode === "steal") return stealRefusal(spec, incoming);
  if (incoming.mode === "off" || !spec.block.has("mirror")) return undefined;
  const message = forbidden(`Mirroring traffic from port ${portText(incoming)}`, spec.ref);
  return { field: "spec.block: mirror", stage: "later", allowed: "no", message };
}

function portText({ ports = [] }: Incoming): string {
  return ports.length === 0 ? "<port>" : ports.join(", ");
}

const HEADER_FILTER = "spec.network.incoming.httpFilter.headerFilter";

function stealRefusal({ ref, block, headerFilter }: PolicySpec, incoming: Incoming): Refusal | undefined {
  const { filter } = incoming;
  const refuse = (field: string, allowed: Answer, reason?: string): Refusal => {
    const plain = `Stealing traffic from port ${portText(incoming)}`;
    const action = filter === undefined ? plain : `${plain} with http request filter: ${formatFilter(filter)}`;
    return { field, stage: "later", allowed, message: forbidden(action, ref, reason) };
  };
  if (block.has("steal")) return refuse("spec.block: steal", "no");
  if (filter === undefined) {
    if (block.has("steal-without-filter")) return refuse("spec.block: steal-without-filter", "no");
    return headerFilter === undefined ? undefined : refuse(HEADER_FILTER, "no");
  }
  if (headerFilter === undefined) return undefined;
  const allowed = satisfies(filter, headerFilter);
  if (allowed === "yes") return undefined;
  const reason = `the header filter must match "${headerFilter.text}"`;
  const isAnchored = allowed === "unknown" && isInDoubt(filter, headerFilter);
  return {
    ...refuse(HEADER_FILTER, allowed, reason),
    ...(isAnchored ? { doubt: "whether the operator compares a filter with its anchors (^ and $) is not known" } : {}),
    since: "3.105.0",
  };
}

/**
 * Every part of `allOf` must hold for a request, so one header filter that matches is enough; each part of `anyOf` lets
 * requests in by itself, so all its header filters must match, and one must be there. Other kinds of filters never count.
 */
function satisfies(filter: HttpFilter, headerFilter: PolicyRegex): Answer {
  if ("header" in filter) return matchesHeader(filter.header, headerFilter);
  if ("allOf" in filter) return some(filter.allOf.map((part) => satisfies(part, headerFilter)));
  if (!("anyOf" in filter)) return "no";
  const headers = filter.anyOf.filter((part) => "header" in part || "allOf" in part || "anyOf" in part);
  return headers.length === 0 ? "no" : every(headers.map((part) => satisfies(part, headerFilter)));
}

/**
 * A user's filter is an expression itself. The vendor's own example lets the policy `^baggage: .+` pass the filter
 * `^baggage: .*mirrord-session=alice.*`, which it does not match as it is written: how the operator compares is not public.
 */
function matchesHeader(filter: string, headerFilter: PolicyRegex): Answer {
  const asWritten = headerFilter.find(filter);
  const bare = withoutAnchors(filter);
  if (bare === filter) return asWritten;
  return headerFilter.find(bare) === asWritten ? asWritten : "unknown";
}

/** `(?i)^x-user: jim$` → `x-user: jim`. A `$` behind an odd number of backslashes is a dollar sign. */
function withoutAnchors(filter: string): string {
  const body = filter.replace(/^(?:\(\?[a-zA-Z]+\))?(?:\^|\\A)?/, "");
  const end = /(\\*)(\$|\\z)$/.exec(body);
  const isEscaped = (end?.[1]?.length ?? 0) % 2 === 1;
  return end === null || isEscaped ? body : body.slice(0, body.length - (end[2]?.length ?? 0));
}

function isInDoubt(filter: HttpFilter, headerFilter: PolicyRegex): boolean {
  if ("header" in filter)
    return headerFilter.find(filter.header) !== "unknown" && matchesHeader(filter.header, headerFilter) === "unknown";
  const parts = "allOf" in filter ? filter.allOf : "anyOf" in filter ? filter.anyOf : [];
  return parts.some((part) => isInDoubt(part, headerFilter));
}

function outgoingRefusals({ outgoing: limits, ref }: PolicySpec, { outgoing }: SessionPlan): Refusal[] {
  return (outgoing ?? []).map((connection) => {
    const allowed = outgoingAllowed(limits, connection);
    const action = `Outgoing ${connection.protocol} connection to ${addressText(connection)}`;
    const message = allowed === "yes" ? "" : forbidden(action, ref);
    return { field: "spec.network.outgoing", stage: "later", allowed, message, since: "3.135.1" };
  });
}

function addressText({ host, address, port }: OutgoingConnection): string {
  const name = address ?? host ?? "";
  return name.includes(":") ? `[${name}]:${port}` : `${name}:${port}`;
}

/** One word for a list of blocks: what is refused for certain decides. */
export function answerOfBlocks(blocks: readonly PolicyBlock[]): Answer {
  return every(blocks.map(({ answer }) => answer));
}

/** `policy "p" (spec.splitQueues) may refuse it: WHY` */
export function unsureText({ policy, field, doubt }: PolicyBlock): string {
  return `policy ${JSON.stringify(policy.name)} (${field}) may refuse it${doubt === undefined ? "" : `: ${doubt}`}`;
}
