// Constrained impersonation (Kubernetes 1.35 and newer): whoever may impersonate somebody with it may not do all that the other may,
// but only the requests that a rule allows with the verb `impersonate-on:MODE:VERB`.

import { formatSubject, type GrantSubject } from "../access/subject.ts";
import { RBAC_GROUP } from "../kubernetes/resources.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { AUTHENTICATION, CERTIFICATES, rightId } from "./edges/edge.ts";
import { rights } from "./edges/rights.ts";
import {
  heldRights,
  impliedHolders,
  holderKey,
  wayPlaces,
  type HeldPlace,
  type Holder,
  type Holding,
  type Right,
} from "./rights.ts";

/** Somebody in the name of somebody else, with what is left of both their rights. */
export interface ActingHolder extends Holder {
  /** Who acts, by `holderKey`. */
  from: string;
  /** Of this pair; behind its first blank is whose name it is. */
  key: string;
  place: HeldPlace;
}

const USERS = rightId("impersonate:user-info", AUTHENTICATION, "users");
const GROUPS = rightId("impersonate:user-info", AUTHENTICATION, "groups");
const ACCOUNTS = rightId("impersonate:serviceaccount", AUTHENTICATION, "serviceaccounts");

/** For whom a rule is needed; with a group some user is named as well. Source: apiserver pkg/endpoints/filters/impersonation/mode.go. */
const modes: readonly { mode: string; needs: readonly string[]; kind: GrantSubject["kind"] }[] = [
  { mode: "user-info", needs: [USERS], kind: "User" },
  { mode: "user-info", needs: [GROUPS, USERS], kind: "Group" },
  { mode: "serviceaccount", needs: [ACCOUNTS], kind: "ServiceAccount" },
];

/** What the API server looks for in whose name a request is sent, and is no request itself. */
const isLookedUp = ({ verb }: Right): boolean => ["bind", "escalate", "approve"].includes(verb);
const isRequest = (right: Right): boolean =>
  !isLookedUp(right) && !["*", "manage"].includes(right.verb) && !right.verb.startsWith("impersonate");
/** Requests that are judged by such rights: these are those of the same subject. */
const isJudged = ({ apiGroup }: Right): boolean => apiGroup === RBAC_GROUP || apiGroup === CERTIFICATES;

const onRight = (mode: string, id: string): string => `${mode} ${id}`;

const onRights: Readonly<Record<string, Right>> = Object.fromEntries(
  ["user-info", "serviceaccount"].flatMap((mode) =>
    Object.entries(rights)
      .filter(([, right]) => isRequest(right))
      .map(([id, right]) => [onRight(mode, id), { ...right, verb: `impersonate-on:${mode}:${right.verb}` }]),
  ),
);

/** Everybody who may act as somebody else in one request or another, and has not everything anyway. */
export function actingHolders(
  rbac: readonly KubernetesObject[],
  holders: ReadonlyMap<string, Holder>,
  everything: string,
): ActingHolder[] {
  const starts = [...holders].filter(
    ([, { rights: held }]) => !held.has(everything) && modes.some(({ needs: [first = ""] }) => held.has(first)),
  );
  // Hardly any cluster has such a rule, and of one that has none nothing more is looked for.
  if (starts.length === 0) return [];
  const on = heldRights(rbac, onRights).holders;
  return starts.flatMap(([from, holder], index) => {
    const allowed = together([...listed(on.get(from)), ...impliedHolders(holder.subject, on)]);
    const own = together([holder, ...impliedHolders(holder.subject, holders)]);
    return modes.flatMap(({ mode, needs, kind }) =>
      wayPlaces(holder, needs).flatMap((place) =>
        others(kind, place, holders).flatMap((other): ActingHolder[] => {
          const theirs = together([other, ...impliedHolders(other.subject, holders)]);
          const inTheirName = narrowed(theirs, allowed, mode);
          if (![...inTheirName.keys()].some((id) => rights[id] !== undefined && isRequest(rights[id]))) return [];
          const key = `acting-${index} ${formatSubject(other.subject)}`;
          return [{ from, key, place, subject: other.subject, rights: withOwn(inTheirName, own) }];
        }),
      ),
    );
  });
}

const listed = <One>(one: One | undefined): One[] => (one === undefined ? [] : [one]);

function together(holders: readonly Pick<Holder, "rights">[]): Map<string, Holding[]> {
  const all = new Map<string, Holding[]>();
  for (const { rights: held } of holders)
    for (const [id, holdings] of held) all.set(id, [...(all.get(id) ?? []), ...holdings]);
  return all;
}

/** Whose names may be used. `system:masters` is always refused, and nodes have a mode of their own. */
function others(
  kind: GrantSubject["kind"],
  { namespace, through: { names } }: HeldPlace,
  holders: ReadonlyMap<string, Holder>,
): Holder[] {
  const isThere = ({ subject }: Holder) =>
    subject.kind === kind &&
    subject.name !== "system:masters" &&
    !subject.name.startsWith("system:node:") &&
    (subject.kind !== "ServiceAccount" || namespace === "" || subject.namespace === namespace) &&
    names?.has(subject.name) !== false;
  if (names === undefined || kind === "ServiceAccount") return [...holders.values()].filter(isThere);
  const named = [...names].flatMap((name) => listed(holders.get(holderKey({ kind, name }))));
  return named.filter(isThere);
}

/** What the other has, as far as a rule allows the request in their name. */
function narrowed(
  theirs: ReadonlyMap<string, readonly Holding[]>,
  allowed: ReadonlyMap<string, readonly Holding[]>,
  mode: string,
): Map<string, Holding[]> {
  const left = new Map<string, Holding[]>();
  for (const [id, held] of theirs) {
    const right = rights[id];
    if (right === undefined) continue;
    if (isLookedUp(right)) left.set(id, [...held]);
    const both = held.flatMap((one) =>
      (allowed.get(onRight(mode, id)) ?? []).flatMap((limit) => listed(meeting(one, limit))),
    );
    if (both.length > 0) left.set(id, both);
  }
  return left;
}

/** Where and for which names both are held, through the first. */
function meeting(one: Holding, limit: Holding): Holding | undefined {
  if (one.namespace !== "" && limit.namespace !== "" && one.namespace !== limit.namespace) return undefined;
  const { names } = one;
  const both =
    names === undefined || limit.names === undefined
      ? (names ?? limit.names)
      : new Set([...names].filter((name) => limit.names?.has(name)));
  if (both?.size === 0) return undefined;
  return { ...one, namespace: one.namespace === "" ? limit.namespace : one.namespace, names: both };
}

/** One request of several may be sent in one's own name. */
function withOwn(
  inTheirName: Map<string, Holding[]>,
  own: ReadonlyMap<string, readonly Holding[]>,
): Map<string, Holding[]> {
  for (const [id, held] of own) {
    const right = rights[id];
    if (right === undefined || !isRequest(right) || isJudged(right)) continue;
    inTheirName.set(id, [...(inTheirName.get(id) ?? []), ...held]);
  }
  return inTheirName;
}
