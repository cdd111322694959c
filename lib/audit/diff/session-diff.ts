import { subjectIdentity } from "../../access/subject.ts";
import type { Action } from "../../mirrord/plan/session-plan.ts";
import { isAboutTarget } from "../../mirrord/plan/session-question.ts";
import { sessionRequests } from "../../mirrord/session-requests.ts";
import { formatTarget, workloadKinds, type Target, type WorkloadKind } from "../../mirrord/target.ts";
import { impossibleBecause } from "../../mirrord/plan/session-question.ts";
import { likelyPlan } from "../../preview/resolve.ts";
import type { Authorizer } from "../../rbac/authorizer.ts";
import type { AffectedSubject } from "./affected.ts";

/** In every namespace, also in those that come later. */
export const EVERYWHERE = "*";

export interface SessionChange {
  subject: AffectedSubject["subject"];
  change: "gains" | "loses";
  actions: string[];
  /** `*`: all. Empty for what has no namespace. */
  namespaces: string[];
  /** `deployment/web`; `deployment/*`: every one; `*`: every target. Empty for what has none. */
  targets: string[];
}

export interface NamedTarget {
  kind: WorkloadKind;
  name: string;
  namespace: string;
}

/** Both sides of a change. */
export interface Sides {
  base: Authorizer;
  head: Authorizer;
}

/** Mirroring and stealing send the same requests; which it may be is for policies to say. */
const actions: readonly { action: Action; words: string }[] = [
  { action: "mirror", words: "mirror and steal" },
  { action: "copy", words: "copy" },
  { action: "preview", words: "preview" },
  { action: "targetless", words: "targetless" },
  { action: "list-sessions", words: "list-sessions" },
  { action: "kill-sessions", words: "kill-sessions" },
  { action: "ci", words: "ci" },
];

/** No object has this name, so that what is allowed for it is allowed for all. */
const ANY = "\u0000";

/**
 * What one subject could do on the one side and not on the other, all requests of an action together.
 * @param targets by namespace
 */
export function sessionChanges(
  { subject, namespaces }: AffectedSubject,
  sides: Sides,
  targets: ReadonlyMap<string, readonly NamedTarget[]>,
): SessionChange[] {
  const found: SessionChange[] = [];
  for (const { action, words } of actions) {
    const everywhere = changedTargets(subject, action, ANY, sides, []);
    const note = ({ gains, loses }: Changed, place: string[]): void => {
      for (const [change, list] of [
        ["gains", gains],
        ["loses", loses],
      ] as const)
        if (list.length > 0)
          found.push({
            subject,
            change,
            actions: [words],
            namespaces: place,
            targets: isAboutTarget(action) && action !== "targetless" ? list : [],
          });
    };
    note(everywhere, action === "ci" || action === "kill-sessions" ? [] : [EVERYWHERE]);
    if (action === "ci" || action === "kill-sessions") continue;
    for (const namespace of namespaces) {
      const { gains, loses } = changedTargets(subject, action, namespace, sides, targets.get(namespace) ?? []);
      // What holds everywhere was said, and what still does is not lost.
      note(
        {
          gains: gains.filter((target) => !covers(everywhere.gains, target)),
          loses: loses.filter((target) => !covers(everywhere.loses, target)),
        },
        [namespace],
      );
    }
  }
  return joined(found);
}

interface Changed {
  gains: string[];
  loses: string[];
}

function changedTargets(
  subject: AffectedSubject["subject"],
  action: Action,
  namespace: string,
  { base, head }: Sides,
  named: readonly NamedTarget[],
): Changed {
  const user = subjectIdentity(subject);
  const can = (side: Authorizer, target: Target): boolean =>
    sessionRequests({ ...likelyPlan({ action, target, namespace }), namespace })
      .filter(({ required }) => required)
      .every(({ attributes }) => side.authorize({ user, ...attributes }).allowed);
  const changed: Changed = { gains: [], loses: [] };
  const compare = (target: Target, text: string): void => {
    const [before, after] = [can(base, target), can(head, target)];
    if (before !== after) (after ? changed.gains : changed.loses).push(text);
  };
  if (!isAboutTarget(action) || action === "targetless") {
    compare({ kind: "targetless" }, EVERYWHERE);
    return changed;
  }
  const possible = workloadKinds.filter(
    (kind) => impossibleBecause({ action, target: { kind, name: "x" } }) === undefined,
  );
  for (const kind of possible) compare({ kind, name: ANY }, `${kind}/*`);
  for (const { kind, name } of named)
    if (possible.includes(kind)) compare({ kind, name }, formatTarget({ kind, name }));
  return { gains: shortened(changed.gains, possible), loses: shortened(changed.loses, possible) };
}

/** A target that is among `every one of its kind` need not be named. */
function shortened(targets: readonly string[], kinds: readonly WorkloadKind[]): string[] {
  if (kinds.every((kind) => targets.includes(`${kind}/*`))) return [EVERYWHERE];
  return targets.filter((target) => target.endsWith("/*") || !targets.includes(`${target.split("/")[0]}/*`));
}

const covers = (targets: readonly string[], target: string): boolean =>
  targets.includes(EVERYWHERE) || targets.includes(target) || targets.includes(`${target.split("/")[0]}/*`);

/** Actions with the same places and targets are one row, and so are namespaces with the same of the rest. */
function joined(changes: readonly SessionChange[]): SessionChange[] {
  const byAction = merge(changes, ({ change, namespaces, targets }) => [change, namespaces, targets], "actions");
  return merge(byAction, ({ change, actions: words, targets }) => [change, words, targets], "namespaces");
}

function merge(
  changes: readonly SessionChange[],
  alike: (change: SessionChange) => unknown,
  field: "actions" | "namespaces",
): SessionChange[] {
  const groups = Map.groupBy(changes, (change) => JSON.stringify([alike(change), isPlain(change.namespaces)]));
  return [...groups.values()].flatMap(([first, ...rest]) =>
    first === undefined
      ? []
      : [{ ...first, [field]: [...new Set([...first[field], ...rest.flatMap((other) => other[field])])] }],
  );
}

/** Everywhere, and nowhere, stand alone. */
const isPlain = (namespaces: readonly string[]): boolean => namespaces.length > 0 && namespaces[0] !== EVERYWHERE;
