// A second reading of what policies do to a session, which shares nothing with lib: the operator stand-in's own, and for the
// limits that it does not enforce (profiles, outgoing connections, files, variables) a few lines with the means of Node.
import { BlockList, isIPv4 } from "node:net";
import {
  bindingPolicies,
  matchesGlob,
  parsePolicy,
  scaleDownBlocker,
  type PolicyTarget,
} from "../operator/policies.ts";
import { decideSubscription, type HttpFilter } from "../operator/subscription.ts";

export interface Tried {
  target: PolicyTarget;
  scaleDown: boolean;
  mode: "mirror" | "steal" | "off";
  filter: HttpFilter | null;
  /** As the connection names it; "" is none. */
  profile: string;
  outgoing: { protocol: string; host: string; address: string; port: number }[];
  env: string[];
  files: { path: string; mode: "read" | "write" }[];
}

export interface Reading {
  allowed: boolean;
  env: boolean[];
  files: string[];
}

interface Spec {
  env?: { exclude?: string[] };
  fs?: { local?: string[]; notFound?: string[]; readOnly?: string[] };
  network?: { outgoing?: { allow?: Rule[]; block?: Rule[] } };
}

interface Rule {
  hostname?: string;
  ipBlock?: { cidr: string; except?: string[] };
  ports?: { protocol: string; port: number }[];
}

/** @param policies those of the namespace and of the cluster, as the API gives them */
export function readIndependently(policies: readonly { metadata: { name?: string } }[], tried: Tried): Reading {
  const known = policies.map((object) => ({ object: object as { spec?: Spec }, policy: parsePolicy(object) }));
  const binding = bindingPolicies(
    known.map(({ policy }) => policy),
    tried.target,
  );
  const specs = known.filter(({ policy }) => binding.includes(policy)).map(({ object }) => object.spec ?? {});
  const subscribed =
    tried.mode === "off" ||
    decideSubscription(binding, {
      subscribe: tried.mode,
      port: 80,
      filter: tried.mode === "steal" ? tried.filter : null,
    }).ok;
  const scaled =
    !tried.scaleDown ||
    scaleDownBlocker(
      known.map(({ policy }) => policy),
      tried.target,
    ) === undefined;
  const profiled = binding.every(({ requireProfile, profileAllowlist }) =>
    tried.profile === "" ? !requireProfile : (profileAllowlist?.includes(tried.profile) ?? true),
  );
  const connected = tried.outgoing.every((connection) =>
    specs.every(({ network }) => passes(network?.outgoing ?? {}, connection)),
  );
  return {
    allowed: subscribed && scaled && profiled && connected,
    env: tried.env.map((name) => !specs.some(({ env }) => env?.exclude?.some((glob) => matchesGlob(glob, name)))),
    files: tried.files.map((file) => fileOutcome(specs, file)),
  };
}

function passes(
  { allow = [], block = [] }: { allow?: Rule[]; block?: Rule[] },
  connection: Tried["outgoing"][number],
): boolean {
  if (block.some((rule) => covers(rule, connection))) return false;
  return allow.length === 0 || allow.some((rule) => covers(rule, connection));
}

function covers(
  { hostname, ipBlock, ports = [] }: Rule,
  { protocol, host, address, port }: Tried["outgoing"][number],
): boolean {
  if (hostname !== undefined && !new RegExp(hostname).test(host)) return false;
  if (ports.length > 0 && !ports.some((one) => one.protocol === protocol && one.port === port)) return false;
  if (ipBlock === undefined) return true;
  return contains(ipBlock.cidr, address) && !(ipBlock.except ?? []).some((range) => contains(range, address));
}

function contains(range: string, address: string): boolean {
  const [base = "", prefix = ""] = range.split("/");
  if (isIPv4(base) !== isIPv4(address)) return false;
  const list = new BlockList();
  list.addSubnet(base, Number(prefix), isIPv4(base) ? "ipv4" : "ipv6");
  return list.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}

function fileOutcome(specs: readonly Spec[], { path, mode }: Tried["files"][number]): string {
  const isIn = (list: "local" | "notFound" | "readOnly") =>
    specs.some(({ fs }) => fs?.[list]?.some((expression) => new RegExp(expression, "u").test(path)));
  if (isIn("local")) return "local";
  if (isIn("notFound")) return "not-found";
  return isIn("readOnly") && mode === "write" ? "refused" : "remote";
}
