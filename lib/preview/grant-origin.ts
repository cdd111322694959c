import { decodeIntent } from "../access/intent.ts";
import { annotations, GRANT_LABEL } from "../access/names.ts";
import { formatSubject } from "../access/subject.ts";
import { parseTime } from "../text/instant.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { keyByKind } from "../kubernetes/object-key.ts";
import type { RbacRef } from "../rbac/types.ts";

/** The grant behind a binding. */
export interface GrantOrigin {
  id: string;
  /** `jim`, `group:web`, `team:acme/web`: whom the grant was made for, where that could be read. */
  subject?: string;
  /** RFC3339. */
  expiresAt?: string;
  /** It has ended and is still bound. */
  expired: boolean;
}

/** Finds the grant that a binding belongs to, by its label; undefined for one that nobody here made. */
export function grantOrigins(
  objects: readonly KubernetesObject[],
  now: Date,
): (binding: RbacRef) => GrantOrigin | undefined {
  const ids = new Map<string, string>();
  const carriers = new Map<string, KubernetesObject>();
  for (const object of objects) {
    const { labels, annotations: notes } = object.metadata;
    const id = labels?.[GRANT_LABEL];
    if (id === undefined || !object.kind.endsWith("Binding")) continue;
    ids.set(keyByKind(object.kind, object.metadata), id);
    if (notes?.[annotations.intent] !== undefined) carriers.set(id, object);
  }
  return (binding) => {
    const id = ids.get(keyByKind(binding.kind, binding));
    return id === undefined ? undefined : grantOrigin(id, carriers.get(id), now);
  };
}

function grantOrigin(id: string, carrier: KubernetesObject | undefined, now: Date): GrantOrigin {
  const notes = carrier?.metadata.annotations ?? {};
  const subject = decodeIntent(notes[annotations.intent])?.subject;
  const expiresAt = notes[annotations.expiresAt];
  return {
    id,
    ...(subject === undefined ? {} : { subject: formatSubject(subject) }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    expired: (parseTime(expiresAt) ?? Number.POSITIVE_INFINITY) <= now.getTime(),
  };
}
