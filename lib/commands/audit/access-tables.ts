import { formatSubject } from "../../access/subject.ts";
import type { RightsChange } from "../../audit/diff/rights-diff.ts";
import { ruleLists } from "../../audit/diff/rule-lists.ts";
import { EVERYWHERE, type SessionChange } from "../../audit/diff/session-diff.ts";
import { ruleWords } from "../../rbac/rule-words.ts";
import type { PolicyRule } from "../../rbac/types.ts";
import type { Columns } from "../../view/columns.ts";
import { markdownParts, markdownTable } from "../../view/markdown.ts";

export const places = (namespaces: readonly string[]): string =>
  namespaces[0] === EVERYWHERE ? ["<all>", ...namespaces.slice(1)].join(", ") : namespaces.join(", ") || "-";

export const targetsText = (targets: readonly string[]): string =>
  targets[0] === EVERYWHERE ? "<all>" : targets.join(", ") || "-";

/** Who gains and who loses which actions of mirrord. */
export const sessionColumns: Columns<SessionChange> = {
  SUBJECT: ({ subject }) => formatSubject(subject),
  CHANGE: ({ change }) => change,
  ACTIONS: ({ actions }) => actions.join(", "),
  NAMESPACES: ({ namespaces }) => places(namespaces),
  TARGETS: ({ targets }) => targetsText(targets),
};

/** A role can have hundreds of rules; `-o wide`, `-o csv` and the documents name all of them. */
const SHOWN_RULES = 20;

function rightsText(rules: readonly PolicyRule[]): string {
  const more = rules.length - SHOWN_RULES;
  return [...rules.slice(0, SHOWN_RULES).map(ruleWords), ...(more > 0 ? [`${more} more (-o json)`] : [])].join("; ");
}

export const rightsColumns: Columns<RightsChange> = {
  SUBJECT: ({ subject }) => formatSubject(subject),
  CHANGE: ({ change }) => change,
  RIGHTS: ({ rules }) => rightsText(rules),
  NAMESPACES: ({ namespaces }) => places(namespaces),
};

export const allRightsColumns: Columns<RightsChange> = {
  ...rightsColumns,
  RIGHTS: ({ rules }) => rules.map(ruleWords).join("; "),
};

/** As documents have them. Each rule is written once: a role of many rules that many are bound to would fill it. */
export function accessFields({
  sessions,
  rights,
}: {
  sessions: readonly SessionChange[];
  rights: readonly RightsChange[];
}): object {
  const { lists, places: own } = ruleLists(rights);
  return {
    sessions: sessions.map((change) => ({ ...change, subject: formatSubject(change.subject) })),
    rights: rights.map(({ rules: _rules, ...change }, at) => ({
      ...change,
      subject: formatSubject(change.subject),
      ruleLists: own[at],
    })),
    ruleLists: lists,
  };
}

/** Every right, folded away below what a reviewer reads first; nothing where there is none. */
export const foldedRights = <Row extends RightsChange>(
  rights: readonly Row[],
  columns: Columns<Row> = rightsColumns,
): Iterable<string>[] =>
  rights.length === 0
    ? []
    : [markdownParts(["<details><summary>Every right</summary>\n", markdownTable(columns, rights), "</details>\n"])];
