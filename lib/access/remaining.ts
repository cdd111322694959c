import { objectIn, listIn } from "../json.ts";
import type { AccessAttributes, UserInfo } from "../kubernetes/access.ts";
import { toAnswer } from "../kubernetes/answers.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Authorizer } from "../rbac/authorizer.ts";
import type { RbacSeen } from "./limits.ts";
import type { PrivilegedAttribute } from "./privileged-options.ts";
import { removals, type Removal } from "./removal.ts";
import { withoutAnyName, type SessionRight, type SessionsPlace, type SessionWay } from "./session-ways.ts";
import {
  openings,
  openRights,
  opens,
  placeChain,
  standingAccess,
  type Answers,
  type Chain,
} from "./standing-access.ts";
import { formatSubject, subjectIdentity, type RbacSubject } from "./subject.ts";

/** What a subject can still do in one place after its grant is gone. */
export interface Remaining {
  subject: string;
  /** Empty: all namespaces. */
  namespace: string;
  /** Of a limited grant: what is gone. */
  target?: string;
  /** Of an exemption from the secure defaults: what is gone, or remains. */
  exempted?: PrivilegedAttribute[];
  /**
   * `remains`: the same identity can still start a session, or is still let through. `may-remain`: a group is, and nobody can
   * look up who is in it. `unknown`: it could not be asked.
   */
  state: "gone" | "remains" | "may-remain" | "unknown";
  /** Bindings that still give the subject the connection. */
  through: string[];
  /** Groups that may, with the bindings that let them: `oidc:web (rolebinding/x)`. */
  groups: string[];
  /** What can be started; empty where the rights that stand are too few for a session. */
  sessions?: StandingSession[];
  /** Each right of the chain that still stands, whether or not it is enough. */
  rights?: StandingRight[];
  /** What takes away what remains. */
  removals?: Removal[];
  /** What a session needs besides those rights. */
  missing?: AccessAttributes[];
  reason?: string;
}

export interface StandingSession {
  use: SessionWay["use"];
  targets: string[];
}

export interface StandingRight {
  right: SessionRight["right"];
  /** Of a connection. */
  targets?: string[];
  through: string[];
}

export interface RemainingInput {
  subject: RbacSubject;
  place: SessionsPlace;
  /** What the revoked grants were limited to; empty: no limit. */
  targets: readonly string[];
  rbac: RbacSeen;
  engine: Authorizer;
  chain: Chain;
  answers: Answers;
  /** Why the answers are none, where they are `unknown`. */
  reason: string;
}

/** What is left in one place, by the answers that the cluster gave; bindings and groups by the RBAC objects. */
export function remainingAccess(input: RemainingInput): Remaining[] {
  const { subject, place, targets, chain, rbac } = input;
  const base = { subject: formatSubject(subject), namespace: place.namespace, through: [], groups: [] };
  const own = standingAccess(chain, input.answers);
  const rights = standingRights(own.standing, input);
  const withRights = rights.length === 0 ? {} : { rights };
  if (own.started.length > 0 || own.standing.some(({ right }) => opens.has(right))) {
    const sessions = standingSessions(own.started);
    const through = bindings(own.started.length > 0 ? openings(own.started, chain) : openRights(own.standing), input);
    return [
      {
        ...base,
        state: "remains",
        through,
        sessions,
        ...withRights,
        removals: removals([...through, ...rights.flatMap((right) => right.through)], {
          objects: rbac.objects,
          namespace: place.namespace,
          subject,
        }),
        ...(sessions.length > 0 ? {} : { missing: own.missing.map(withoutAnyName) }),
      },
    ];
  }
  if (own.unasked) return [{ ...base, state: "unknown", reason: input.reason }];
  if (rbac.unreadable.length > 0) {
    return [
      { ...base, state: "unknown", reason: `you may not list ${rbac.unreadable.join(", ")} to see what else gives it` },
    ];
  }
  const groups = groupsThatMay(input);
  if (groups.length > 0) return [{ ...base, state: "may-remain", groups, ...withRights }];
  const gone = { ...base, state: "gone", ...withRights } as const;
  return targets.length === 0 ? [gone] : targets.map((target) => ({ ...gone, target }));
}

function standingSessions(started: readonly SessionWay[]): StandingSession[] {
  return [...Map.groupBy(started, ({ use }) => use)].map(([use, ways]) => ({
    use,
    targets: withoutCovered(ways.map(({ target }) => target)),
  }));
}

/** What is allowed for any name of a kind is allowed for each, and a workload stands for its containers. */
function withoutCovered(targets: readonly string[]): string[] {
  const all = new Set(targets);
  if (all.has("any target")) return ["any target"];
  return [...all].filter((target) => {
    const [kind = "", name = "", , container] = target.split("/");
    // One name can be read as that of a container, and as that of a workload that is called so.
    const [, short, inner] = /^(.+)\.container\.([^.]+)$/.exec(name) ?? [];
    const covers = [
      `any ${kind}`,
      ...(container === undefined ? [] : [`${kind}/${name}`]),
      ...(short === undefined ? [] : [`${kind}/${short}`, `${kind}/${short}/container/${inner}`]),
    ];
    return !covers.some((cover) => all.has(cover));
  });
}

function standingRights(standing: readonly SessionRight[], input: RemainingInput): StandingRight[] {
  return [...Map.groupBy(standing, ({ right }) => right)].map(([right, of]): StandingRight => {
    const named = withoutCovered(of.flatMap(({ target }) => target ?? []));
    const through = bindings(
      of.map(({ attributes }) => attributes),
      input,
    );
    return { right, ...(named.length === 0 ? {} : { targets: named }), through };
  });
}

function bindings(attributes: readonly AccessAttributes[], { engine, subject }: RemainingInput): string[] {
  const user = subjectIdentity(subject);
  const via = attributes.flatMap((each) => engine.explain({ user, ...each }).via);
  return [...new Set(via.map(({ binding }) => `${binding.kind.toLowerCase()}/${binding.name}`))].toSorted();
}

/** Groups without which no door is open; of users only, because nobody can look up their groups. */
function groupsThatMay({ subject, place, rbac, engine }: RemainingInput): string[] {
  if (subject.kind !== "User") return [];
  const user = subjectIdentity(subject, boundGroups(rbac.objects));
  const chain = placeChain(engine, user, place);
  const may: Answers = (each) => toAnswer(engine.authorize({ user, ...each }).allowed);
  const { started, standing } = standingAccess(chain, may);
  const doors = groupBindings([...openings(started, chain), ...openRights(standing)], user, engine);
  // A door may be open without a group, and what else a session needs come by one.
  const found =
    doors.size > 0
      ? doors
      : groupBindings(
          started.flatMap(({ needs }) => needs),
          user,
          engine,
        );
  return [...found]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, by]) => `${name} (${[...by].toSorted().join(", ")})`);
}

function groupBindings(
  attributes: readonly AccessAttributes[],
  user: UserInfo,
  engine: Authorizer,
): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const each of attributes) {
    for (const { subject, binding } of engine.explain({ user, ...each }).via) {
      if (subject.kind !== "Group" || subject.name.startsWith("system:")) continue;
      found.set(
        subject.name,
        (found.get(subject.name) ?? new Set()).add(`${binding.kind.toLowerCase()}/${binding.name}`),
      );
    }
  }
  return found;
}

/** Kubernetes' own groups are left out: who is in them is known, or is an administrator by other means. */
export function boundGroups(objects: readonly KubernetesObject[]): string[] {
  const subjects = objects
    .filter(({ kind }) => kind.endsWith("Binding"))
    .flatMap((binding) => listIn(binding["subjects"]).map(objectIn));
  const names = subjects.flatMap(({ kind, name }) => (kind === "Group" && typeof name === "string" ? [name] : []));
  return [...new Set(names)].filter((name) => !name.startsWith("system:"));
}
