import { isSameJson, listIn, objectIn, textsIn, type JsonObject } from "../json.ts";
import type { Change, Plan } from "../kube/cluster.ts";
import { FIELD_MANAGER } from "../kubernetes/field-manager.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { objectKey } from "../kubernetes/object-key.ts";
import { applyTo } from "../kubernetes/server-side-apply.ts";
import { widens } from "./consent.ts";
import { annotations, GRANT_LABEL, MANAGED_BY_LABEL } from "./names.ts";
import { stages } from "./plan.ts";
import type { StoredObject } from "./stored.ts";
import { boundSubject, subjectKey, type RbacSubject } from "./subject.ts";

// What gives access may have to wait: for consent, for a role, for somebody who may read more. What takes access away never
// waits with it, also where one and the same step would do both.

/** Of a plan what takes access away or leaves it as it is, with what that needs. Steps that `where` does not mean are kept. */
export function withoutWidening(plan: Plan, where: (change: Change) => boolean = () => true): Plan {
  const key = ({ type, object }: Change) => objectKey(type, object.metadata);
  const isRefused = (change: Change) => where(change) && (widens(change) || change.action === "create");
  const kept = plan.filter((change) => !isRefused(change));
  const owners = new Set(kept.flatMap(({ owner }) => (owner === undefined ? [] : objectKey(owner.type, owner))));
  const anchors = new Set(
    plan.filter((change) => {
      const { generateName = "", name = generateName, namespace } = change.object.metadata;
      const asOwner = { name, ...(namespace === undefined ? {} : { namespace }) };
      return change.object.kind === "Job" && !widens(change) && owners.has(objectKey(change.type, asOwner));
    }),
  );
  // What carries the intent goes only to make room for a binding of the right name, or with the right role.
  const makesRoom = (change: Change) => change.action === "delete" && where(change) && carriesIntent(change);
  const stays = new Set(kept.filter((change) => !makesRoom(change)));
  const there = new Set(plan.filter((change) => stays.has(change) || anchors.has(change)).map(key));
  return plan.flatMap((change) => {
    const { owner } = change;
    const isDone = there.has(key(change)) && (owner === undefined || there.has(objectKey(owner.type, owner)));
    if (isDone && (stays.has(change) || anchors.has(change))) return [change];
    return narrowed(change);
  });
}

/** Of a plan only what takes access away, of a grant that is to be left alone otherwise; what carries the intent stays. */
export function takingAway(plan: Plan): Plan {
  return plan.flatMap((change) => (change.action === "delete" && !carriesIntent(change) ? [change] : narrowed(change)));
}

/** Of an update what it takes away: subjects who are not wanted any more, and rules. Nothing where it takes nothing. */
function narrowed({ action, type, object, current, stage = stages.binding }: Change): Plan {
  if (action !== "update" || current === undefined) return [];
  const subjects = listIn(current["subjects"]);
  const rules = listIn(current["rules"]);
  const wanted = listIn(object["subjects"]);
  const staying = subjects.filter((subject) => wanted.some((each) => isSameJson(each, subject)));
  const common = commonRules(rules, listIn(object["rules"]));
  if (object.kind.endsWith("Binding") && staying.length < subjects.length) {
    return [narrowing({ type, current, stage }, { subjects: staying })];
  }
  return object.kind === "Role" && !isSameJson(common, rules)
    ? [narrowing({ type, current, stage }, { rules: common })]
    : [];
}

const carriesIntent = ({ object }: Change) => object.metadata.annotations?.[annotations.intent] !== undefined;

/** The rules, as far as others say the same, of names those that both list. */
function commonRules(rules: readonly unknown[], others: readonly unknown[]): unknown[] {
  return rules.flatMap((rule) => {
    const { resourceNames: names, ...what } = objectIn(rule);
    const alike = others.map(objectIn).filter(({ resourceNames: _names, ...other }) => isSameJson(what, other));
    if (alike.some(({ resourceNames }) => resourceNames === undefined)) return [rule];
    if (names === undefined) return alike;
    const listed = new Set(alike.flatMap(({ resourceNames }) => textsIn(resourceNames)));
    const staying = textsIn(names).filter((name) => listed.has(name));
    return staying.length === 0 ? [] : [{ ...what, resourceNames: staying }];
  });
}

/**
 * Of the bindings of a grant only that nobody stays in them who does not belong there any more. For a grant of which nothing else
 * can be said: no object of it is made, goes, or gets another owner.
 */
export function planDepartures(objects: readonly StoredObject[], members: readonly RbacSubject[]): Plan {
  const belongs = new Set(members.map(subjectKey));
  return objects.flatMap(({ type, object: current }) => {
    if (!current.kind.endsWith("Binding") || current.metadata.deletionTimestamp !== undefined) return [];
    const subjects = listIn(current["subjects"]);
    const staying = subjects.filter((subject) => {
      const bound = boundSubject(objectIn(subject), current.metadata.namespace);
      return bound !== undefined && belongs.has(subjectKey(bound));
    });
    if (staying.length === subjects.length) return [];
    return [narrowing({ type, current, stage: stages.binding }, { subjects: staying })];
  });
}

/** The object as we apply it, with what is stored of that, but for these fields. */
function narrowing(
  { type, current, stage }: Required<Pick<Change, "type" | "current" | "stage">>,
  fields: JsonObject,
): Change {
  const { name = "", namespace, labels = {}, annotations: notes = {}, ownerReferences } = current.metadata;
  const pick = (values: Readonly<Record<string, string>>, keys: readonly string[]) =>
    Object.fromEntries(keys.flatMap((key) => (values[key] === undefined ? [] : [[key, values[key]]])));
  const own = pick(notes, Object.values(annotations));
  const object: KubernetesObject = {
    apiVersion: current.apiVersion,
    kind: current.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: pick(labels, [GRANT_LABEL, MANAGED_BY_LABEL]),
      ...(Object.keys(own).length === 0 ? {} : { annotations: own }),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
    },
    ...(current["roleRef"] === undefined ? {} : { roleRef: current["roleRef"] }),
    ...fields,
  };
  return {
    action: "update",
    type,
    object,
    current,
    merged: applyTo(current, object, FIELD_MANAGER),
    stage,
    force: true,
  };
}
