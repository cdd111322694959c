// What the API server will say of a role or binding that is posted, without asking it.
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { RbacIndex } from "../../lib/rbac/decide/rbac-index.ts";
import { bindingEscalation } from "../../lib/rbac/write/escalation.ts";
import { storedForm } from "../../lib/rbac/write/stored-form.ts";
import { validationErrors } from "../../lib/rbac/write/validate.ts";
import type { Write } from "./generate-writes.ts";

export const foretell = (index: RbacIndex, { writer, object }: Write): string | undefined =>
  bindingEscalation(index, writer, object) ?? invalidMessage(object);

/** What the server says of an object that it refuses, whoever writes it. */
export function invalidMessage(object: KubernetesObject): string | undefined {
  const form = storedForm(object);
  const faults = [...new Set<string>(typeof form === "string" ? [form] : validationErrors(form))];
  if (faults.length === 0) return undefined;
  const all = faults.length === 1 ? faults.join("") : `[${faults.join(", ")}]`;
  return `${object.kind}.rbac.authorization.k8s.io ${JSON.stringify(object.metadata.name)} is invalid: ${all}`;
}
