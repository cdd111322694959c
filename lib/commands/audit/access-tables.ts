import { formatSubject } from "../../access/subject.ts";
import type { RightsChange } from "../../audit/diff/rights-diff.ts";
import { EVERYWHERE, type SessionChange } from "../../audit/diff/session-diff.ts";
import { ruleWords } from "../../rbac/rule-words.ts";
import type { Columns } from "../../view/columns.ts";
import { markdownTable } from "../../view/markdown.ts";

const places = (namespaces: readonly string[]): string =>
  namespaces[0] === EVERYWHERE ? ["<all>", ...namespaces.slice(1)].join(", ") : namespaces.join(", ") || "-";

/** Who gains and who loses which actions of mirrord. */
export const sessionColumns: Columns<SessionChange> = {
  SUBJECT: ({ subject }) => formatSubject(subject),
  CHANGE: ({ change }) => change,
  ACTIONS: ({ actions }) => actions.join(", "),
  NAMESPACES: ({ namespaces }) => places(namespaces),
  TARGETS: ({ targets }) => (targets[0] === EVERYWHERE ? "<all>" : targets.join(", ") || "-"),
};

export const rightsColumns: Columns<RightsChange> = {
  SUBJECT: ({ subject }) => formatSubject(subject),
  CHANGE: ({ change }) => change,
  RIGHTS: ({ rules }) => rules.map(ruleWords).join("; "),
  NAMESPACES: ({ namespaces }) => places(namespaces),
};

/** As documents have them. */
export const withSubjectTexts = (rows: readonly (SessionChange | RightsChange)[]): object[] =>
  rows.map(({ subject, ...rest }) => ({ subject: formatSubject(subject), ...rest }));

/** Every right, folded away below what a reviewer reads first; nothing where there is none. */
export const foldedRights = <Row extends RightsChange>(
  rights: readonly Row[],
  columns: Columns<Row> = rightsColumns,
): string[] =>
  rights.length === 0
    ? []
    : [`<details><summary>Every right</summary>\n\n${markdownTable(columns, rights)}\n</details>\n`];
