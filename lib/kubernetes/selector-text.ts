import { UserError } from "../errors.ts";

type Labels = Readonly<Record<string, string>>;

interface Term {
  key: string;
  /** As kubectl writes it, without needless blanks, values in order. */
  text: string;
  matches(labels: Labels): boolean;
}

/** A label selector as `kubectl -l` takes it, read once. */
export interface TextSelector {
  /** The label keys it looks at, in code-point order. */
  keys: string[];
  /** Equal for selectors that differ in blanks and order only. */
  text: string;
  matches(labels: Labels): boolean;
}

const key = String.raw`[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?(\/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?`;
const value = String.raw`([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?`;
const equality = new RegExp(String.raw`^(?<key>${key})\s*(?<operator>==?|!=)\s*(?<value>${value})$`);
const membership = new RegExp(String.raw`^(?<key>${key})\s+(?<operator>in|notin)\s*\((?<values>[^()]*)\)$`);
const existence = new RegExp(String.raw`^(?<not>!?)\s*(?<key>${key})$`);
const onlyValue = new RegExp(`^${value}$`);

/**
 * Reads `a=b,c!=d,e in (f,g),h,!i`; the empty text matches everything. Throws UserError "usage" on anything else.
 * Source: apimachinery pkg/labels; `!=` and `notin` also match objects without the key.
 */
export function parseSelectorText(text: string): TextSelector {
  const terms = splitTerms(text).map((term) => parseTerm(term, text));
  return {
    keys: [...new Set(terms.map((term) => term.key))].toSorted(),
    text: [...new Set(terms.map((term) => term.text))].toSorted().join(","),
    matches: (labels) => terms.every((term) => term.matches(labels)),
  };
}

// Commas inside parentheses belong to a set.
function splitTerms(text: string): string[] {
  if (text.trim() === "") return [];
  return text.split(/,(?![^(]*\))/).map((term) => term.trim());
}

const own = (labels: Labels, name: string) => (Object.hasOwn(labels, name) ? labels[name] : undefined);

function parseTerm(term: string, selector: string): Term {
  const equal = equality.exec(term)?.groups;
  if (equal !== undefined) {
    const { key: name = "", operator, value: wanted } = equal;
    const negated = operator === "!=";
    return {
      key: name,
      text: `${name}${negated ? "!=" : "="}${wanted}`,
      matches: (labels) => (own(labels, name) === wanted) !== negated,
    };
  }
  const member = membership.exec(term)?.groups;
  if (member !== undefined) return membershipTerm(member, selector);
  const exists = existence.exec(term)?.groups;
  if (exists === undefined) throw unreadable(selector);
  const { key: name = "", not = "" } = exists;
  return { key: name, text: `${not}${name}`, matches: (labels) => (own(labels, name) !== undefined) === (not === "") };
}

function membershipTerm(
  { key: name = "", operator = "", values = "" }: Record<string, string>,
  selector: string,
): Term {
  const wanted = [...new Set(values.split(",").map((item) => item.trim()))].toSorted();
  if (!wanted.every((item) => onlyValue.test(item))) throw unreadable(selector);
  return {
    key: name,
    text: `${name} ${operator} (${wanted.join(",")})`,
    matches: (labels) => {
      const actual = own(labels, name);
      return (actual !== undefined && wanted.includes(actual)) === (operator === "in");
    },
  };
}

function unreadable(selector: string): UserError {
  return new UserError(
    "usage",
    `unable to parse label selector ${JSON.stringify(selector)}`,
    "Write KEY=VALUE[,KEY=VALUE…].",
  );
}
