import { encodeIntent, grantId, type Intent } from "../intent.ts";
import { annotations } from "../names.ts";
import type { StoredGrant } from "../stored.ts";

/**
 * The grant as it is to another subject: the same otherwise, with who granted first, when and why, and the same end. Whom it is for is
 * a part of what it is, so it is another one, of which nothing is stored yet.
 */
export function movedGrant(grant: StoredGrant, intent: Intent, subject: Intent["subject"]): StoredGrant {
  const moved = { ...intent, subject };
  const { binding, expiresAt } = grant;
  const notes = { ...binding?.metadata.annotations, [annotations.intent]: encodeIntent(moved) };
  return {
    id: grantId(moved),
    intent: moved,
    binding: binding && { ...binding, metadata: { annotations: notes } },
    expiresAt,
    objects: [],
  };
}
