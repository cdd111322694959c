import { exemptedAttributes } from "../../access/intent.ts";
import { otherAccess, type OtherAccess } from "../../access/other-access.ts";
import type { GrantOutline } from "../../access/outline.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { readAllRbac, readRbac } from "../../reading/rbac-objects.ts";
import { parseTime } from "../../text/instant.ts";
import { listWords } from "../../text/list-words.ts";

/** What is true of a subject besides a grant. */
export interface Besides {
  /** The access goes on after the end of the grant, wherever it holds. */
  goesOn: boolean;
  lines: string[];
}

interface Granted {
  namespaces: readonly string[];
  expiresAt: string | undefined;
  /** `, but …`: what policies block there. */
  blocked: () => Promise<string>;
}

/**
 * Says what other grants and bindings give where this is less: beside a grant that only looks, and past the end of one that ends.
 * What may not be read is passed over: the sentence of the grant itself is true all the same.
 */
export async function readBesides(
  cluster: Cluster,
  grant: GrantOutline,
  { namespaces, expiresAt, blocked }: Granted,
): Promise<Besides> {
  const { intent, subjectText: subject, targets } = grant;
  const isEverywhere = intent.set.kind === "all";
  const isForSessions = intent.plain !== true && exemptedAttributes(intent.role) === undefined;
  if (!isForSessions || (intent.role !== "view" && expiresAt === undefined)) return { goesOn: false, lines: [] };
  const { objects } = isEverywhere ? await readAllRbac(cluster) : await readRbac(cluster, namespaces);
  const others = otherAccess(grant, objects, namespaces, parseTime(expiresAt));
  if (others.length === 0) return { goesOn: false, lines: [] };
  if (intent.role === "view") {
    const line = `Besides, ${subject} can mirror and steal any target ${placed(others)}${await blocked()}.`;
    return { goesOn: false, lines: [line] };
  }
  const places = isEverywhere ? 1 : namespaces.length * Math.max(targets.length, 1);
  const line = `The access goes on after the end of this grant ${placed(others)}.`;
  return { goesOn: others.length === places, lines: [line] };
}

/** More than these are counted. */
const SHOWN = 3;

/** `in dev and qa, by grant ID`. */
function placed(others: readonly OtherAccess[]): string {
  const names = [...new Set(others.map(({ namespace }) => namespace))];
  const by = [...new Set(others.flatMap((other) => other.by))];
  const where = names.includes("")
    ? "in all namespaces"
    : `in ${names.length > SHOWN ? `${names.length} namespaces` : listWords(names)}`;
  const more = by.length > SHOWN ? [`${by.length - SHOWN} more`] : [];
  return by.length === 0 ? where : `${where}, by ${listWords([...by.slice(0, SHOWN), ...more])}`;
}
