import { usageError } from "../../errors.ts";
import { plainPlan, type Action, type SessionPlan } from "../../mirrord/plan/session-plan.ts";
import type { FileAccess, HttpFilter, OutgoingConnection } from "../../mirrord/plan/session-use.ts";
import type { Target } from "../../mirrord/target.ts";
import { impossibleBecause } from "../../mirrord/plan/session-question.ts";
import { parseIpAddress } from "../../mirrord/policy/ip-block.ts";

/** One thing to try with a target. */
export type Probe =
  | { kind: "mirror" | "steal" | "copy" | "copy-scale-down" }
  /** Without a filter: any that would do. */
  | { kind: "steal-with-filter"; filter: HttpFilter | undefined }
  | { kind: "outgoing"; connection: OutgoingConnection; text: string }
  | { kind: "file"; access: FileAccess }
  | { kind: "env"; name: string };

const simple = ["mirror", "steal", "copy", "copy-scale-down"] as const;

/** What `--action` and the cases of `--expect` can say. */
const probeHint =
  "An action is mirror, steal, steal-with-filter, copy, copy-scale-down, outgoing HOST:PORT, read FILE, write FILE or env NAME.";

/** Reads `steal`, `outgoing tcp://db:5432`, `read /etc/x`. Throws UserError "usage". */
export function parseProbe(text: string, filter?: HttpFilter): Probe {
  const [word = "", rest = ""] = text.trim().split(/\s+(.*)/s);
  const plain = simple.find((kind) => kind === word || (kind === "copy-scale-down" && word === "scale-down"));
  if (plain !== undefined && rest === "") return { kind: plain };
  if (word === "steal-with-filter" && rest === "") return { kind: word, filter };
  if (rest !== "" && word === "outgoing") return { kind: word, connection: parseConnection(rest), text: rest };
  if (rest !== "" && (word === "read" || word === "write")) return { kind: "file", access: { path: rest, mode: word } };
  if (rest !== "" && word === "env") return { kind: word, name: rest };
  throw usageError(`cannot read the action ${JSON.stringify(text)}`, probeHint);
}

/** The heading of a column, and how cases are shown. */
export function probeText(probe: Probe): string {
  if (probe.kind === "outgoing") return `outgoing ${probe.text}`;
  if (probe.kind === "file") return `${probe.access.mode} ${probe.access.path}`;
  return probe.kind === "env" ? `env ${probe.name}` : probe.kind;
}

/** `db:5432`, `10.0.0.1:443`, `[::1]:53`, with `tcp://` or `udp://` before it. */
export function parseConnection(text: string): OutgoingConnection {
  const [, scheme = "tcp", bracketed, name, digits = ""] =
    /^(?:(tcp|udp):\/\/)?(?:\[([^\]]+)\]|([^:/\s]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? name;
  const port = Number(digits);
  if (host === undefined || port > 65_535 || (bracketed !== undefined && parseIpAddress(bracketed) === undefined)) {
    throw usageError(`cannot read the connection ${JSON.stringify(text)}`, "Write HOST:PORT or udp://HOST:PORT.");
  }
  const protocol = scheme.toLowerCase() === "udp" ? "UDP" : "TCP";
  return { protocol, port, ...(parseIpAddress(host) === undefined ? { host } : { address: host }) };
}

/** What the target has of its own: the same for all that is tried with it. */
export interface ProbedTarget {
  plan: Pick<SessionPlan, "target" | "namespace" | "related">;
  /** The client copies it whatever is asked for: it has no replicas. */
  alwaysCopied: boolean;
  profile: SessionPlan["profile"];
}

/** The plan that a client would follow; a text is why it would not even try. */
export function probedPlan(
  probe: Probe,
  { plan: { target, namespace, related }, alwaysCopied, profile }: ProbedTarget,
): SessionPlan | string {
  const action = probeAction(probe, target);
  const impossible = impossibleBecause({ action, target });
  if (impossible !== undefined) return impossible;
  if (probe.kind === "mirror" && target.kind === "targetless") return "a targetless session has no traffic to mirror";
  const base = plainPlan(action, target, namespace);
  return {
    ...base,
    copy: base.copy || alwaysCopied,
    ...(related === undefined ? {} : { related }),
    ...(profile === undefined ? {} : { profile }),
    ...probeFeatures(probe),
  };
}

function probeAction({ kind }: Probe, target: Target): Action {
  if (kind === "steal" || kind === "steal-with-filter") return "steal";
  if (kind === "copy" || kind === "copy-scale-down") return kind;
  return target.kind === "targetless" ? "targetless" : "mirror";
}

/** A header filter that satisfies whatever a policy asks for cannot be made up: such policies are then conditions. */
const SOME_FILTER: HttpFilter = { path: "/" };

function probeFeatures(probe: Probe): Partial<SessionPlan> {
  const quiet = { incoming: { mode: "off" } } as const;
  switch (probe.kind) {
    case "steal-with-filter":
      return { incoming: { mode: "steal", filter: probe.filter ?? SOME_FILTER } };
    case "outgoing":
      return { ...quiet, outgoing: [probe.connection] };
    case "file":
      return { ...quiet, files: [probe.access] };
    case "env":
      return { ...quiet, env: [probe.name] };
    // What is asked of a copy is whether it may be made; what is done with it are the other questions.
    case "copy":
    case "copy-scale-down":
      return quiet;
    default:
      return {};
  }
}
