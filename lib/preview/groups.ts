import type { AccessAttributes } from "../kubernetes/access.ts";
import { authorizer } from "../rbac/authorizer.ts";
import type { Check } from "./check.ts";
import type { Identity } from "./identity.ts";
import type { RbacObjects } from "../reading/rbac-objects.ts";

export type GroupsThatMay = { known: true; groups: string[] } | { known: false; why: string };

/**
 * Finds the groups that some binding allows to do a thing. Kubernetes' own groups (`system:…`) are left out: who is in
 * them is known, or is an administrator by other means.
 */
export function groupFinder(rbac: RbacObjects | undefined): (attributes: AccessAttributes) => GroupsThatMay {
  if (rbac === undefined || rbac.unreadable.length > 0) {
    const what = rbac?.unreadable.join(", ") ?? "RBAC objects";
    return () => ({ known: false, why: `you may not list ${what} to see what groups could add` });
  }
  let engine: ReturnType<typeof authorizer> | undefined;
  return (attributes) => {
    engine ??= authorizer(rbac.objects);
    const groups = engine
      .whoCan(attributes)
      .subjects.filter(({ kind, name }) => kind === "Group" && !name.startsWith("system:"));
    return { known: true, groups: [...new Set(groups.map(({ name }) => name))].toSorted() };
  };
}

/** "no" for a user whose groups nobody gave is only true when no group could make it a yes. */
export function withGroups(
  checks: Check[],
  { groupsKnown }: Identity,
  groupsThatMay: (attributes: AccessAttributes) => GroupsThatMay,
): Check[] {
  return groupsKnown ? checks : checks.map((each) => withGroup(each, groupsThatMay));
}

function withGroup(check: Check, groupsThatMay: (attributes: AccessAttributes) => GroupsThatMay): Check {
  if (check.answer !== "no") return check;
  const may = groupsThatMay(check.attributes);
  if (!may.known) return { ...check, answer: "unknown", reason: `groups not given, and ${may.why}` };
  if (may.groups.length === 0) return check;
  const groups = may.groups.map((group) => JSON.stringify(group)).join(", ");
  return { ...check, answer: "unknown", reason: `groups not given: allowed to ${groups}`, groups: may.groups };
}
