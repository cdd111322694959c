// Access questions, asked of the server's own authorizers.

import type {
  V1SubjectAccessReview,
  V1SubjectAccessReviewSpec,
  V1SubjectAccessReviewStatus,
} from "@kubernetes/client-node";
import { differs, isImplied } from "./identity-difference.ts";
import { fieldsIn, type Json } from "../../kubernetes/api-types.ts";
import { UserError } from "../../errors.ts";
import { ApiError, isForbidden } from "../../kubernetes/api-error.ts";
import type { ReviewAnswer, ReviewMethod } from "../cluster.ts";
import type { AccessAttributes, UserInfo } from "../../kubernetes/access.ts";
import { userInfoFrom } from "./identity.ts";
import { textIn } from "../../json.ts";
import type { ObjectMeta, ResourceType } from "../../kubernetes/object.ts";
import { resourcePath } from "./resource-path.ts";
import { formatApiVersion, nativeResources } from "../../kubernetes/resources.ts";
import type { Transport } from "../http/transport.ts";
import { withImpliedGroups } from "../../rbac/decide/implied-groups.ts";

type Question = AccessAttributes;
type Spec = Json<V1SubjectAccessReviewSpec>;

/** One way of asking. Undefined: the caller may not ask this way. */
type Ask = (question: Question) => Promise<ReviewAnswer | undefined>;

/** See Cluster.review. */
export async function review(
  transport: Transport,
  questions: readonly Question[],
  user: UserInfo | undefined,
  via: ReviewMethod | undefined,
): Promise<ReviewAnswer[]> {
  if (user === undefined) return Promise.all(questions.map(askAboutSelf(transport)));
  const ways = waysToAsk(transport, user).filter(({ method }) => via === undefined || method === via);

  // What one way leaves open goes on to the next, all together.
  const answers = new Map<number, ReviewAnswer>();
  const refusals: string[] = [];
  for (const way of ways) {
    const open = questions.map((_, index) => index).filter((index) => !answers.has(index));
    if (open.length === 0) break;
    const ask = await way.prepare();
    if (typeof ask === "string") {
      refusals.push(`${way.method}: ${ask}`);
      continue;
    }
    await Promise.all(
      open.map(async (index) => {
        const question = questions[index];
        const answer = question === undefined ? undefined : await ask(question);
        if (answer !== undefined) answers.set(index, answer);
      }),
    );
    if (open.some((index) => !answers.has(index))) refusals.push(`${way.method}: ${why[way.method]}`);
  }
  const unasked: ReviewAnswer = { answer: "unknown", reason: `could not be asked (${refusals.join("; ")})` };
  return questions.map((_, index) => answers.get(index) ?? unasked);
}

const why: Record<ReviewMethod, string> = {
  sar: "you may not create subjectaccessreviews",
  impersonate: "you may not impersonate this identity, or not to create selfsubjectaccessreviews",
  "local-sar": "you may not create localsubjectaccessreviews, or the question has no namespace",
};

interface Way {
  method: ReviewMethod;
  /** A text instead: why this way cannot be used at all. */
  prepare(): Promise<Ask | string>;
}

function waysToAsk(transport: Transport, user: UserInfo): Way[] {
  return [
    { method: "sar", prepare: async () => askBySubjectReview(transport, user) },
    { method: "impersonate", prepare: () => askByImpersonation(transport, user) },
    { method: "local-sar", prepare: async () => askByLocalReview(transport, user) },
  ];
}

function askAboutSelf(transport: Transport): (question: Question) => Promise<ReviewAnswer> {
  const ask = askAs(transport, undefined);
  return async (question) =>
    (await ask(question)) ?? { answer: "unknown", reason: "you may not create selfsubjectaccessreviews" };
}

function askAs(transport: Transport, as: UserInfo | undefined): Ask {
  const type = nativeResources.selfSubjectAccessReviews;
  return (question) => post(transport, type, {}, attributes(question), as);
}

function askBySubjectReview(transport: Transport, user: UserInfo): Ask {
  const type = nativeResources.subjectAccessReviews;
  return (question) => post(transport, type, {}, { ...subject(user), ...attributes(question) });
}

function askByLocalReview(transport: Transport, user: UserInfo): Ask {
  const type = nativeResources.localSubjectAccessReviews;
  return async (question) => {
    if (!("resource" in question) || !question.namespace) return undefined;
    const { namespace } = question;
    return post(transport, type, { namespace }, { ...subject(user), ...attributes(question) });
  };
}

/** First it must be seen to work: a proxy that drops the headers would have the caller's own rights reported as the user's. */
async function askByImpersonation(transport: Transport, user: UserInfo): Promise<Ask | string> {
  const as = withoutImplied(user);
  let seen: UserInfo;
  try {
    const type = nativeResources.selfSubjectReviews;
    const body = { apiVersion: formatApiVersion(type), kind: type.kind };
    const path = resourcePath(type, undefined);
    seen = userInfoFrom(await transport.json({ method: "POST", path, body, as, repeatable: true }));
  } catch (error) {
    if (isForbidden(error)) return why.impersonate;
    if (error instanceof ApiError || (error instanceof UserError && error.kind === "usage")) return error.message;
    throw error;
  }
  const difference = differs(user, seen);
  if (difference !== "") return `impersonation does not arrive at the server: ${difference}`;
  return askAs(transport, as);
}

/**
 * The user without the groups that the server adds by itself: to name them would take the right to impersonate them, which
 * whoever may impersonate a user or a service account need not have.
 */
function withoutImplied(user: UserInfo): UserInfo {
  const fewer = { ...user, groups: user.groups.filter((group) => !isImplied(group)) };
  const { groups } = withImpliedGroups(fewer);
  const isSame = groups.length === user.groups.length && groups.every((group) => user.groups.includes(group));
  return isSame ? fewer : user;
}

function subject({ name, groups, uid, extra }: UserInfo): Spec {
  return { user: name, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) };
}

function attributes(question: Question): Spec {
  if ("path" in question) return { nonResourceAttributes: { verb: question.verb, path: question.path } };
  const { apiGroup: group, verb, resource, subresource, namespace, name } = question;
  return {
    resourceAttributes: {
      verb,
      group,
      resource,
      ...(subresource === undefined ? {} : { subresource }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
    },
  };
}

async function post(
  transport: Transport,
  type: ResourceType,
  metadata: ObjectMeta,
  spec: Spec,
  as?: UserInfo,
): Promise<ReviewAnswer | undefined> {
  const body = { apiVersion: formatApiVersion(type), kind: type.kind, metadata, spec };
  try {
    const answer = await transport.json({
      method: "POST",
      path: resourcePath(type, metadata.namespace),
      body,
      repeatable: true,
      ...(as === undefined ? {} : { as }),
    });
    return answerIn(fieldsIn<V1SubjectAccessReview>(answer).status);
  } catch (error) {
    if (isForbidden(error)) return undefined;
    if (error instanceof ApiError && error.status !== 401) return { answer: "unknown", reason: error.message };
    throw error;
  }
}

/**
 * SubjectAccessReview.status. An authorizer that failed may have denied for that reason only, so `evaluationError`
 * makes a "no" unknown. The exception is RBAC's note of a binding whose role does not exist: such a binding grants
 * nothing (kubernetes plugin/pkg/auth/authorizer/rbac).
 */
function answerIn(reviewed: unknown): ReviewAnswer {
  const status = fieldsIn<V1SubjectAccessReviewStatus>(reviewed);
  const reason = textIn(status.reason);
  const evaluationError = textIn(status.evaluationError);
  if (status.allowed === true) return { answer: "yes", reason };
  if (status.allowed !== false) return { answer: "unknown", reason: "the server's answer has no verdict" };
  const isDecided = status.denied === true || evaluationError === "" || isMissingRoleNote(evaluationError);
  if (isDecided) return { answer: "no", reason: reason || evaluationError };
  return { answer: "unknown", reason: evaluationError };
}

function isMissingRoleNote(evaluationError: string): boolean {
  return evaluationError
    .replace(/^\[(.*)\]$/s, "$1")
    .split(/(?:, |\n)(?=(?:cluster)?roles?\.)/)
    .every((note) => /^(cluster)?roles?\.rbac\.authorization\.k8s\.io ".*" not found$/s.test(note.trim()));
}
