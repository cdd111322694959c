import { isDeepStrictEqual } from "node:util";
import { annotations, GRANT_LABEL, isCollectionLabel, MANAGED_BY_LABEL } from "../../access/names.ts";
import { boundSubject, formatSubject } from "../../access/subject.ts";
import { listIn, objectIn, textIn } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { compactRules } from "../../rbac/compact.ts";
import { uncovered } from "../../rbac/covers.ts";
import { roleRules } from "../../rbac/decode.ts";
import { ruleWords } from "../../rbac/rule-words.ts";
import type { PolicyRule } from "../../rbac/types.ts";

/** A field that is not as it is declared, as texts. */
export interface FieldDifference {
  /** `subjects`, `metadata.labels`, `spec.ttlSecondsAfterFinished`. */
  field: string;
  /** What of it is declared and not there. */
  lacks: string[];
  /** What of it is there and not declared. */
  has: string[];
}

/** `subjects has mallory, lacks jim`. */
export function differenceText({ field, lacks, has }: FieldDifference): string {
  const parts = [
    ...(has.length === 0 ? [] : [`has ${has.join(", ")}`]),
    ...(lacks.length === 0 ? [] : [`lacks ${lacks.join(", ")}`]),
  ];
  return `${field} ${parts.join("; ")}`;
}

type Texts = (object: KubernetesObject) => string[];

/** What decides of the objects that grants consist of. Who wrote them, and when, does not. */
const compared: readonly [field: string, texts: Texts][] = [
  ["metadata.deletionTimestamp", ({ metadata }) => listOfOne(metadata.deletionTimestamp)],
  ["metadata.labels", ({ metadata }) => pairs(metadata.labels, isOwnLabel)],
  ["metadata.annotations", ({ metadata }) => pairs(metadata.annotations, (key) => decisive.has(key))],
  ["roleRef", ({ roleRef }) => roleText(objectIn(roleRef))],
  ["subjects", subjectTexts],
];

const decisive = new Set<string>([annotations.intent, annotations.expiresAt, annotations.revokedAt]);
const isOwnLabel = (key: string) => key === GRANT_LABEL || key === MANAGED_BY_LABEL || isCollectionLabel(key);
const listOfOne = (text: string | undefined): string[] => (text === undefined ? [] : [text]);

function pairs(values: Readonly<Record<string, string>> = {}, isMeant: (key: string) => boolean): string[] {
  return Object.entries(values).flatMap(([key, value]) => (isMeant(key) ? [`${key}=${value}`] : []));
}

function roleText({ kind, name }: Record<string, unknown>): string[] {
  return name === undefined ? [] : [`${textIn(kind).toLowerCase()}/${textIn(name)}`];
}

export function subjectTexts({ metadata, ...object }: KubernetesObject): string[] {
  return listIn(object["subjects"]).map((subject) => {
    const found = boundSubject(objectIn(subject), metadata.namespace);
    return found === undefined
      ? `${textIn(objectIn(subject)["kind"])} ${textIn(objectIn(subject)["name"])}`
      : formatSubject(found);
  });
}

/** In what the object that is there differs from the one that is declared; none: in nothing that decides. */
export function fieldDifferences(declared: KubernetesObject, bound: KubernetesObject): FieldDifference[] {
  const lists = compared.map(([field, texts]) => difference(field, texts(declared), texts(bound)));
  const all = [
    ...lists,
    ownerDifference(declared, bound),
    rulesDifference(declared, bound),
    ...specDifferences(declared, bound),
  ];
  return all.filter(({ lacks, has }) => lacks.length + has.length > 0);
}

function difference(field: string, declared: readonly string[], bound: readonly string[]): FieldDifference {
  const without = (one: readonly string[], other: readonly string[]) => {
    const known = new Set(other);
    return [...new Set(one)].filter((text) => !known.has(text));
  };
  return { field, lacks: without(declared, bound), has: without(bound, declared) };
}

/** Files declare no owner; what is not declared is not compared. */
function ownerDifference(declared: KubernetesObject, bound: KubernetesObject): FieldDifference {
  const texts = ({ metadata }: KubernetesObject) =>
    (metadata.ownerReferences ?? []).map(({ kind, name, uid }) => `${kind}/${name}${uid === "" ? "" : ` (${uid})`}`);
  const wanted = texts(declared);
  return difference("metadata.ownerReferences", wanted, wanted.length === 0 ? [] : texts(bound));
}

function rulesDifference(declared: KubernetesObject, bound: KubernetesObject): FieldDifference {
  const words = (rules: readonly PolicyRule[]) => compactRules(rules).map(ruleWords);
  const [wanted, there] = [roleRules(declared), roleRules(bound)];
  return { field: "rules", lacks: words(uncovered(there, wanted)), has: words(uncovered(wanted, there)) };
}

/** Of what has a spec, such as the Job that ends a grant, the fields that are declared. */
function specDifferences(declared: KubernetesObject, bound: KubernetesObject): FieldDifference[] {
  const there = objectIn(bound["spec"]);
  return Object.entries(objectIn(declared["spec"])).flatMap(([name, value]) =>
    isDeepStrictEqual(there[name], value)
      ? []
      : [
          {
            field: `spec.${name}`,
            lacks: [JSON.stringify(value)],
            has: there[name] === undefined ? [] : [JSON.stringify(there[name])],
          },
        ],
  );
}
