import type { AccessAttributes, Cluster, ReviewAnswer, ReviewMethod, UserInfo } from "../kube/cluster.ts";

/** Access questions about one identity, each of which is asked only once. */
export interface Questions {
  /** Answers in the order given; what was not asked before is asked, all of it at once. */
  ask(attributes: readonly AccessAttributes[]): Promise<ReviewAnswer[]>;
  /** How many were asked. */
  readonly asked: number;
}

/** @param user undefined: the caller itself */
export function questions(cluster: Cluster, user: UserInfo | undefined, via: ReviewMethod | undefined): Questions {
  const answers = new Map<string, Promise<ReviewAnswer>>();

  function askNew(attributes: readonly AccessAttributes[]): void {
    const fresh = new Map<string, AccessAttributes>();
    for (const each of attributes) {
      const key = keyOf(each);
      if (!answers.has(key)) fresh.set(key, each);
    }
    if (fresh.size === 0) return;
    const review = cluster.review([...fresh.values()], user, via);
    for (const [index, key] of [...fresh.keys()].entries()) {
      const answer = review.then((list) => list[index] ?? noAnswer);
      // Whoever waits for it hears of a failure; nobody has to wait for it.
      answer.catch(() => {});
      answers.set(key, answer);
    }
  }

  return {
    async ask(attributes) {
      askNew(attributes);
      return Promise.all(attributes.map((each) => answers.get(keyOf(each)) ?? noAnswer));
    },
    get asked() {
      return answers.size;
    },
  };
}

const noAnswer: ReviewAnswer = { answer: "unknown", reason: "the server did not answer" };

function keyOf(attributes: AccessAttributes): string {
  if ("path" in attributes) return JSON.stringify([attributes.verb, attributes.path]);
  const { verb, apiGroup, resource, subresource = "", namespace = "", name = "" } = attributes;
  return JSON.stringify([verb, apiGroup, resource, subresource, namespace, name]);
}
