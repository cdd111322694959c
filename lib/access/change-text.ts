import type { V1RoleRef } from "@kubernetes/client-node";
import { listIn, objectIn, textIn } from "../json.ts";
import type { Change, Plan } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { fieldsIn } from "../kubernetes/api-types.ts";
import { listWords } from "../text/list-words.ts";
import { boundSubject, formatSubject } from "./subject.ts";

/** As many names as a line can hold. */
const SHOWN = 8;

/** Of one, and of several. */
type Verb = readonly [one: string, several: string];

const gets: Verb = ["gets", "get"];
const loses: Verb = ["no longer holds", "no longer hold"];
const stays: Verb = ["alone holds", "alone hold"];

/** Who gets or loses which role where by a step, as a clause; nothing for what is no binding, and where nobody does. */
export function bindingText(change: Change): string {
  const { action, object, current } = change;
  if (!isBinding(change)) return "";
  const subjects = subjectTexts(object);
  const role = roleWords(object);
  if (action === "delete") return subjects.length === 0 ? "" : clause(subjects, loses, role);
  if (current === undefined) return clause(subjects, gets, role);
  // Who stays is not worth a word where somebody comes or goes.
  const text = changeText(subjectTexts(current), subjects, role);
  return text === "" && subjects.length > 0 ? clause(subjects, stays, role) : text;
}

/**
 * Who holds which role where after a plan and did not before, and the other way round, each role and place in a clause. Whoever
 * has by one binding of the plan what goes with another neither gets nor loses it; steps that change nothing count as well.
 */
export function netTexts(plan: Plan): string[] {
  const roles = new Map<string, { before: Set<string>; after: Set<string> }>();
  for (const change of plan.filter(isBinding)) {
    const { action, object, current } = change;
    const role = roleWords(object);
    const held = roles.get(role) ?? { before: new Set(), after: new Set() };
    roles.set(role, held);
    if (current !== undefined) for (const subject of subjectTexts(current)) held.before.add(subject);
    if (action === "delete") continue;
    for (const subject of subjectTexts(action === "unchanged" ? (current ?? object) : object)) held.after.add(subject);
  }
  return [...roles].flatMap(([role, { before, after }]) => changeText([...before], [...after], role) || []);
}

const isBinding = ({ object }: Change): boolean => object.kind.endsWith("RoleBinding");

function changeText(before: readonly string[], after: readonly string[], role: string): string {
  const gained = after.filter((subject) => !before.includes(subject));
  const lost = before.filter((subject) => !after.includes(subject));
  if (gained.length + lost.length === 0) return "";
  if (lost.length === 0) return clause(gained, gets, role);
  if (gained.length === 0) return clause(lost, loses, role);
  return `${clause(gained, gets, role)}, ${names(lost)} no longer`;
}

/** `clusterrole view in namespace dev`. */
function roleWords({ roleRef, metadata: { namespace } }: KubernetesObject): string {
  const { kind, name } = fieldsIn<V1RoleRef>(roleRef);
  const where = namespace === undefined ? "in all namespaces" : `in namespace ${namespace}`;
  return `${textIn(kind).toLowerCase()} ${textIn(name)} ${where}`;
}

const clause = (who: readonly string[], [one, several]: Verb, role: string) =>
  `${names(who)} ${who.length > 1 ? several : one} ${role}`;

function subjectTexts({ metadata: { namespace }, ...object }: KubernetesObject): string[] {
  return listIn(object["subjects"]).map((subject) => {
    const found = boundSubject(objectIn(subject), namespace);
    return found === undefined ? "<unknown>" : formatSubject(found);
  });
}

function names(subjects: readonly string[]): string {
  const more = subjects.length > SHOWN ? [`${subjects.length - SHOWN} more`] : [];
  return subjects.length === 0 ? "nobody" : listWords([...subjects.slice(0, SHOWN), ...more]);
}
