import { isObject, parseJson } from "./json.ts";
import type { Policy } from "./policies.ts";

/** What a client asks for once it is connected. The real protocol is not public: this one is the stand-in's own. */
export interface Subscription {
  subscribe: "mirror" | "steal";
  port: number;
  filter: HttpFilter | null;
}

export type HttpFilter =
  | { header: string }
  | { path: string }
  | { method: string }
  | { all_of: HttpFilter[] }
  | { any_of: HttpFilter[] };

export type SubscriptionAnswer = { ok: true } | { ok: false; policy?: string; message: string };

const maxDepth = 4;

/** Undefined for text that is no subscription. */
export function parseSubscription(text: string): Subscription | undefined {
  const message = parseJson(text);
  if (!isObject(message)) return undefined;
  const { subscribe, port, filter = null } = message;
  if (subscribe !== "mirror" && subscribe !== "steal") return undefined;
  if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  if (filter !== null && !isFilter(filter, maxDepth)) return undefined;
  return { subscribe, port, filter };
}

function isFilter(value: unknown, depth: number): value is HttpFilter {
  if (!isObject(value) || depth === 0) return false;
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return false;
  const [key, content] = entry;
  if (key === "header" || key === "path" || key === "method") return typeof content === "string";
  if (key !== "all_of" && key !== "any_of") return false;
  return Array.isArray(content) && content.every((part) => isFilter(part, depth - 1));
}

/** `header=^x-user: jim$`, as session entries and refusals show it. */
export function displayFilter(filter: HttpFilter): string {
  if ("all_of" in filter) return `all of (${filter.all_of.map(displayFilter).join(", ")})`;
  if ("any_of" in filter) return `any of (${filter.any_of.map(displayFilter).join(", ")})`;
  const [[key, value] = ["", ""]] = Object.entries(filter);
  return `${key}=${value}`;
}

/**
 * The union of what the policies forbid; the first that forbids this is named. Wording: mirrord protocol/src/error.rs.
 * @param policies those that bind the session, see bindingPolicies
 */
export function decideSubscription(policies: readonly Policy[], subscription: Subscription): SubscriptionAnswer {
  for (const policy of policies) {
    const reason = blockReason(policy, subscription);
    if (reason !== undefined) {
      const message = `${displayAction(subscription)} is forbidden by the mirrord policy "${policy.name}" for this target (${reason}).`;
      return { ok: false, policy: policy.name, message };
    }
  }
  return { ok: true };
}

const plainReason = "your organization does not allow you to use this mirrord feature with the chosen target";

function blockReason(policy: Policy, { subscribe, filter }: Subscription): string | undefined {
  if (subscribe === "mirror") return policy.block.has("mirror") ? plainReason : undefined;
  if (policy.block.has("steal")) return plainReason;
  if (filter === null) {
    const needsFilter = policy.block.has("steal-without-filter") || policy.headerFilter !== undefined;
    return needsFilter ? plainReason : undefined;
  }
  if (policy.headerFilter === undefined) return undefined;
  return satisfiesHeaderFilter(filter, policy.headerFilter)
    ? undefined
    : `the header filter must match "${policy.headerFilter}"`;
}

/**
 * `all_of` narrows, so one nested header filter that matches is enough; `any_of` widens, so every nested one must.
 * Source: MirrordPolicy `network.incoming.httpFilter.headerFilter`.
 */
function satisfiesHeaderFilter(filter: HttpFilter, expression: string): boolean {
  if ("header" in filter) return matchesExpression(expression, filter.header);
  if ("all_of" in filter) {
    return filter.all_of.some((part) => satisfiesHeaderFilter(part, expression));
  }
  if (!("any_of" in filter)) return false;
  const headers = filter.any_of.filter((part) => !("path" in part) && !("method" in part));
  return headers.length > 0 && headers.every((part) => satisfiesHeaderFilter(part, expression));
}

/** A policy whose expression cannot be read lets nothing through. */
function matchesExpression(expression: string, text: string): boolean {
  const [, flags = "", body = ""] = /^(?:\(\?([im]+)\))?([\s\S]*)$/.exec(expression) ?? [];
  // Unicode mode knows \p{…} but refuses harmless escapes such as \-; the operator's own expressions allow both.
  for (const mode of ["u", ""]) {
    try {
      return new RegExp(body, flags + mode).test(text);
    } catch {
      continue;
    }
  }
  return false;
}

function displayAction({ subscribe, port, filter }: Subscription): string {
  if (subscribe === "mirror") return `Mirroring traffic from port ${port}`;
  const plain = `Stealing traffic from port ${port}`;
  return filter === null ? plain : `${plain} with http request filter: ${displayFilter(filter)}`;
}
