import { danglingText } from "../../access/findings.ts";
import { workloadTarget } from "../../access/intent.ts";
import { isMassPruning } from "../../access/prune-guard.ts";
import type { SyncPlan } from "../../access/sync.ts";
import { isRevoked, type StoredGrant } from "../../access/stored.ts";
import { isShared } from "../../access/subject.ts";
import type { Plan } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { keyByKind } from "../../kubernetes/object-key.ts";
import { organizationPart } from "../../access/organizations/directory.ts";
import { planDeletion } from "../../access/plan.ts";
import { withAggregation } from "../../rbac/decide/aggregation.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import { timestamp } from "../../text/instant.ts";
import { accessDiff, type AccessDiff } from "../diff/diff.ts";
import { bindingDrift, handMadeBindings } from "./bindings.ts";
import { changedObjects, objectGrant, type ChangedObject } from "./changes.ts";
import { matchGrants, type Declarations } from "./declarations.ts";
import { driftItem, objectItem, type DriftItem } from "./item.ts";

export interface DriftFacts {
  /** Roles and bindings that are there. */
  rbac: readonly KubernetesObject[];
  /** The cluster's grants, those that nothing declares among them. */
  stored: readonly StoredGrant[];
  /** Those that count, with what has to change for them. */
  planned: Pick<SyncPlan, "plan" | "skipped" | "refused" | "bindings" | "pruned"> & { grants: readonly StoredGrant[] };
  declared?: Declarations;
  /** Organizations that differ from the folder's. */
  organizations: readonly DriftItem[];
  /** By the server's clock, in milliseconds since 1970. */
  now: number;
  /** Words of commands: to reach the same cluster, and the paths of the folder. */
  connection: readonly string[];
  paths: readonly string[];
}

export interface Drift {
  items: DriftItem[];
  /** Who can do what by what is there and not by what is declared (`gains`), or the other way round (`loses`). */
  sessions: AccessDiff["sessions"];
  rights: AccessDiff["rights"];
}

/** Everything in which what is bound differs from what is declared, and what mends it. Pure. */
export function drift(facts: DriftFacts): Drift {
  const { rbac, stored, planned, declared, organizations } = facts;
  const matched = declared?.grants === undefined ? undefined : matchGrants(declared.grants, stored);
  const extra: Plan = (matched?.undeclared ?? []).flatMap(({ objects }) => planDeletion(objects));
  const changes = changedObjects([...planned.plan, ...extra]);
  const pairs = handMadeBindings({
    rbac,
    grants: stored,
    ...(declared === undefined ? {} : { declared: { rbac: declared.rbac, grants: declared.grants ?? [] } }),
  });
  const context = { facts, undeclared: matched?.undeclared ?? [], commands: commandsFor(facts, matched?.mend) };
  const items = [
    ...organizations,
    ...unsettled(context),
    ...changes.flatMap((change) => changeItem(change, context) ?? []),
    ...bindingDrift(pairs, facts),
  ];
  const access = accessDiff(side(withChanges(rbac, [...changes, ...pairs]), facts), side(rbac, facts));
  return { items, sessions: access.sessions, rights: access.rights };
}

interface Context {
  facts: DriftFacts;
  undeclared: readonly StoredGrant[];
  commands: (grant: string | undefined) => string[];
}

/** What mends the objects of a grant. */
function commandsFor(
  { planned, organizations, connection }: DriftFacts,
  mend: ReadonlyMap<string, string[]> = new Map(),
): Context["commands"] {
  const line = (words: readonly string[]) => shellCommand(["kubectl", "mirrord", ...words, ...connection]);
  const prune = isMassPruning(planned) ? [`--yes-prune=${planned.pruned}`] : [];
  const byId = new Map(planned.grants.map((grant) => [grant.id, grant]));
  return (grant) => {
    const words = mend.get(grant ?? "");
    if (words !== undefined) return [line(words)];
    const subject = byId.get(grant ?? "")?.intent?.subject;
    // Grants follow who belongs to an organization by the same command.
    const changed = organizations.find(
      (item) => subject !== undefined && isShared(subject) && item.subject.name === organizationPart(subject.name),
    );
    return changed === undefined ? [line(["grant", "sync", ...prune])] : changed.commands;
  };
}

function changeItem(change: ChangedObject, context: Context): DriftItem | undefined {
  const object = change.bound ?? change.declared;
  const id = object && objectGrant(object);
  const options = { why: whyExtra(id, context), commands: context.commands(id) };
  return objectItem(change, id === undefined ? options : { ...options, grant: id });
}

/** Why an object should not be there, as the beginning of a sentence. */
function whyExtra(id: string | undefined, { facts, undeclared }: Context): string {
  if (undeclared.some((grant) => grant.id === id)) return "Nothing declares its grant";
  const grant = facts.planned.grants.find((each) => each.id === id);
  if (grant?.intent === undefined) return "Nothing carries the intent of its grant";
  if (isRevoked(grant)) return "Its grant was revoked";
  const { expiresAt = Infinity } = grant;
  if (expiresAt <= facts.now) return `Its grant ended at ${timestamp(expiresAt)}`;
  const wasTaken = facts.planned.plan.some(
    ({ action, object }) => action === "delete" && object.metadata.name === grant.binding?.metadata.name,
  );
  return wasTaken && isShared(grant.intent.subject) ? danglingText(grant.intent) : "It is no part of its grant";
}

/** Grants that nothing can be done about without somebody's word. */
function unsettled({ facts: { planned, connection } }: Context): DriftItem[] {
  const unknown = new Set(uncompared(planned).map(({ id }) => id));
  return planned.skipped.flatMap(({ id, why }) => {
    if (unknown.has(id)) return [];
    const grant = planned.grants.find((each) => each.id === id);
    // Where consent is all that is missing, the reason names the flag that gives it.
    const words = why.includes("--yes") ? ["grant", "sync", "--yes"] : ["grant", "revoke", id];
    return [
      driftItem("drift-unsettled", {
        subject: { kind: "ClusterRoleBinding", name: grant?.binding?.metadata.name ?? id },
        grant: id,
        message: `Its grant is left alone: ${why}`,
        commands: [shellCommand(["kubectl", "mirrord", ...words, ...connection])],
      }),
    ];
  });
}

/** Grants of which something could not be read, and what. */
export function uncompared({ grants, skipped, refused }: DriftFacts["planned"]): { id: string; why: string }[] {
  const waiting = new Set(refused.map(({ id }) => id));
  const readable = new Set(grants.flatMap(({ id, intent }) => (intent === undefined ? [] : [id])));
  return skipped.filter(({ id }) => readable.has(id) && !waiting.has(id));
}

/** Roles and bindings as they would be as declared. */
function withChanges(rbac: readonly KubernetesObject[], changes: readonly ChangedObject[]): KubernetesObject[] {
  const all = new Map(rbac.map((object) => [keyByKind(object.kind, object.metadata), object]));
  for (const { declared, bound } of changes) {
    const object = bound ?? declared;
    if (object === undefined || !/Role(Binding)?$/.test(object.kind)) continue;
    const key = keyByKind(object.kind, object.metadata);
    if (declared === undefined) all.delete(key);
    else all.set(key, declared);
  }
  return [...all.values()];
}

/** Targets are those that grants are limited to: the others are alike. */
function side(rbac: readonly KubernetesObject[], { planned: { grants } }: DriftFacts) {
  const targets = grants.flatMap(({ intent, objects }) => {
    const named = intent === undefined || intent.set.kind === "all" ? [] : intent.set.namespaces;
    const places = [...new Set([...named, ...objects.flatMap(({ object }) => object.metadata.namespace ?? [])])];
    return (intent?.targets ?? []).flatMap((path) => {
      const { kind, name } = workloadTarget(path);
      return places.map((namespace) => ({ kind, name, namespace }));
    });
  });
  return { rbac: withAggregation([...rbac]).objects, policies: [], targets };
}
