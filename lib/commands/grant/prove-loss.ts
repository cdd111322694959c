import { isDeepStrictEqual } from "node:util";
import { boundGroups, remainingAccess, type Remaining } from "../../access/remaining.ts";
import { exemptionQuestions, remainingExemption, type LostExemption } from "../../access/remaining-exemption.ts";
import { openQuestions, placeChain, type Chain } from "../../access/standing-access.ts";
import { ruleNames, type SessionsPlace } from "../../access/session-ways.ts";
import { subjectIdentity, type RbacSubject } from "../../access/subject.ts";
import type { World } from "../../cli/world.ts";
import type { Cluster, ReviewAnswer } from "../../kube/cluster.ts";
import type { AccessAttributes, Answer, UserInfo } from "../../kubernetes/access.ts";
import { attributesKey } from "../../kubernetes/answers.ts";
import { knownOperator } from "../../preview/resolve.ts";
import { authorizer, type Authorizer } from "../../rbac/authorizer.ts";
import { readOperator } from "../../reading/operator.ts";
import { readAllRbac, type RbacObjects } from "../../reading/rbac-objects.ts";
import type { RevokedAccess } from "./plan-revocation.ts";
import { settle } from "../settle.ts";

/** Where one subject lost something. */
interface Lost {
  subject: RbacSubject;
  /** By namespace; "" is all of them. */
  places: Map<string, { targets: string[]; lists: boolean }>;
}

/**
 * What the subjects can still do where they lost a grant: worked out from the RBAC objects for every kind of session and every
 * name that a rule gives, and then asked of the cluster, whose word counts.
 * @param wide the subjects were to lose everything: other places where they keep access count as well
 */
export async function proveLoss(
  cluster: Cluster,
  revoked: readonly RevokedAccess[],
  wide: boolean,
  world: Pick<World, "signal">,
): Promise<Remaining[]> {
  if (revoked.length === 0) return [];
  const exemptions = revoked.flatMap(lostExemptions);
  const sessions = revoked.filter(({ exempted }) => exempted === undefined);
  const [rbac, operator] = await Promise.all([readAllRbac(cluster), readOperator(cluster)]);
  const engine = authorizer(rbac.objects);
  const seen = { cluster, rbac, engine, operator: knownOperator(operator), world };
  const [found, exempt] = await Promise.all([
    Promise.all(lostBySubject(sessions).map((lost) => remainingIn(lost, wide, seen))),
    Promise.all(exemptions.map((lost) => remainingOfExemption(lost, seen))),
  ]);
  return [...found.flat(), ...exempt];
}

function lostExemptions({ subject, namespaces, exempted }: RevokedAccess): LostExemption[] {
  if (exempted === undefined) return [];
  return (namespaces ?? [""]).map((namespace) => ({ subject, namespace, attributes: exempted }));
}

async function remainingOfExemption(lost: LostExemption, { cluster, engine, rbac, world }: Seen): Promise<Remaining> {
  const user = subjectIdentity(lost.subject);
  const byRules = (attributes: AccessAttributes) => engine.authorize({ user, ...attributes }).allowed;
  const questions = exemptionQuestions(lost);
  const answers = await settle(
    () => cluster.review(questions, user),
    {
      isExpected: (given) =>
        cluster.offline ||
        rbac.unreadable.length > 0 ||
        questions.every((each, at) => (given[at]?.answer === "yes") === byRules(each)),
      describe: (given) => given.map(({ answer }) => answer).join(),
    },
    world,
  );
  return remainingExemption(lost, answers, { engine, rbac });
}

function lostBySubject(revoked: readonly RevokedAccess[]): Lost[] {
  const found: Lost[] = [];
  for (const { subject, namespaces, targets, lists } of revoked) {
    const known = found.find((lost) => isDeepStrictEqual(lost.subject, subject));
    const lost = known ?? { subject, places: new Map<string, { targets: string[]; lists: boolean }>() };
    if (known === undefined) found.push(lost);
    for (const namespace of namespaces ?? [""]) {
      const before = lost.places.get(namespace);
      // A grant without a limit gave every target.
      const limits =
        before?.targets.length === 0 || targets.length === 0 ? [] : [...(before?.targets ?? []), ...targets];
      lost.places.set(namespace, { targets: [...new Set(limits)], lists: lists || before?.lists === true });
    }
  }
  return found;
}

interface Seen {
  cluster: Cluster;
  rbac: RbacObjects;
  engine: Authorizer;
  operator: SessionsPlace["operator"];
  world: Pick<World, "signal">;
}

async function remainingIn({ subject, places }: Lost, wide: boolean, seen: Seen): Promise<Remaining[]> {
  const { engine, rbac, operator } = seen;
  const user = subjectIdentity(subject);
  const isEverywhere = places.has("");
  const all = new Map(places);
  if (wide || isEverywhere) {
    // Of the groups that the user may be in, what they still give matters where something was taken: everywhere.
    const groups = isEverywhere && subject.kind === "User" ? boundGroups(rbac.objects) : [];
    for (const namespace of ["", ...boundNamespaces(seen, { ...user, groups: [...user.groups, ...groups] })]) {
      if (!all.has(namespace)) all.set(namespace, { targets: [], lists: places.get("")?.lists ?? false });
    }
  }
  const asked = [...all].map(([namespace, { targets, lists }]) => {
    const place: SessionsPlace = { namespace, lists, operator };
    return { place, targets, chain: placeChain(engine, user, place) };
  });
  const answers = await provenAnswers(
    asked.map(({ chain }) => chain),
    user,
    seen,
  );
  const found = asked.flatMap(({ place, targets, chain }) =>
    remainingAccess({ subject, place, targets, rbac, engine, chain, ...answers }),
  );
  const whole = found.find(({ namespace }) => namespace === "");
  return found.filter((one) => places.has(one.namespace) || (isKept(one, isEverywhere) && addsTo(whole, one)));
}

/** Elsewhere nothing was taken: only what goes on is worth a word. */
function isKept({ state }: Remaining, isEverywhere: boolean): boolean {
  return state === "remains" || (isEverywhere && state === "may-remain");
}

/** What holds everywhere is not said again for each namespace. */
function addsTo(whole: Remaining | undefined, one: Remaining): boolean {
  if (whole === undefined || one === whole || one.state !== whole.state) return true;
  const what = ({ groups, sessions, rights }: Remaining) => [groups, sessions, rights];
  return !isDeepStrictEqual(what(one), what(whole));
}

/** Where bindings, or names of namespaces in rules, give somebody more than everywhere. */
function boundNamespaces({ rbac, engine }: Seen, user: UserInfo): string[] {
  const spaces = new Set(
    rbac.objects.flatMap(({ kind, metadata: { namespace } }) =>
      kind === "RoleBinding" && namespace !== undefined ? [namespace] : [],
    ),
  );
  const everywhere = engine.rulesFor(user, "");
  const bound = [...spaces].filter((namespace) => engine.rulesFor(user, namespace).length > everywhere.length);
  const named = ruleNames(everywhere, { verb: "get", apiGroup: "", resource: "namespaces" });
  return [...new Set([...bound, ...named])].filter((namespace) => namespace !== "").toSorted();
}

/** Asks until nothing new is worth asking, and again what the cluster and the RBAC objects disagree about. */
async function provenAnswers(
  chains: readonly Chain[],
  user: UserInfo,
  { cluster, engine, rbac, world }: Seen,
): Promise<{ answers: (attributes: AccessAttributes) => Answer; reason: string }> {
  const said = new Map<string, { attributes: AccessAttributes; answer: Answer; reason: string }>();
  const byRules = (attributes: AccessAttributes): Answer =>
    engine.authorize({ user, ...attributes }).allowed ? "yes" : "no";
  const soFar = (attributes: AccessAttributes) => said.get(attributesKey(attributes))?.answer ?? byRules(attributes);
  const ask = async (questions: readonly AccessAttributes[]) => {
    const answers = await cluster.review(questions, user);
    for (const [index, attributes] of questions.entries()) {
      said.set(attributesKey(attributes), { attributes, ...asAllowed(answers[index], byRules(attributes)) });
    }
  };
  const differing = () =>
    [...said.values()].flatMap(({ attributes, answer }) =>
      answer === "unknown" || answer === byRules(attributes) ? [] : [attributes],
    );
  const look = async () => {
    await ask(differing());
    for (;;) {
      const open = new Map(
        chains
          .flatMap((chain) => openQuestions(chain, soFar))
          .map((attributes) => [attributesKey(attributes), attributes]),
      );
      const fresh = [...open].flatMap(([key, attributes]) => (said.has(key) ? [] : [attributes]));
      if (fresh.length === 0) return differing();
      await ask(fresh);
    }
  };
  const isExpected = (differences: readonly AccessAttributes[]) =>
    cluster.offline || rbac.unreadable.length > 0 || differences.length === 0;
  await settle(look, { isExpected, describe: (differences) => differences.map(attributesKey).join() }, world);
  const reason = [...said.values()].find(({ answer }) => answer === "unknown")?.reason ?? "";
  return { answers: (attributes) => said.get(attributesKey(attributes))?.answer ?? "no", reason };
}

/** What could not be asked is what the RBAC objects allow; what they do not allow, somebody else might. */
function asAllowed(given: ReviewAnswer | undefined, byRules: Answer): { answer: Answer; reason: string } {
  const { answer, reason } = given ?? { answer: "unknown", reason: "the server did not answer" };
  return answer === "unknown" && byRules === "yes" ? { answer: "yes", reason } : { answer, reason };
}
