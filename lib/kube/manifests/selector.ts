import { UserError } from "../../errors.ts";

type Labels = Readonly<Record<string, string>>;
type Term = (labels: Labels) => boolean;

const key = String.raw`[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?(\/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?`;
const value = String.raw`([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?`;
const equality = new RegExp(String.raw`^(?<key>${key})\s*(?<operator>==?|!=)\s*(?<value>${value})$`);
const membership = new RegExp(String.raw`^(?<key>${key})\s+(?<operator>in|notin)\s*\((?<values>[^()]*)\)$`);
const existence = new RegExp(String.raw`^(?<not>!?)\s*(?<key>${key})$`);

/**
 * A label selector as `kubectl -l` takes it: `a=b,c!=d,e in (f,g),h,!i`. Throws UserError "usage" on anything else.
 * Source: apimachinery pkg/labels; `!=` and `notin` also match objects without the key.
 */
export function labelSelector(text: string): (labels: Labels) => boolean {
  const terms = splitTerms(text).map((term) => parseTerm(term, text));
  return (labels) => terms.every((term) => term(labels));
}

// Commas inside parentheses belong to a set.
function splitTerms(text: string): string[] {
  if (text.trim() === "") return [];
  return text.split(/,(?![^(]*\))/).map((term) => term.trim());
}

function parseTerm(term: string, selector: string): Term {
  const own = (labels: Labels, name: string) => (Object.hasOwn(labels, name) ? labels[name] : undefined);
  const equal = equality.exec(term)?.groups;
  if (equal !== undefined) {
    const { key: name = "", operator, value: wanted } = equal;
    return (labels) => (own(labels, name) === wanted) === (operator !== "!=");
  }
  const member = membership.exec(term)?.groups;
  if (member !== undefined) {
    const { key: name = "", operator, values = "" } = member;
    const wanted = new Set(values.split(",").map((item) => item.trim()));
    return (labels) => {
      const actual = own(labels, name);
      return (actual !== undefined && wanted.has(actual)) === (operator === "in");
    };
  }
  const exists = existence.exec(term)?.groups;
  if (exists === undefined) {
    throw new UserError(
      "usage",
      `unable to parse label selector ${JSON.stringify(selector)}`,
      "Write KEY=VALUE[,KEY=VALUE…].",
    );
  }
  const { key: name = "", not } = exists;
  return (labels) => (own(labels, name) !== undefined) === (not === "");
}
