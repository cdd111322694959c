import type { AccessAttributes, Answer, UserInfo } from "../kubernetes/access.ts";
import { attributesKey } from "../kubernetes/answers.ts";
import type { Authorizer } from "../rbac/authorizer.ts";
import { sessionRights, sessionWays, type SessionRight, type SessionsPlace, type SessionWay } from "./session-ways.ts";

/** Everything about one place that decides what remains there. */
export interface Chain {
  ways: SessionWay[];
  rights: SessionRight[];
}

export type Answers = (attributes: AccessAttributes) => Answer;

/** What the rules that an identity has could be good for there. */
export function placeChain(engine: Authorizer, user: UserInfo, place: SessionsPlace): Chain {
  const rules = engine.rulesFor(user, place.namespace);
  return { ways: sessionWays(rules, place), rights: sessionRights(rules, place) };
}

/**
 * What must be asked so that the answers decide: each right by itself, and all that a way needs once it is open, or everything
 * of it was allowed so far. `soFar` is what is known already, else what the RBAC objects say.
 */
export function openQuestions({ ways, rights }: Chain, soFar: Answers): AccessAttributes[] {
  const open = new Set(
    openRights(rights)
      .filter((each) => soFar(each) === "yes")
      .map(attributesKey),
  );
  const standing = ways.filter(
    ({ needs }) => needs.some((each) => open.has(attributesKey(each))) || needs.every((each) => soFar(each) !== "no"),
  );
  const all = [...rights.map(({ attributes }) => attributes), ...standing.flatMap(({ needs }) => needs)];
  return [...new Map(all.map((each) => [attributesKey(each), each])).values()];
}

/** Rights that are access by themselves: what they open is let through, whoever asks. */
export const opens: ReadonlySet<SessionRight["right"]> = new Set(["connect", "copy", "preview"]);

export interface Standing {
  started: SessionWay[];
  standing: SessionRight[];
  /** Of the way that lacks least. */
  missing: AccessAttributes[];
  unasked: boolean;
}

export function standingAccess({ ways, rights }: Chain, answers: Answers): Standing {
  const allowed = (attributes: AccessAttributes) => answers(attributes) === "yes";
  const started = ways.filter(({ needs }) => needs.every(allowed));
  const standing = rights.filter(({ attributes }) => allowed(attributes));
  const keys = new Set(
    standing.filter(({ right }) => opens.has(right)).map(({ attributes }) => attributesKey(attributes)),
  );
  const [missing = []] = ways
    .filter(({ needs }) => needs.some((each) => keys.has(attributesKey(each))))
    .map(({ needs }) => needs.filter((each) => !allowed(each)))
    .toSorted((a, b) => a.length - b.length);
  const unasked = rights.some(({ right, attributes }) => opens.has(right) && answers(attributes) === "unknown");
  return { started, standing, missing, unasked };
}

/** Of ways that stand: what lets them through, as against what everybody may read. */
export function openings(started: readonly SessionWay[], { rights }: Chain): AccessAttributes[] {
  const doors = rights.filter(({ right }) => right !== "credential");
  const keys = new Set(doors.map(({ attributes }) => resourceKey(attributes)));
  return started.flatMap(({ needs }) => needs.filter((each) => keys.has(resourceKey(each))));
}

function resourceKey(attributes: AccessAttributes): string {
  return "path" in attributes ? attributes.path : `${attributes.resource}.${attributes.apiGroup}`;
}

/** Of rights: those that are access by themselves. */
export const openRights = (rights: readonly SessionRight[]) =>
  rights.filter(({ right }) => opens.has(right)).map(({ attributes }) => attributes);
