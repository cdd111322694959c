import { grantWords, type Accepted } from "../../access/grant-words.ts";
import type { Intent, Lifetime } from "../../access/intent.ts";
import { shellCommand } from "../../text/shell-quote.ts";

type Typed = Accepted & { reason: string | undefined; lifetime: Lifetime | undefined };

/** The command that makes the same grant. */
export function sameGrant(intent: Intent, options: Typed): string {
  return shellCommand(["kubectl", "mirrord", "grant", ...grantWords(intent, { ...options, accepted: options })]);
}

/** The command that prints the grant as a manifest, for somebody else to apply: whatever was accepted stays accepted. */
export function grantCommand(intent: Intent, options: Typed): string {
  return `${sameGrant(intent, options)} --dry-run=client -o yaml`;
}
