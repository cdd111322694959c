import type { V1RoleRef } from "@kubernetes/client-node";
import { listIn, objectIn, textIn } from "../json.ts";
import type { Change } from "../kube/cluster.ts";
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
export function bindingText({ action, object, current }: Change): string {
  if (!object.kind.endsWith("RoleBinding")) return "";
  const subjects = subjectTexts(object);
  const { namespace } = object.metadata;
  const { kind, name } = fieldsIn<V1RoleRef>(object["roleRef"]);
  const role = `${textIn(kind).toLowerCase()} ${textIn(name)}`;
  const where = namespace === undefined ? "in all namespaces" : `in namespace ${namespace}`;
  const clause = (who: readonly string[], [one, several]: Verb) =>
    `${names(who)} ${who.length > 1 ? several : one} ${role} ${where}`;
  if (action === "delete") return subjects.length === 0 ? "" : clause(subjects, loses);
  if (current === undefined) return clause(subjects, gets);
  const before = subjectTexts(current);
  const gained = subjects.filter((subject) => !before.includes(subject));
  const lost = before.filter((subject) => !subjects.includes(subject));
  // Who stays is not worth a word where somebody comes or goes.
  if (gained.length + lost.length === 0) return subjects.length === 0 ? "" : clause(subjects, stays);
  if (lost.length === 0) return clause(gained, gets);
  if (gained.length === 0) return clause(lost, loses);
  return `${clause(gained, gets)}, ${names(lost)} no longer`;
}

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
