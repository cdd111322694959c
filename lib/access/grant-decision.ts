import type { KubernetesObject } from "../kubernetes/object.ts";
import { intentCollections, refuseUnknown } from "./collection-plan.ts";
import type { CollectionsSeen } from "./collections-seen.ts";
import { checkOwnRoles, checkRoles } from "./check-roles.ts";
import type { Guard } from "./guard.ts";
import { grantExpiry, type ExpiryFlags, type ExpirySeen, type GrantExpiry } from "./expiry.ts";
import { usageError } from "../errors.ts";
import { exemptedAttributes, type Lifetime } from "./intent.ts";
import { labelRisk } from "./label-risk.ts";
import { grantLimits, voidLimits, type Limits, type RbacSeen, type TargetSeen } from "./limits.ts";
import type { NamespaceUids } from "./namespace-uids.ts";
import type { GrantOutline } from "./outline.ts";
import type { Lookup, Places } from "./places.ts";
import { bindsPolicyReads, type StoredGrant } from "./stored.ts";

/** All that is read of a cluster before a grant is decided. */
export interface GrantFacts {
  /** False for a folder of manifests. */
  live: boolean;
  places: Places;
  /** Of the namespaces that it names, as far as they may be read; none in a folder. */
  uids: NamespaceUids;
  /** The ClusterRoles that the grant binds, by name: those that must be there already, and ours, which it may bring. */
  neededRoles: ReadonlyMap<string, Lookup>;
  ownRoles: ReadonlyMap<string, Lookup>;
  /** The same grant, where it is there already. */
  stored: StoredGrant | undefined;
  /** Of a temporary grant: the permanent one of the same thing. */
  permanent: StoredGrant | undefined;
  /** The cluster has policies. */
  policies: boolean;
  targets: readonly TargetSeen[];
  /** The subject, where it is a service account. */
  account: Lookup | undefined;
  /** The collections, for a grant that names some; undefined: not read, or not readable. */
  collections: Pick<CollectionsSeen, "known" | "created"> | undefined;
  /** Whether only administrators can change which namespaces its selectors match. */
  labelGuard: Guard;
  /** Read for a limited grant, and for one with a selector that is not guarded. */
  rbac: RbacSeen;
  expiry: ExpirySeen;
  /** Of an exemption: namespaces where the subject may use every name; empty text: everywhere. */
  wildcards: readonly string[];
  /** Plural names of what is there already and may not be listed. */
  unlisted: readonly string[];
}

/** What `grant` does only when it is told that this is meant. */
export interface GrantFlags extends ExpiryFlags {
  allowSystem: boolean;
  dangerous: boolean;
  /** Targets that are not there are warnings. */
  force: boolean;
  /** The same of namespaces: only a new grant is made for what is not there yet. */
  absentNamespaces: boolean;
  acceptLabelRisk: boolean;
  /** What the caller may not read is a warning: for a manifest that somebody else applies. */
  tolerant: boolean;
  /** A collection that it names need not be there: it was when the grant was judged first. */
  collectionsMayBeGone?: boolean;
}

export interface GrantDecision {
  limits: Limits["limits"];
  expiry: GrantExpiry;
  /** The grant lets its subject list the cluster-wide policies. */
  policies: boolean;
  /** ClusterRoles of ours that are there, by name. */
  ownRoles: ReadonlyMap<string, KubernetesObject>;
  warnings: string[];
}

/** Throws UserError "usage" for an exemption that the policies would not count, unless that is tolerated. */
function exemptionWarnings(
  { intent, subjectText }: GrantOutline,
  wildcards: readonly string[],
  { force }: Pick<GrantFlags, "force">,
): string[] {
  if (exemptedAttributes(intent.role) === undefined) return [];
  const { subject, temporary } = intent;
  const places = wildcards.map((namespace) => (namespace === "" ? "all namespaces" : namespace)).join(", ");
  const text = `${subjectText} holds every right in ${places} by a wildcard (* on *): the policies count no exemption of such a subject`;
  if (places !== "" && !force) {
    throw usageError(text, [
      "Bind it to a role that names what it needs, such as edit.",
      "Or grant it all the same: --force.",
    ]);
  }
  const lasting = `${subjectText} is exempt for good: add --for 8h where that is not meant`;
  const isPerson = subject.kind !== "ServiceAccount" && temporary !== true;
  return [...(places === "" ? [] : [text]), ...(isPerson ? [lasting] : [])];
}

/** Judges a grant by what was read. Throws UserError when something that it refers to is missing, or needs a flag. */
export function decideGrant(
  grant: GrantOutline,
  facts: GrantFacts,
  { lifetime, ...flags }: GrantFlags & { lifetime: Lifetime | undefined },
): GrantDecision {
  const { places, permanent } = facts;
  const { namespaces, selected } = places;
  const roles = checkRoles(facts.neededRoles, flags);
  const limited = grantLimits(grant, facts.targets, { selected, force: flags.force });
  const voided = voidLimits(grant, facts.rbac, namespaces);
  if (facts.collections !== undefined && !flags.force && flags.collectionsMayBeGone !== true) {
    for (const path of intentCollections(grant.intent)) refuseUnknown(path, facts.collections.known);
  }
  const risks = facts.labelGuard.guards
    ? []
    : labelRisk(facts.rbac, selected, { accepted: flags.acceptLabelRisk, unreadGuards: facts.labelGuard.unreadable });
  const policies = facts.policies || bindsPolicyReads(facts.stored);
  const unbound = new Set(policies ? [] : grant.roles.policyReads.map(([, role]) => role));
  const ownRoles = checkOwnRoles(new Map([...facts.ownRoles].filter(([name]) => !unbound.has(name))), flags);
  const expiry = grantExpiry(grant, { ...facts, lifetime, namespaces, policies }, flags);
  const matchesNone = namespaces.length === 0 && grant.selectors.length > 0;
  return {
    limits: limited.limits,
    expiry,
    policies,
    ownRoles: ownRoles.found,
    warnings: [
      ...facts.unlisted.map((resource) => `you may not list ${resource}: what is there already is not compared`),
      ...accountWarning(grant, facts.account),
      ...places.warnings,
      ...roles,
      ...ownRoles.warnings,
      ...limited.warnings,
      ...voided,
      ...risks,
      ...(matchesNone ? ["no namespace matches today: sync grants access in those that will"] : []),
      ...expiry.warnings,
      ...exemptionWarnings(grant, facts.wildcards, flags),
      ...(permanent?.intent === undefined
        ? []
        : [`the same is granted for good by grant ${permanent.id}: the access does not end unless that is revoked`]),
    ],
  };
}

function accountWarning({ subjectText }: GrantOutline, account: Lookup | undefined): string[] {
  return account === "absent" ? [`${subjectText} does not exist: the grant is for whatever gets that name`] : [];
}
