import { workloadTarget, type Intent } from "../../access/intent.ts";
import { outlineGrant } from "../../access/outline.ts";
import { grantObjects } from "../../access/objects.ts";
import { limitedTarget, type LimitedTarget } from "../../access/roles.ts";
import { commonIdentity, type RbacSubject } from "../../access/subject.ts";
import { objectIn, textIn } from "../../json.ts";
import { keyByKind } from "../../kubernetes/object-key.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { isMirrordGroup } from "../../mirrord/resources.ts";
import { targetIn } from "../../mirrord/target.ts";
import { authorizer, type Authorizer } from "../../rbac/authorizer.ts";
import type { RequestTotals } from "../usage/totals.ts";
import type { GrantUse } from "./use.ts";

/** More targets than this, or more namespaces in place of all, are no limit that somebody would keep. */
const MOST_TARGETS = 3;
const MOST_NAMESPACES = 10;
const unlimited = new Set(["targetless", "label", "job", "cronjob", "pod", "replicaset"]);

export interface Used {
  intent: Intent;
  members: readonly RbacSubject[];
  /** Where it holds; undefined: everywhere. */
  namespaces: readonly string[] | undefined;
  use: GrantUse;
  /** Whether the log of an API server reaches over the whole time: only that tells every right that was used. */
  knowsRights: boolean;
  /** The ClusterRoles of the cluster, by `keyByKind`. */
  roles: ReadonlyMap<string, KubernetesObject>;
}

/**
 * The smallest grant that covers everything for which this one was used, or undefined where none is smaller. A candidate counts when it allows
 * each request of the log that the grant itself allows.
 */
export function smallerGrant(used: Used): Intent | undefined {
  const { intent, members, knowsRights, use } = used;
  const places = usedNamespaces(used);
  const set = places === undefined ? intent.set : ({ kind: "namespaces", namespaces: places } as const);
  const base: Intent = { ...intent, set };
  const targets = usedTargets(used);
  const isMirrord = intent.role === "user" || intent.role === "minimal";
  const roles = knowsRights && intent.role === "user" ? (["minimal", "user"] as const) : [intent.role];
  const limits =
    knowsRights && isMirrord && targets !== undefined && set.kind !== "all"
      ? [targets, intent.targets]
      : [intent.targets];
  const candidates = limits.flatMap((limit) => roles.map((role): Intent => ({ ...base, role, targets: limit })));
  const before = engine(intent, used);
  const user = commonIdentity(members);
  // The targets themselves are read under any of these grants, and the log does not name which.
  const needed = use.requests
    .map(attributes)
    .filter((request) => isMirrordGroup(request.apiGroup) && before.authorize({ user, ...request }).allowed);
  return candidates.find((candidate) => {
    if (isSame(candidate, intent)) return false;
    const after = engine(candidate, used);
    return needed.every((request) => after.authorize({ user, ...request }).allowed);
  });
}

const isSame = (one: Intent, other: Intent): boolean =>
  JSON.stringify([one.role, one.set, one.targets]) === JSON.stringify([other.role, other.set, other.targets]);

/** Those where it was used, when they are fewer than it holds in; undefined where they are not, or selectors say where it holds. */
function usedNamespaces({ intent: { set }, use }: Used): string[] | undefined {
  const all = [...use.sessions, ...use.requests].map(({ namespace }) => namespace);
  const places = [...new Set(all)].filter((namespace) => namespace !== "").toSorted();
  if (places.length === 0) return undefined;
  if (set.kind === "all") return places.length > MOST_NAMESPACES ? undefined : places;
  if (set.selectors !== undefined) return undefined;
  const kept = set.namespaces.filter((namespace) => places.includes(namespace));
  return kept.length === 0 || kept.length === set.namespaces.length ? undefined : kept;
}

/** What it was used on, where that is a few workloads that a connection can be limited to. */
function usedTargets({ intent, use }: Used): string[] | undefined {
  if (intent.targets.length > 0 || intent.allowCopy === true) return undefined;
  const paths = [...new Set([...use.sessions, ...use.requests].map(({ target }) => target))].filter(
    (path) => path !== "",
  );
  // Pods come and go, and Jobs are always copied.
  const isLimit = (path: string) => {
    const kind = targetIn(path)?.kind;
    return kind !== undefined && !unlimited.has(kind);
  };
  return paths.length > 0 && paths.length <= MOST_TARGETS && paths.every(isLimit) ? paths.toSorted() : undefined;
}

function engine(intent: Intent, { members, namespaces = [], roles, use }: Used): Authorizer {
  const outline = outlineGrant(intent, members);
  const named =
    intent.set.kind === "all" ? [] : intent.set.selectors === undefined ? intent.set.namespaces : namespaces;
  const places = named.length > 0 ? named : [...new Set(use.requests.map(({ namespace }) => namespace))];
  const limits = new Map(
    places.map((namespace): [string, LimitedTarget[]] => [
      namespace,
      intent.targets.map((path) => limitedTarget(workloadTarget(path), undefined)),
    ]),
  );
  const objects = grantObjects(outline, { grantedBy: "", grantedAt: "" }, limits, {
    ...(intent.set.kind === "all" ? {} : { namespaces: named }),
    policies: true,
  }).map(({ object }) => object);
  const own = new Set(objects.map(({ kind, metadata }) => keyByKind(kind, metadata)));
  const bound = new Set(
    objects.map(({ roleRef }) => {
      const { kind, name } = objectIn(roleRef);
      return keyByKind(textIn(kind), { name: textIn(name) });
    }),
  );
  const others = [...bound].flatMap((key) => (own.has(key) ? [] : (roles.get(key) ?? [])));
  return authorizer([...others, ...objects]);
}

/** The question that the API server was asked; the name of a target in the shorter of its spellings. */
function attributes({ verb, resource, namespace, target }: RequestTotals) {
  const [type = "", subresource] = resource.split("/");
  const [plural = "", ...group] = type.split(".");
  const name = target === "" || target === "copy" ? undefined : target.replace("/", ".");
  return {
    verb,
    apiGroup: group.join("."),
    resource: plural,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === "" ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}
