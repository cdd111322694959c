import { referenceText } from "../../kubernetes/object.ts";
import type { Fix } from "../../preview/fix.ts";
import type { PolicyChange } from "../../preview/fix-policy.ts";
import { NARROW, type Paragraph } from "../../view/text.ts";

const BY = ", an administrator can run:";

/**
 * How to make it a yes: alternatives for access, smallest first, and what has to change of policies besides.
 * @param who whom the fixes are for
 */
export function fixText(fixes: readonly Fix[], who: string, start = "To"): Paragraph[] {
  const [first] = fixes;
  if (first === undefined) return [];
  const access = fixes.filter(({ kind }) => kind !== "policy");
  const grants = access.flatMap((fix, at): Paragraph[] => {
    if (fix.commands.length === 0)
      return [`${start} let ${who} ${fix.lets.named}, an administrator changes roles by hand.`];
    const end = at === 0 ? BY : ":";
    return [heading(fix, at === 0 ? start : "To", who, end), ...fix.commands.map((paste) => ({ paste }))];
  });
  return [...grants, ...policyText(first.policies ?? [], access.length > 0)];
}

/** Without the names where they would make it two lines. */
function heading({ lets }: Fix, start: string, who: string, end: string): string {
  const named = `${start} let ${who} ${lets.named}${end}`;
  return named.length <= NARROW ? named : `${start} let them ${lets.brief}${end}`;
}

function policyText(changes: readonly PolicyChange[], besides: boolean): Paragraph[] {
  const why = `To lift the block${besides ? " as well" : ""}, which weakens a control for everybody`;
  return changes.flatMap((change, at): Paragraph[] => {
    const { command } = change;
    const reference = referenceText(change);
    const isNamed = besides || changes.length > 1 || command === undefined;
    const start = at === 0 ? `${why}, an administrator can ` : "and ";
    const does = `${start}${change.change}${isNamed ? ` in ${reference}` : ""}`;
    if (command === undefined) return [`${does}.`];
    // The command says the same where names are long.
    return [isNamed && reference.length > 60 ? `${at === 0 ? why : "and"}:` : `${does}:`, { paste: command }];
  });
}
