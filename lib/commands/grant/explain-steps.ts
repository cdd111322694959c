import { intentCollections } from "../../access/collection-plan.ts";
import { decodeIntent } from "../../access/intent.ts";
import { annotations, GRANT_LABEL } from "../../access/names.ts";
import { formatSubject, isShared } from "../../access/subject.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Answer, UserInfo } from "../../kubernetes/access.ts";
import { plainPlan } from "../../mirrord/plan/session-plan.ts";
import { sessionRequests } from "../../mirrord/session-requests.ts";
import type { Target } from "../../mirrord/target.ts";
import { describeAttributes } from "../../preview/verdict.ts";
import { authorizer } from "../../rbac/authorizer.ts";
import { ruleText } from "../../rbac/compact.ts";
import { ruleWords } from "../../rbac/rule-words.ts";
import type { Match, RbacRef } from "../../rbac/types.ts";
import { requestWords } from "../preview/headline.ts";
import { describeSubject } from "../../access/label-risk.ts";

/** One way in which one request of a session is allowed; or a request that nothing allows. */
export interface Step {
  request: string;
  /** The same, as the table has it. */
  words: string;
  answer: Answer;
  subject?: string;
  binding?: string;
  role?: string;
  /** As the API server prints it, and in words. */
  rule?: string;
  allows?: string;
  /** The id of the grant that made the binding; absent for one that was made by hand. */
  grant?: string;
  /** The team or the organization that the grant is to, `team:acme/web`, and the collections that it is on. */
  through?: string;
  collections?: string[];
}

/** The steps of a session that mirrors the target: each request that it cannot do without, with every way to it. */
export function explainSteps(
  objects: readonly KubernetesObject[],
  user: UserInfo,
  target: Target,
  namespace: string,
): Step[] {
  const engine = authorizer(objects);
  const grants = grantIds(objects);
  const requests = sessionRequests(plainPlan("mirror", target, namespace)).filter(({ required }) => required);
  return requests.flatMap(({ attributes }): Step[] => {
    const { answer, via } = engine.explain({ user, ...attributes });
    const step = { request: describeAttributes(attributes), words: requestWords(attributes), answer };
    return via.length === 0 ? [step] : via.map((match) => ({ ...step, ...way(match, grants) }));
  });
}

function way(
  { subject, binding, role, rule }: Match,
  grants: ReadonlyMap<string, GrantPath>,
): Omit<Step, "request" | "words" | "answer"> {
  const path = grants.get(reference(binding));
  return {
    subject: describeSubject(subject),
    binding: reference(binding),
    role: reference(role),
    rule: ruleText(rule),
    allows: ruleWords(rule),
    ...path,
  };
}

const reference = ({ kind, name, namespace }: Pick<RbacRef, "name" | "namespace"> & { kind: string }) =>
  `${kind.toLowerCase()}/${name}${namespace === undefined ? "" : ` (${namespace})`}`;

type GrantPath = Required<Pick<Step, "grant">> & Pick<Step, "through" | "collections">;

/** By binding, the grant that made it, and what that says of the way. */
function grantIds(objects: readonly KubernetesObject[]): Map<string, GrantPath> {
  const bindings = objects.filter(({ kind }) => kind.endsWith("Binding"));
  const paths = new Map(
    bindings.flatMap(({ metadata: { labels, annotations: notes } }): [string, GrantPath][] => {
      const grant = labels?.[GRANT_LABEL];
      const intent = decodeIntent(notes?.[annotations.intent]);
      if (grant === undefined || intent === undefined) return [];
      const collections = intentCollections(intent);
      const through = isShared(intent.subject) ? { through: formatSubject(intent.subject) } : {};
      return [[grant, { grant, ...through, ...(collections.length === 0 ? {} : { collections }) }]];
    }),
  );
  return new Map(
    bindings.flatMap(({ kind, metadata: { name = "", namespace, labels } }): [string, GrantPath][] => {
      const grant = labels?.[GRANT_LABEL];
      if (grant === undefined) return [];
      return [
        [reference({ kind, name, ...(namespace === undefined ? {} : { namespace }) }), paths.get(grant) ?? { grant }],
      ];
    }),
  );
}
