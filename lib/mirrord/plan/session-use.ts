import type { Labels } from "../../kubernetes/label-selector.ts";
import type { Target } from "../target.ts";

// What a session does once it is connected: the operator learns of it only then, so policies act only then.

/** Incoming traffic. Source: mirrord.json `feature.network.incoming`. */
export interface Incoming {
  mode: "mirror" | "steal" | "off";
  filter?: HttpFilter;
  /** Of the target; left out, those that the application listens on. */
  ports?: readonly number[];
}

/** Which requests are stolen. Source: mirrord.json `feature.network.incoming.http_filter`. */
export type HttpFilter =
  | { header: string }
  | { path: string }
  | { method: string }
  | { headerJq: string }
  | { body: unknown }
  | { allOf: readonly HttpFilter[] }
  | { anyOf: readonly HttpFilter[] };

/** Where the application would connect to. The operator may see the name, the address or both: give what is known. */
export interface OutgoingConnection {
  protocol: "TCP" | "UDP";
  host?: string;
  /** An IP address. */
  address?: string;
  port: number;
}

export interface FileAccess {
  path: string;
  mode: "read" | "write";
}

/** Another object of the same workload: a pod of a deployment, the deployment of a pod. */
export interface RelatedTarget {
  target: Target;
  labels: Labels;
}

/** `header=^x-user: jim$`, as refusals show a filter. */
export function formatFilter(filter: HttpFilter): string {
  if ("allOf" in filter) return `all of (${filter.allOf.map(formatFilter).join(", ")})`;
  if ("anyOf" in filter) return `any of (${filter.anyOf.map(formatFilter).join(", ")})`;
  const [[key, value] = ["", ""]] = Object.entries(filter);
  return `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`;
}
