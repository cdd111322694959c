import { formatSubject } from "../../access/subject.ts";
import type { AccessDiff, PolicyChange } from "../../audit/diff/diff.ts";
import type { MemberChange } from "../../audit/diff/member-diff.ts";
import { ruleWords } from "../../rbac/rule-words.ts";
import type { Columns } from "../../view/columns.ts";
import { places, targetsText } from "./access-tables.ts";

export const memberColumns: Columns<MemberChange> = {
  MEMBER: ({ member }) => formatSubject(member),
  CHANGE: ({ change }) => change,
  OF: ({ place }) => formatSubject(place),
};

interface Timed {
  when?: "sync";
}
const whenText = ({ when }: Timed): string => (when === "sync" ? "after sync" : "at once");

/** With when it is so, where something waits: all of the rest is so as soon as the change is made. */
export const withWhen = <Row extends Timed>(columns: Columns<Row>, rows: readonly Row[]): Columns<Row> =>
  rows.some(({ when }) => when === "sync") ? { ...columns, WHEN: whenText } : columns;

const policyName = ({ kind, namespace, name }: PolicyChange): string =>
  `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;

export const policyColumns: Columns<PolicyChange> = {
  POLICY: policyName,
  CHANGE: ({ change }) => change,
};

/** Of all tables in one, for a spreadsheet. */
export interface DiffRow {
  about: "member" | "session" | "right" | "policy";
  who: string;
  change: string;
  what: string;
  namespaces?: string;
  targets?: string;
  when: string;
}

export const diffColumns: Columns<DiffRow> = {
  ABOUT: ({ about }) => about,
  WHO: ({ who }) => who,
  CHANGE: ({ change }) => change,
  WHAT: ({ what }) => what,
  NAMESPACES: ({ namespaces }) => namespaces,
  TARGETS: ({ targets }) => targets,
  WHEN: ({ when }) => when,
};

/** A dash would be a formula. */
const orNothing = (text: string): string => (text === "-" ? "" : text);

export function diffRows({ members, sessions, rights, policies }: AccessDiff): DiffRow[] {
  const now = whenText({});
  return [
    ...members.map(({ member, change, place }) => ({
      about: "member" as const,
      who: formatSubject(member),
      change,
      what: formatSubject(place),
      when: now,
    })),
    ...sessions.map((change) => ({
      about: "session" as const,
      who: formatSubject(change.subject),
      change: change.change,
      what: change.actions.join(", "),
      namespaces: orNothing(places(change.namespaces)),
      targets: orNothing(targetsText(change.targets)),
      when: whenText(change),
    })),
    ...rights.map((change) => ({
      about: "right" as const,
      who: formatSubject(change.subject),
      change: change.change,
      what: change.rules.map(ruleWords).join("; "),
      namespaces: orNothing(places(change.namespaces)),
      when: whenText(change),
    })),
    ...policies.map((policy) => ({
      about: "policy" as const,
      who: policyName(policy),
      change: policy.change,
      what: "",
      when: now,
    })),
  ];
}
