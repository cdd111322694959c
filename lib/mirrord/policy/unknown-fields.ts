import { isJsonObject } from "../../json.ts";

/** The fields of an object that are judged here; `true`: whatever is in it, an array: each entry of a list. */
type Known = true | readonly [Known] | { readonly [field: string]: Known };

const outgoingRule: Known = {
  hostname: true,
  ipBlock: { cidr: true, except: true },
  ports: [{ port: true, protocol: true }],
};

// Source: the definition of chart 3.187.0 (operator contract, Appendix A).
const spec: Known = {
  targetPath: true,
  selector: { matchLabels: true, matchExpressions: [{ key: true, operator: true, values: true }] },
  block: true,
  appliesToCopyTargets: true,
  requireProfile: true,
  profileAllowlist: true,
  network: {
    incoming: { httpFilter: { headerFilter: true } },
    outgoing: { allow: [outgoingRule], block: [outgoingRule] },
  },
  env: { exclude: true },
  fs: { readOnly: true, local: true, notFound: true },
};

/**
 * The paths of what a policy's spec says and nobody here can judge, because its definition is newer: `spec.splitQueues`. What
 * says nothing (null, false, empty) is left out, as the defaults of a newer definition write it into every policy.
 */
export function unknownFields(policySpec: unknown): string[] {
  return unknownIn(policySpec, spec, "spec");
}

function unknownIn(value: unknown, known: Known | undefined, path: string): string[] {
  if (known === true || saysNothing(value)) return [];
  if (known === undefined) return [path];
  if (isList(known)) {
    const [entry] = known;
    return Array.isArray(value) ? value.flatMap((each, index) => unknownIn(each, entry, `${path}[${index}]`)) : [];
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([field, inside]) =>
    unknownIn(inside, Object.hasOwn(known, field) ? known[field] : undefined, `${path}.${field}`),
  );
}

const isList = (known: Exclude<Known, true>): known is readonly [Known] => Array.isArray(known);

// What is nested deeper than any value of a definition says something.
const MAX_DEPTH = 16;

function saysNothing(value: unknown, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false;
  const isEmpty = (inside: unknown) => saysNothing(inside, depth + 1);
  if (Array.isArray(value)) return value.every(isEmpty);
  if (isJsonObject(value)) return Object.values(value).every(isEmpty);
  return value === null || value === undefined || value === false || value === "";
}
