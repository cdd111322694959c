import { usageError, UserError } from "../errors.ts";
import { isSameJson, listIn } from "../json.ts";
import type { Change, Plan } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { parseTime } from "../text/instant.ts";
import { anchorTtl } from "./anchor.ts";
import { checkRoles } from "./check-roles.ts";
import type { Intent } from "./intent.ts";
import { annotations } from "./names.ts";
import type { GrantOutline } from "./outline.ts";
import { parseIntent } from "./parse-intent.ts";
import type { Lookup } from "./places.ts";
import { formatSubject } from "./subject.ts";

// Writing an intent is granting: whoever may write ClusterRoleBindings can write one. So what acts on stored intents makes and
// widens only what `grant` would make, and asks for the same consent. What takes access away is never refused.

/** What somebody who may grant said on purpose. */
export interface Consent {
  dangerous: boolean;
  allowSystem: boolean;
}

/** The consent that is written into an intent. It counts only where nobody but administrators can write one. */
export function recordedConsent({ dangerous = false, allowSystem = false }: Intent, guarded: boolean): Consent {
  return { dangerous: guarded && dangerous, allowSystem: guarded && allowSystem };
}

/** What `grant` judges a stored intent by. */
export interface ConsentFacts {
  /** The ClusterRoles that grants bind and do not bring, by name. */
  roles: ReadonlyMap<string, Lookup>;
  /** The operator's namespace. */
  operator: string;
}

/** Why `grant` would not make this grant with that consent; undefined when it would. */
export function grantRefusal(grant: GrantOutline, facts: ConsentFacts, consent: Consent): UserError | undefined {
  try {
    parseIntent(typedIntent(grant.intent, consent));
    const needed = new Map(grant.roles.needed.map((name) => [name, facts.roles.get(name) ?? "absent"]));
    for (const [name, role] of needed) {
      if (role === "forbidden" && !consent.dangerous) {
        return usageError(`you may not read clusterrole ${JSON.stringify(name)}, which could hold any rights`);
      }
    }
    checkRoles(needed, consent);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  if (consent.allowSystem || !grant.named.includes(facts.operator)) return undefined;
  return usageError(
    `namespace ${facts.operator} is the operator's own`,
    "Add --allow-system if that is what you mean.",
  );
}

/** The intent as it would have to be typed. */
function typedIntent({ subject, role, set, targets, reads, allowCopy = false }: Intent, consent: Consent) {
  const places = set.kind === "all" ? { namespaces: [], selectors: [] } : set;
  return {
    subject: formatSubject(subject),
    namespace: places.namespaces,
    selector: places.selectors ?? [],
    collection: [],
    allNamespaces: set.kind === "all",
    role,
    target: targets,
    noReads: !reads,
    allowCopy,
    ...consent,
  };
}

/**
 * Whether a step gives somebody access that is not there yet: a new binding or Role, another subject or rule, a later end. A shared
 * ClusterRole of ours gives nothing by itself, and an anchor only ends what others give.
 */
export function widens({ action, object, current }: Change): boolean {
  if (action === "delete" || action === "unchanged" || object.kind === "ClusterRole") return false;
  if (object.kind === "Job")
    return current !== undefined && (anchorTtl(object) ?? 0) > (anchorTtl(current) ?? Infinity);
  if (current === undefined) return true;
  const isMore = (field: "subjects" | "rules") => !isWithin(listIn(object[field]), listIn(current[field]));
  return isMore("subjects") || isMore("rules") || endsLater(object, current);
}

const isWithin = (items: readonly unknown[], known: readonly unknown[]) =>
  items.every((item) => known.some((each) => isSameJson(each, item)));

function endsLater(object: KubernetesObject, current: KubernetesObject): boolean {
  const end = (of: KubernetesObject) => parseTime(of.metadata.annotations?.[annotations.expiresAt]) ?? Infinity;
  return end(object) > end(current);
}

/** Whether all that a plan makes is there already under other names: the same subjects with the same role or rules, there. */
export function isCovered(plan: Plan, stored: readonly KubernetesObject[]): boolean {
  return plan
    .filter(widens)
    .every(({ object }) =>
      stored.some(
        (each) =>
          each.kind === object.kind &&
          each.metadata.namespace === object.metadata.namespace &&
          isSameJson(each["roleRef"], object["roleRef"]) &&
          isWithin(listIn(object["subjects"]), listIn(each["subjects"])) &&
          isWithin(listIn(object["rules"]), listIn(each["rules"])),
      ),
    );
}
