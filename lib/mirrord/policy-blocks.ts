import type { Answer } from "../kube/cluster.ts";
import { outgoingAllowed } from "./policy-outgoing.ts";
import type { PolicyRegex } from "./policy-regex.ts";
import type { PolicyRef, PolicySpec } from "./policy-spec.ts";
import type { SessionPlan } from "./session-requests.ts";
import { formatFilter, type HttpFilter, type Incoming, type OutgoingConnection } from "./session-use.ts";
import { every, some } from "./three-valued.ts";

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
  /** The operator that first enforces the field, where it is not as old as policies. */
  since?: string;
}

// Source of the wording: mirrord protocol/src/error.rs and operator contract section 7.
const NOT_ALLOWED = "your organization does not allow you to use this mirrord feature with the chosen target";

function forbidden(action: string, { name }: PolicyRef, reason = NOT_ALLOWED): string {
  return `${action} is forbidden by the mirrord policy ${JSON.stringify(name)} for this target (${reason}).`;
}

type Refusal = Omit<PolicyBlock, "policy" | "answer"> & { allowed: Answer };

/** @param matches whether the policy applies; "unknown" makes every block of it "unknown" */
export function blocksOf(spec: PolicySpec, plan: SessionPlan, matches: "yes" | "unknown"): PolicyBlock[] {
  return settle(spec, matches, [
    ...profileRefusals(spec, plan),
    ...incomingRefusals(spec, plan),
    ...outgoingRefusals(spec, plan),
  ]);
}

/** A block that holds for copies whatever `appliesToCopyTargets` says. */
export function scaleDownBlocks(spec: PolicySpec, plan: SessionPlan, matches: "yes" | "unknown"): PolicyBlock[] {
  if (!plan.copy || !plan.scaleDown || !spec.block.has("copy-target-scale-down")) return [];
  const message = `Operation was blocked by policy \`${spec.ref.name}\``;
  return settle(spec, matches, [
    { field: "spec.block: copy-target-scale-down", stage: "connect", allowed: "no", message },
  ]);
}

function settle(spec: PolicySpec, matches: "yes" | "unknown", refusals: Refusal[]): PolicyBlock[] {
  return refusals.flatMap(({ allowed, ...refusal }) => {
    if (allowed === "yes") return [];
    const answer = matches === "yes" && allowed === "no" ? "no" : "unknown";
    return [{ policy: spec.ref, ...refusal, answer }];
  });
}

// The client adds the operator's own words, which are not public.
const REJECTED = "mirrord operator rejected creating a websocket connection";

function profileRefusals(spec: PolicySpec, { profile }: SessionPlan): Refusal[] {
  const at = { stage: "connect", allowed: "no", since: "3.108.0" } as const;
  const policy = `the mirrord policy ${JSON.stringify(spec.ref.name)}`;
  if (profile === undefined) {
    if (!spec.requireProfile) return [];
    return [{ ...at, field: "spec.requireProfile", message: `${REJECTED}: ${policy} requires a mirrord profile` }];
  }
  const name = profile.namespace === undefined ? profile.name : `${profile.namespace}/${profile.name}`;
  if (spec.profileAllowlist === undefined || spec.profileAllowlist.includes(name)) return [];
  const message = `${REJECTED}: ${policy} does not allow the mirrord profile ${JSON.stringify(name)}`;
  return [{ ...at, field: "spec.profileAllowlist", message }];
}

/** What the plan does with incoming traffic: as it says, else by its action. */
export function incomingOf({ action, incoming, target }: SessionPlan): Incoming {
  if (incoming !== undefined) return incoming;
  if (action === "steal") return { mode: "steal" };
  return { mode: target.kind === "targetless" || action === "preview" ? "off" : "mirror" };
}

function incomingRefusals(spec: PolicySpec, plan: SessionPlan): Refusal[] {
  const incoming = incomingOf(plan);
  if (incoming.mode === "off") return [];
  const ports = incoming.ports?.length ? incoming.ports.join(", ") : "<port>";
  if (incoming.mode === "mirror") {
    if (!spec.block.has("mirror")) return [];
    const message = forbidden(`Mirroring traffic from port ${ports}`, spec.ref);
    return [{ field: "spec.block: mirror", stage: "later", allowed: "no", message }];
  }
  const refusal = stealRefusal(spec, incoming.filter, `Stealing traffic from port ${ports}`);
  return refusal === undefined ? [] : [{ stage: "later", ...refusal }];
}

const HEADER_FILTER = "spec.network.incoming.httpFilter.headerFilter";

function stealRefusal(
  { ref, block, headerFilter }: PolicySpec,
  filter: HttpFilter | undefined,
  stealing: string,
): Omit<Refusal, "stage"> | undefined {
  const action = filter === undefined ? stealing : `${stealing} with http request filter: ${formatFilter(filter)}`;
  if (block.has("steal")) return { field: "spec.block: steal", allowed: "no", message: forbidden(action, ref) };
  if (filter === undefined) {
    const field = block.has("steal-without-filter") ? "spec.block: steal-without-filter" : HEADER_FILTER;
    const isBlocked = block.has("steal-without-filter") || headerFilter !== undefined;
    return isBlocked ? { field, allowed: "no", message: forbidden(action, ref) } : undefined;
  }
  if (headerFilter === undefined) return undefined;
  const message = forbidden(action, ref, `the header filter must match ${JSON.stringify(headerFilter.text)}`);
  return { field: HEADER_FILTER, allowed: satisfies(filter, headerFilter), message, since: "3.105.0" };
}

/**
 * Every part of `allOf` must hold for a request, so one header filter that matches is enough; each part of `anyOf` lets
 * requests in by itself, so all its header filters must match, and one must be there. Other kinds of filters never count.
 */
function satisfies(filter: HttpFilter, headerFilter: PolicyRegex): Answer {
  if ("header" in filter) return headerFilter.find(filter.header);
  if ("allOf" in filter) return some(filter.allOf.map((part) => satisfies(part, headerFilter)));
  if (!("anyOf" in filter)) return "no";
  const headers = filter.anyOf.filter((part) => "header" in part || "allOf" in part || "anyOf" in part);
  return headers.length === 0 ? "no" : every(headers.map((part) => satisfies(part, headerFilter)));
}

function outgoingRefusals(spec: PolicySpec, { outgoing = [] }: SessionPlan): Refusal[] {
  return outgoing.map((connection) => {
    const action = `Outgoing ${connection.protocol} connection to ${addressText(connection)}`;
    return {
      field: "spec.network.outgoing",
      stage: "later",
      allowed: outgoingAllowed(spec.outgoing, connection),
      message: forbidden(action, spec.ref),
      since: "3.135.1",
    };
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
