import { grantWords, type Accepted } from "../../access/grant-words.ts";
import type { Intent, Lifetime } from "../../access/intent.ts";
import { shellCommand } from "../../text/shell-quote.ts";

/** The command that prints the grant as a manifest, for somebody else to apply: whatever was accepted stays accepted. */
export function grantCommand(
  intent: Intent,
  options: Accepted & { reason: string | undefined; lifetime: Lifetime | undefined },
): string {
  const words = [...grantWords(intent, { ...options, accepted: options }), "--dry-run=client", "-o", "yaml"];
  return shellCommand(["kubectl", "mirrord", "grant", ...words]);
}
