// Who may send every request of a list, worked out for many namespaces one after the other.

import { boundSubject, subjectIdentity, subjectKey, type RbacSubject } from "../access/subject.ts";
import type { AccessAttributes } from "../kubernetes/access.ts";
import type { RbacIndex } from "../rbac/decide/rbac-index.ts";
import { allowedSubjects, masters } from "../rbac/decide/who-can.ts";
import type { Subject } from "../rbac/types.ts";

/** By `subjectKey`. */
type BySubject = ReadonlyMap<string, RbacSubject>;

export interface AllowedFinder {
  /** The subjects that are allowed all of it, by themselves or through a group that they are always in; `system:masters` is. */
  everybody(requests: readonly AccessAttributes[]): BySubject;
  /** The same of requests in a namespace; left out may be who is allowed all of it in every namespace. */
  inNamespace(requests: readonly AccessAttributes[]): BySubject;
  /** A line for each role that is bound and does not exist, where it was looked. */
  missing: ReadonlySet<string>;
}

/**
 * Roles and ClusterRoleBindings are compared with a request once, whatever namespaces it is asked about then: a namespace costs
 * what is bound in it.
 */
export function allowedFinder(index: RbacIndex): AllowedFinder {
  const missing = new Set<string>();
  const known = new Map<string, (scope: string) => AllowedHere>();
  const finder = (attributes: AccessAttributes): ((scope: string) => AllowedHere) => {
    const key = JSON.stringify({ ...attributes, namespace: "", name: "" });
    const found = known.get(key) ?? scopeFinder(index, attributes, missing);
    known.set(key, found);
    return found;
  };
  const ask = (requests: readonly AccessAttributes[]): AllowedRequest[] =>
    requests.map((attributes) => {
      const { namespace = "", name = "" } = "path" in attributes ? {} : attributes;
      const find = finder(attributes);
      const wide = find("");
      const narrow = namespace === "" ? undefined : find(namespace);
      return {
        wide: wide.everyName,
        here: [wide.named(name), ...(narrow === undefined ? [] : [narrow.everyName, narrow.named(name)])],
      };
    });
  return {
    missing,
    everybody(requests) {
      const allowed = ask(requests);
      const candidates = allowed.flatMap(({ wide, here }) => [wide, ...here]);
      return new Map([...allowedEach(allowed, candidates), ...bySubject([masters])]);
    },
    inNamespace(requests) {
      const allowed = ask(requests);
      const here = allowed.flatMap((request) => request.here);
      // Whom nothing here names is new only by a group that Kubernetes puts people in, and that something names here.
      const others = here.some(namesSystemGroup) ? allowed.map(({ wide }) => wide) : [];
      return allowedEach(allowed, [...here, ...others]);
    },
  };
}

/** Whom one request is allowed: everywhere and whatever its name, and besides. */
interface AllowedRequest {
  wide: BySubject;
  here: readonly BySubject[];
}

function allowedEach(requests: readonly AllowedRequest[], candidates: readonly BySubject[]): BySubject {
  const found = new Map<string, RbacSubject>();
  for (const subjects of candidates)
    for (const [key, subject] of subjects) {
      if (found.has(key)) continue;
      const keys = [key, ...impliedGroups(subject)];
      const isAllowed = ({ wide, here }: AllowedRequest): boolean =>
        keys.some((each) => wide.has(each) || here.some((one) => one.has(each)));
      if (requests.every(isAllowed)) found.set(key, subject);
    }
  return found;
}

const impliedGroups = (subject: RbacSubject): string[] =>
  subjectIdentity(subject).groups.map((name) => subjectKey({ kind: "Group", name }));

const namesSystemGroup = (subjects: BySubject): boolean =>
  [...subjects.values()].some(({ kind, name }) => kind === "Group" && name.startsWith("system:"));

/** Whom the bindings of one scope allow a request. */
interface AllowedHere {
  everyName: BySubject;
  named(name: string): BySubject;
}

const nobody: BySubject = new Map();

function scopeFinder(
  index: RbacIndex,
  attributes: AccessAttributes,
  missing: Set<string>,
): (scope: string) => AllowedHere {
  const allowed = allowedSubjects(index, attributes);
  let wide: AllowedHere | undefined;
  const find = (scope: string): AllowedHere => {
    const found = allowed(scope);
    for (const line of found.missing) missing.add(line);
    return {
      everyName: bySubject(found.everyName),
      named: (name) => bySubject(found.byName.get(name) ?? []),
    };
  };
  return (scope) => (scope === "" ? (wide ??= find("")) : find(scope));
}

function bySubject(subjects: readonly Subject[]): BySubject {
  if (subjects.length === 0) return nobody;
  const known = subjects.flatMap((subject) => boundSubject({ ...subject }, undefined) ?? []);
  return new Map(known.map((subject) => [subjectKey(subject), subject]));
}
