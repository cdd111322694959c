import type { V1RoleRef } from "@kubernetes/client-node";
import { listIn, objectIn, textIn } from "../json.ts";
import type { Change } from "../kube/cluster.ts";
import { fieldsIn } from "../kubernetes/api-types.ts";
import { boundSubject, formatSubject } from "./subject.ts";

/** Who gets or loses which role where by a step, as a clause; nothing for what is no binding. */
export function bindingText({ action, object, current }: Change): string {
  if (!object.kind.endsWith("RoleBinding")) return "";
  const { namespace } = object.metadata;
  const subjects = listIn(object["subjects"]).map((subject) => {
    const found = boundSubject(objectIn(subject), namespace);
    return found === undefined ? "<unknown>" : formatSubject(found);
  });
  const { kind, name } = fieldsIn<V1RoleRef>(object["roleRef"]);
  const role = `${textIn(kind).toLowerCase()} ${textIn(name)}`;
  const where = namespace === undefined ? "in all namespaces" : `in namespace ${namespace}`;
  const verb = action === "delete" ? "no longer holds" : current === undefined ? "gets" : "alone holds";
  return `${subjects.length === 0 ? "nobody" : subjects.join(", ")} ${verb} ${role} ${where}`;
}
