import { usageError } from "../../errors.ts";
import type { SessionPlan } from "./session-plan.ts";

/** Major, minor, patch. */
export type Version = readonly [number, number, number];

/**
 * Reads `3.118.0`, `v3.118.0` or `3.118`; what follows a `-` or `+` does not count.
 * Undefined for anything else.
 */
export function parseVersion(text: string): Version | undefined {
  const [, major, minor, patch = "0"] = /^v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?:[-+].*)?$/s.exec(text.trim()) ?? [];
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

/** The value of `--client-version`. Throws UserError "usage". */
export function clientVersion(text: string): Version {
  const version = parseVersion(text);
  if (version === undefined)
    throw usageError(`${JSON.stringify(text)} is not a version of mirrord`, "Write for example 3.118.0.");
  return version;
}

export function isOlder(version: Version, than: Version): boolean {
  const at = version.findIndex((part, index) => part !== than[index]);
  return at >= 0 && (version[at] ?? 0) < (than[at] ?? 0);
}

// The client that first does it so. Sources: operator contract sections 3.1 and 9.
const PROXY_VERB: Version = [3, 51, 1];
const NATIVE_LOOKUP: Version = [3, 118, 1];
const USER_CREDENTIALS: Version = [3, 164, 0];
const COPY_TARGETS: Version = [3, 75, 0];
const LABEL_TARGETS: Version = [3, 246, 0];

/** The features of the operator that a client of that age knows; a current one knows them all. */
export function knownFeatures(features: ReadonlySet<string>, version: Version | undefined): ReadonlySet<string> {
  if (version === undefined) return features;
  const later = new Set([
    ...(isOlder(version, USER_CREDENTIALS) ? ["ExtendableUserCredentials"] : []),
    ...(isOlder(version, PROXY_VERB) ? ["ProxyApi"] : []),
  ]);
  return new Set([...features].filter((feature) => !later.has(feature)));
}

/** It asks the operator about the target instead of reading it. */
export function isLegacyClient(version: Version | undefined): boolean {
  return version !== undefined && isOlder(version, NATIVE_LOOKUP);
}

/** What the client is too old for, if anything. */
export function beyondClient({ copy, target }: SessionPlan, version: Version | undefined): string | undefined {
  if (version === undefined) return undefined;
  if (copy && isOlder(version, COPY_TARGETS)) return `copy targets, which came with ${COPY_TARGETS.join(".")}`;
  if (target.kind === "label" && isOlder(version, LABEL_TARGETS))
    return `label targets, which came with ${LABEL_TARGETS.join(".")}`;
  return undefined;
}
