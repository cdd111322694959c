import { roleText } from "./custom-role.ts";
import { timestamp } from "../text/instant.ts";
import { selectedCollection } from "./collection.ts";
import { exemptedAttributes, type GrantRole, type Intent, type Lifetime } from "./intent.ts";
import { formatSubject } from "./subject.ts";

/** What `grant` does only when it is told that this is meant. */
export interface Accepted {
  allowSystem?: boolean;
  dangerous?: boolean;
  force?: boolean;
  acceptLabelRisk?: boolean;
  acceptWeakExpiry?: boolean;
}

/** The words behind `grant` that ask for this intent again; those a shell would change are not quoted yet. */
export function grantWords(
  { subject, role, set, targets, reads, allowCopy, groups }: Intent,
  options: { accepted: Accepted; lifetime?: Lifetime | undefined; reason?: string | undefined },
): string[] {
  const { accepted, lifetime, reason } = options;
  const places =
    set.kind === "all"
      ? ["-A"]
      : [
          ...set.namespaces.flatMap((namespace) => ["--ns", namespace]),
          ...(set.selectors ?? []).flatMap(selectorWords),
        ];
  return [
    formatSubject(subject),
    ...places,
    ...roleWords(role),
    ...targets.flatMap((target) => ["--target", target]),
    ...(reads ? [] : ["--no-reads"]),
    ...(allowCopy === true ? ["--allow-copy"] : []),
    ...lifetimeWords(lifetime),
    ...(groups === undefined ? [] : [`--groups=${groups.join(",")}`]),
    ...(reason === undefined ? [] : ["--reason", reason]),
    ...acceptedWords(accepted),
  ];
}

function roleWords(role: GrantRole): string[] {
  const exempted = exemptedAttributes(role);
  if (exempted !== undefined) return ["--privileged", exempted.join(",")];
  return role === "user" ? [] : ["--role", roleText(role)];
}

/** A selector as flags of `grant`: a collection by its path. */
export function selectorWords(selector: string): [flag: string, value: string] {
  const path = selectedCollection(selector);
  return path === undefined ? ["-l", selector] : ["--collection", path];
}

function lifetimeWords(lifetime: Lifetime | undefined): string[] {
  if (lifetime === undefined) return [];
  return "for" in lifetime ? ["--for", typedDuration(lifetime.for)] : ["--until", timestamp(lifetime.until)];
}

/** In the largest unit that says it whole. */
function typedDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

function acceptedWords({ allowSystem, dangerous, force, acceptLabelRisk, acceptWeakExpiry }: Accepted): string[] {
  return [
    ...(dangerous === true ? ["--dangerous"] : []),
    ...(allowSystem === true ? ["--allow-system"] : []),
    ...(force === true ? ["--force"] : []),
    ...(acceptLabelRisk === true ? ["--accept-label-risk"] : []),
    ...(acceptWeakExpiry === true ? ["--accept-weak-expiry"] : []),
  ];
}
