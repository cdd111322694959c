import { parseRbacSubject } from "../../../access/subject.ts";
import { addOnByName } from "../../../install/secure-defaults/add-ons.ts";
import { asWritten, exemptionObjects } from "../../../install/secure-defaults/objects.ts";
import { policyObjects } from "../../../install/secure-defaults/policies.ts";
import type { Enforcement } from "../../../install/secure-defaults/policy-parts.ts";
import type { Values } from "../../../install/values.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";

/** The objects of the secure defaults for the operator of these values; what makes them hold comes last. */
export function defaultsFromValues(
  values: Values,
  { enforcement, admin, exempt }: { enforcement: Enforcement; admin: readonly string[]; exempt: readonly string[] },
): KubernetesObject[] {
  const operator = {
    namespace: values.text("namespace"),
    name: values.text("sa.name"),
    ephemeralAgents: values.object("agent.extraConfig")["ephemeral"] === true,
  };
  const given = { operator, administrators: admin.map(parseRbacSubject), addOns: exempt.map(addOnByName) };
  const { policies, bindings } = policyObjects({ enforcement, localClasses: [] });
  return [...exemptionObjects(given), ...policies, ...bindings].map(asWritten);
}
