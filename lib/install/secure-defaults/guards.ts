import { ACCESS_GROUP, ATTRIBUTES_RESOURCE } from "../../access/privileged-options.ts";
import { GRANT_LABEL, OWN_PREFIX, secureDefaults } from "../../access/names.ts";
import { administrator, quote } from "./expressions.ts";
import { isNo, rule, type PolicyParts } from "./policy-parts.ts";

// Exemptions are rights in a namespace, and whoever administrates a namespace writes rights there. These policies see to it that
// only administrators exempt anybody, and that an exemption ends when it should.

const RBAC = "rbac.authorization.k8s.io";

/** A rule that names what exemptions are rights on, or reaches one by name through wildcards, past the name that nobody has. */
const exempts = [
  `(has(r.apiGroups) && ${quote(ACCESS_GROUP)} in r.apiGroups)`,
  `(has(r.resources) && r.resources.exists(n, n == ${quote(ATTRIBUTES_RESOURCE)} || n.startsWith(${quote(`${ATTRIBUTES_RESOURCE}/`)})))`,
  "(has(r.resourceNames) && size(r.resourceNames) > 0 && has(r.apiGroups) && '*' in r.apiGroups && has(r.resources) && r.resources.exists(n, n.startsWith('*')))",
].join(" || ");

const isGrant = (object: string) =>
  `(${object} != null && has(${object}.metadata.labels) && ${quote(GRANT_LABEL)} in ${object}.metadata.labels)`;

export const guards: readonly PolicyParts[] = [
  {
    name: secureDefaults.rolesPolicy,
    rules: [rule(RBAC, ["roles", "clusterroles"])],
    conditions: [
      // They take owners and finalizers off what is deleted, and join roles: they make nothing of their own.
      onUpdate(["generic-garbage-collector", "clusterrole-aggregation-controller"]),
    ],
    variables: [administrator],
    expression: `!has(object.rules) || dyn(object.rules) == null || !object.rules.exists(r, ${exempts}) || variables.administrator`,
    message: {
      text: `only an administrator can write a rule that names ${ATTRIBUTES_RESOURCE} or ${ACCESS_GROUP}, or both by * with resourceNames`,
    },
  },
  {
    name: secureDefaults.bindingsPolicy,
    rules: [rule(RBAC, ["rolebindings", "clusterrolebindings"])],
    conditions: [onUpdate(["generic-garbage-collector"])],
    variables: [administrator],
    expression: `!object.roleRef.name.startsWith(${quote(OWN_PREFIX)}) || variables.administrator`,
    message: { text: `only an administrator can bind a role whose name begins with ${OWN_PREFIX}` },
  },
  {
    // With the Job that ends it gone, or never over, an exemption would stay.
    name: secureDefaults.endsPolicy,
    rules: [rule("batch", ["jobs", "jobs/status"], ["UPDATE", "DELETE"])],
    conditions: [
      { name: "of-a-grant", expression: `${isGrant("object")} || ${isGrant("oldObject")}` },
      {
        name: "by-no-controller",
        expression: isNo([
          "job-controller",
          "ttl-after-finished-controller",
          "generic-garbage-collector",
          "namespace-controller",
        ]),
      },
    ],
    variables: [administrator],
    expression: "variables.administrator",
    message: { text: "only an administrator can change when a grant ends" },
  },
];

function onUpdate(controllers: readonly string[]): PolicyParts["conditions"][number] {
  return { name: "by-no-controller", expression: `request.operation == 'CREATE' || ${isNo(controllers)}` };
}
