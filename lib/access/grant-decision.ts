import { checkRoles } from "./check-roles.ts";
import { grantExpiry, type ExpiryFlags, type ExpirySeen, type GrantExpiry } from "./expiry.ts";
import type { Intent, Lifetime } from "./intent.ts";
import { isGuardedSelector } from "./places.ts";
import { labelRisk } from "./label-risk.ts";
import { grantLimits, voidLimits, type Limits, type RbacSeen, type TargetSeen } from "./limits.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Lookup, Places } from "./places.ts";
import { bindsPolicyReads, type StoredGrant } from "./stored.ts";

/** All that is read of a cluster before a grant is decided. */
export interface GrantFacts {
  /** Of the grant: its own bindings begin with it. */
  name: string;
  /** False for a folder of manifests. */
  live: boolean;
  places: Places;
  /** The ClusterRoles that the grant binds and does not bring. */
  roles: ReadonlyMap<string, Lookup>;
  /** The ClusterRoles of ours that are there, by name: those that the grant may need. */
  sharedRoles: ReadonlyMap<string, KubernetesObject>;
  /** The same grant, where it is there already. */
  stored: StoredGrant | undefined;
  /** Of a temporary grant: the permanent one of the same thing. */
  permanent: StoredGrant | undefined;
  /** The cluster has policies. */
  policies: boolean;
  targets: readonly TargetSeen[];
  /** Read for a limited grant and for one with a selector that is not guarded. */
  rbac: RbacSeen;
  expiry: ExpirySeen;
  /** Plural names of what is there already and may not be listed. */
  unlisted: readonly string[];
}

/** What `grant` does only when it is told that this is meant. */
export interface GrantFlags extends ExpiryFlags {
  allowSystem: boolean;
  dangerous: boolean;
  /** Targets that are not there are warnings. */
  force: boolean;
  acceptLabelRisk: boolean;
}

export interface GrantDecision {
  limits: Limits["limits"];
  expiry: GrantExpiry;
  /** The grant lets its subject list the cluster-wide policies. */
  policies: boolean;
  warnings: string[];
}

/** Judges a grant by what was read. Pure. Throws UserError when something it refers to is missing, or needs a flag. */
export function decideGrant(
  intent: Intent,
  facts: GrantFacts,
  { lifetime, ...flags }: GrantFlags & { lifetime: Lifetime | undefined },
): GrantDecision {
  const { places, rbac, live, stored, permanent } = facts;
  const { namespaces, selected } = places;
  const selectors = intent.set.kind === "all" ? [] : (intent.set.selectors ?? []);
  const allowCopy = intent.allowCopy === true;
  const policies = facts.policies || bindsPolicyReads(stored);
  const roleWarnings = checkRoles(facts.roles, flags);
  const { limits, warnings } = grantLimits(facts.targets, places, { force: flags.force, allowCopy });
  const voided =
    intent.targets.length === 0
      ? []
      : voidLimits(rbac, { subject: intent.subject, ownName: facts.name, allowCopy }, namespaces);
  const risks = isGuardedSelector(selectors) ? [] : [labelRisk(rbac, selected, { accepted: flags.acceptLabelRisk })];
  const roles = [...facts.roles.values()].filter((role) => typeof role !== "string");
  const expiry = grantExpiry(intent, facts.expiry, { lifetime, live, namespaces, roles, stored, policies }, flags);
  return {
    limits,
    expiry,
    policies,
    warnings: [
      ...facts.unlisted.map((resource) => `you may not list ${resource}: what is there already is not compared`),
      ...places.warnings,
      ...roleWarnings,
      ...warnings,
      ...voided,
      ...risks,
      ...(namespaces.length === 0 && selectors.length > 0
        ? ["no namespace matches today: sync grants access in those that will"]
        : []),
      ...expiry.warnings,
      ...(permanent?.intent === undefined
        ? []
        : [`the same is granted for good by grant ${permanent.id}: the access does not end unless that is revoked`]),
    ],
  };
}
