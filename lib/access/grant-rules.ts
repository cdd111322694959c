import type { Finding, Severity } from "../findings/finding.ts";
import type { KubernetesObject, ObjectReference } from "../kubernetes/object.ts";
import type { StoredGrant } from "./stored.ts";

/** What mends most of them. */
export const SYNC = "Run: kubectl mirrord grant sync";

/**
 * What may not be as it should be about a grant, gravest first, with its word for a table. `unadopted`: written from a
 * file, `sync` has not seen it yet. `namespace-anew`: a namespace of that name is another one than was granted. `outdated`: the containers of a limited target, or the
 * members of a team, have changed. `dangling`: its team or organization does not exist. `expiry-unknown`: its
 * anchors could not be read.
 */
export const grantRules = {
  unreadable: { severity: "error", word: "unreadable", fix: "Revoke it by its id, and grant it again." },
  "revoked-still-bound": { severity: "error", word: "REVOKED, still bound", fix: SYNC },
  "expired-still-bound": { severity: "error", word: "EXPIRED, still bound", fix: SYNC },
  dangling: { severity: "error", word: "DANGLING", fix: SYNC },
  detached: { severity: "error", word: "DETACHED", fix: SYNC },
  unanchored: { severity: "error", word: "UNANCHORED", fix: SYNC },
  "expiry-not-enforced": { severity: "error", word: "EXPIRY NOT ENFORCED", fix: SYNC },
  "expiry-unknown": { severity: "warning", word: "expiry unknown", fix: "Ask somebody who may list jobs." },
  "expiry-in-doubt": { severity: "warning", word: "expiry in doubt", fix: SYNC },
  "namespace-anew": {
    severity: "warning",
    word: "namespace anew",
    fix: "Run kubectl mirrord grant sync --yes if the new one is meant, too; else revoke the grant there.",
  },
  missing: { severity: "warning", word: "incomplete", fix: SYNC },
  outdated: { severity: "warning", word: "outdated", fix: SYNC },
  unadopted: { severity: "note", word: "unadopted", fix: SYNC },
  expired: { severity: "note", word: "expired", fix: SYNC },
  // Nothing is wrong with the grant.
  "platform-finalizer": { severity: "note", word: "ok", fix: "Nothing to do: revoke and sync wait for it." },
} as const satisfies Record<string, { severity: Severity; word: string; fix: string }>;

export type GrantRule = keyof typeof grantRules;

/** Its subject is the object that is not as it should be, or the grant itself: kind `Grant`, named by its id. */
export type GrantFinding = Finding<GrantRule>;

/** About one of its objects. */
export function about(rule: GrantRule, { kind, metadata }: KubernetesObject, message: string): GrantFinding {
  const { name = "", namespace } = metadata;
  return grantFinding(rule, { kind, name, ...(namespace === undefined ? {} : { namespace }) }, message);
}

/** About the grant itself. */
export function aboutGrant(rule: GrantRule, { id }: StoredGrant, message: string): GrantFinding {
  return grantFinding(rule, { kind: "Grant", name: id }, message);
}

function grantFinding(rule: GrantRule, subject: ObjectReference, message: string): GrantFinding {
  const { severity, fix } = grantRules[rule];
  return { rule, severity, subject, message, fix };
}

/** The word for a table: the gravest finding, or `ok`. */
export function statusWord(findings: readonly GrantFinding[]): string {
  const [first] = findings;
  return first === undefined ? "ok" : grantRules[first.rule].word;
}
