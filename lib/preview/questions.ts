import type { Cluster, ReviewAnswer, ReviewMethod } from "../kube/cluster.ts";
import type { AccessAttributes, UserInfo } from "../kubernetes/access.ts";
import { attributesKey } from "../kubernetes/answers.ts";

/** Access questions about one identity, each of which is asked only once. */
export interface Questions {
  /** Answers in the order given; what was not asked before is asked, together with what others want to know now. */
  ask(attributes: readonly AccessAttributes[]): Promise<ReviewAnswer[]>;
}

/** @param user undefined: the caller itself */
export function questions(cluster: Cluster, user: UserInfo | undefined, via: ReviewMethod | undefined): Questions {
  const answers = new Map<string, Promise<ReviewAnswer>>();
  let fresh: AccessAttributes[] = [];
  let review: Promise<ReviewAnswer[]> | undefined;

  /** One review for all that is wanted in this turn: some ways of asking have to be tried out first, each time. */
  function soon(): Promise<ReviewAnswer[]> {
    review ??= Promise.resolve().then(() => {
      const list = fresh;
      fresh = [];
      review = undefined;
      return cluster.review(list, user, via);
    });
    return review;
  }

  function answerTo(attributes: AccessAttributes): Promise<ReviewAnswer> {
    const key = attributesKey(attributes);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const index = fresh.push(attributes) - 1;
    const answer = soon().then((list) => list[index] ?? noAnswer);
    answers.set(key, answer);
    return answer;
  }

  return { ask: (attributes) => Promise.all(attributes.map(answerTo)) };
}

const noAnswer: ReviewAnswer = { answer: "unknown", reason: "the server did not answer" };
