import type { AccessAttributes } from "../kubernetes/access.ts";
import type { GroupsThatMay } from "../rbac/decide/group-finder.ts";
import type { Check } from "./check.ts";
import type { Identity } from "./identity.ts";

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
