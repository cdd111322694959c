import { blockableFeatures } from "../../mirrord/policy/spec.ts";
import { booleanFlag, listFlag, inGroup, stringFlag, type ParsedOptions } from "../../cli/grammar/flags.ts";
import { UserError, usageError } from "../../errors.ts";
import { parseSelectorText, type Requirement } from "../../kubernetes/label-selector.ts";

/** One flag for each documented field of a policy. Source: operator contract, Appendix A. */
export const specFlags = inGroup("Policy flags", {
  block: listFlag("FEATURE", "Refuse steal, steal-without-filter, mirror or copy-target-scale-down; may be repeated.", {
    commas: true,
    offers: blockableFeatures,
  }),
  targetPath: stringFlag(
    "GLOB",
    "Only for targets with this path, such as 'deploy/web*'; ? is one character, * any number, / included.",
  ),
  selector: stringFlag(
    "SELECTOR",
    "Only for targets with these labels (key=value, key!=value, key in (a,b), key, !key).",
    { short: "l", parse: parseSelector },
  ),
  copyTargets: booleanFlag("Bind sessions on copies of the target as well."),
  headerFilter: stringFlag(
    "REGEX",
    "Header filters of stealing sessions must match this expression; without a filter nothing may be stolen.",
  ),
  outgoingAllow: listFlag(
    "RULE",
    "Outgoing connections must match a rule: cidr=RANGE, except=RANGE, port=443/TCP and host=REGEX, as many of them as wanted, with commas between them and host last.",
    { parse: parseOutgoingRule },
  ),
  outgoingBlock: listFlag("RULE", "Outgoing connections must not match this rule; written as for --outgoing-allow.", {
    parse: parseOutgoingRule,
  }),
  requireProfile: booleanFlag("Refuse sessions without a mirrord profile."),
  profile: listFlag(
    "NAME",
    "Profiles that may be used, NAME for a cluster profile, NAMESPACE/NAME for another; may be repeated.",
    { commas: true, also: ["profile-allowlist"] },
  ),
  envExclude: listFlag("GLOB", "Environment variables that are not fetched; may be repeated.", { commas: true }),
  fsReadOnly: listFlag("REGEX", "Files that cannot be written; may be repeated."),
  fsLocal: listFlag("REGEX", "Files that are opened locally; may be repeated."),
  fsNotFound: listFlag("REGEX", "Files that are not found; may be repeated."),
});

/** `spec` of a policy; what was not asked for is left out. Throws UserError "usage". */
export function specFromFlags(options: ParsedOptions<typeof specFlags>): Record<string, unknown> {
  const set = (name: string, value: unknown, isSet = value !== undefined) => (isSet ? { [name]: value } : {});
  const listed = (name: string, list: readonly unknown[]) => set(name, list, list.length > 0);
  const nested = (name: string, value: object) => set(name, value, Object.keys(value).length > 0);
  const headerFilter = set("headerFilter", options.headerFilter);
  return {
    ...set("targetPath", options.targetPath),
    ...set("selector", options.selector),
    block: options.block,
    ...set("appliesToCopyTargets", true, options.copyTargets),
    ...nested("env", listed("exclude", options.envExclude)),
    ...nested("fs", {
      ...listed("readOnly", options.fsReadOnly),
      ...listed("local", options.fsLocal),
      ...listed("notFound", options.fsNotFound),
    }),
    ...nested("network", {
      ...nested("incoming", nested("httpFilter", headerFilter)),
      ...nested("outgoing", {
        ...listed("allow", options.outgoingAllow),
        ...listed("block", options.outgoingBlock),
      }),
    }),
    ...set("requireProfile", true, options.requireProfile),
    ...listed("profileAllowlist", options.profile),
  };
}

/** A LabelSelector of the API from what `kubectl -l` takes. */
function parseSelector(text: string): Record<string, unknown> {
  const { requirements } = parseSelectorText(text);
  if (requirements.length === 0)
    throw usageError("--selector is empty, and would match everything", "Leave it out for that.");
  const labels: Record<string, string> = {};
  const expressions: object[] = [];
  for (const { key, operator, values } of requirements) {
    // A second value for the same label can only stand among the expressions.
    if (operator === "=" && !Object.hasOwn(labels, key)) labels[key] = values.join("");
    else expressions.push({ key, operator: expressionOperators[operator], ...(values.length === 0 ? {} : { values }) });
  }
  return {
    ...(Object.keys(labels).length === 0 ? {} : { matchLabels: labels }),
    ...(expressions.length === 0 ? {} : { matchExpressions: expressions }),
  };
}

const expressionOperators: Readonly<Record<Requirement["operator"], string>> = {
  "=": "In",
  "!=": "NotIn",
  in: "In",
  notin: "NotIn",
  exists: "Exists",
  "!": "DoesNotExist",
};

interface OutgoingRuleObject {
  hostname?: string;
  ipBlock?: { cidr: string; except?: string[] };
  ports?: { protocol: string; port: number }[];
}

/** `cidr=10.0.0.0/16,except=10.0.5.0/24,port=443,port=53/UDP,host=^db\.` — `host` comes last: an expression may hold commas. */
function parseOutgoingRule(text: string): OutgoingRuleObject {
  const [, start = "", hostname] = /^(.*?)(?:(?:^|,)host=([^]*))?$/s.exec(text) ?? [];
  let cidr: string | undefined;
  const except: string[] = [];
  const ports: { protocol: string; port: number }[] = [];
  for (const part of start === "" ? [] : start.split(",")) {
    const [key, value = ""] = part.split(/=(.*)/s);
    if (key === "cidr" && cidr === undefined) cidr = value;
    else if (key === "except") except.push(value);
    else if (key === "port") ports.push(parsePort(value, text));
    else throw unreadableRule(text);
  }
  if (cidr === undefined && except.length > 0) throw unreadableRule(text);
  if (cidr === undefined && ports.length === 0 && hostname === undefined) throw unreadableRule(text);
  return {
    ...(hostname === undefined ? {} : { hostname }),
    ...(cidr === undefined ? {} : { ipBlock: { cidr, ...(except.length === 0 ? {} : { except }) } }),
    ...(ports.length === 0 ? {} : { ports }),
  };
}

function parsePort(text: string, rule: string): { protocol: string; port: number } {
  const [, digits, protocol = "TCP"] = /^(\d{1,5})(?:\/(tcp|udp))?$/i.exec(text) ?? [];
  if (digits === undefined) throw unreadableRule(rule);
  return { protocol: protocol.toUpperCase(), port: Number(digits) };
}

function unreadableRule(text: string): UserError {
  return usageError(
    `cannot read the outgoing rule ${JSON.stringify(text)}`,
    String.raw`Write for example cidr=10.0.0.0/16,except=10.0.5.0/24,port=443/TCP or host=^acme\.example$ (host comes last).`,
  );
}
