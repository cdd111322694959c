import { planAdministrators } from "../../../access/administrators.ts";
import { parseRbacSubject } from "../../../access/subject.ts";
import { asWritten, modelObjects } from "../../../install/access-model/objects.ts";
import { guardObjects } from "../../../install/access-model/policies.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";

/** The objects of the access model without a cluster; what makes its policies hold comes last. */
export function accessModelObjects({
  readers = [],
  admin = [],
  withoutPolicies = false,
}: {
  readers?: readonly string[];
  admin?: readonly string[];
  withoutPolicies?: boolean;
}): KubernetesObject[] {
  const named = admin.length === 0 ? [] : planAdministrators(undefined, admin.map(parseRbacSubject));
  const { policies, bindings } = withoutPolicies ? { policies: [], bindings: [] } : guardObjects();
  return [
    ...modelObjects({ readers }),
    ...named.map(({ object }) => object),
    ...[...policies, ...bindings].map(asWritten),
  ];
}
