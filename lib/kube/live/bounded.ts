import type { Cluster, ReviewAnswer } from "../cluster.ts";
import { allObjects, pagedList } from "../../kubernetes/object-list.ts";
import type { AccessAttributes } from "../../kubernetes/access.ts";

/** kubectl's own limit is of this size; an API server serves some hundred at once. */
export const MAX_IN_FLIGHT = 16;

/**
 * The same cluster with at most 16 requests under way at once, whatever is asked of it together. Equal access questions
 * are asked once. A folder of manifests is given back as it is.
 */
export function bounded(cluster: Cluster, limit = MAX_IN_FLIGHT): Cluster {
  if (cluster.offline) return cluster;
  const slots = semaphore(limit);
  const { patch } = cluster;
  return {
    ...cluster,
    get: (...asked) => slots(() => cluster.get(...asked)),
    list: (...asked) =>
      pagedList(async function* whole() {
        yield { items: await slots(() => allObjects(cluster.list(...asked))) };
      }),
    apply: (...asked) => slots(() => cluster.apply(...asked)),
    ...(patch === undefined ? {} : { patch: (...asked) => slots(() => patch(...asked)) }),
    create: (...asked) => slots(() => cluster.create(...asked)),
    delete: (...asked) => slots(() => cluster.delete(...asked)),
    review: (questions, ...who) => reviewInParts(questions, limit, (part) => cluster.review(part, ...who)),
  };
}

function semaphore(limit: number): <Result>(act: () => Promise<Result>) => Promise<Result> {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async (act) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await act();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

/** So many questions go to one call of review, which may first have to find out how it may ask. */
const TOGETHER = 4;

async function reviewInParts(
  questions: readonly AccessAttributes[],
  limit: number,
  ask: (part: AccessAttributes[]) => Promise<ReviewAnswer[]>,
): Promise<ReviewAnswer[]> {
  const keys = questions.map((question) => JSON.stringify(question));
  const open = new Map(keys.map((key, index) => [key, questions[index]]));
  const distinct = [...open].flatMap(([key, question]) => (question === undefined ? [] : [{ key, question }]));
  const parts = Array.from({ length: Math.ceil(distinct.length / TOGETHER) }, (_, index) =>
    distinct.slice(index * TOGETHER, (index + 1) * TOGETHER),
  ).values();
  const answers = new Map<string, ReviewAnswer>();
  const worker = async () => {
    for (const part of parts) {
      const said = await ask(part.map(({ question }) => question));
      for (const [index, { key }] of part.entries()) answers.set(key, said[index] ?? silence);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.floor(limit / TOGETHER)) }, worker));
  return keys.map((key) => answers.get(key) ?? silence);
}

const silence: ReviewAnswer = { answer: "unknown", reason: "no answer came" };
