// Asks the engine and the API server the same questions about the same objects.
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { AccessRequest } from "../../lib/kubernetes/access.ts";
import { authorizer, type Authorizer } from "../../lib/rbac/authorizer.ts";
import { allowedReason, notAllowedReason } from "../../lib/rbac/decide/reason.ts";
import { generateQuestions } from "./generate-questions.ts";
import { generateWorld, type World } from "./generate-world.ts";
import { random } from "./random.ts";
import { createAll, deleteAll, inParallel, readAll, review, untilSeen, type Review, type Server } from "./server.ts";

export interface Asked {
  request: AccessRequest;
  review: Review;
}

/** One world with what the server said about it. */
export interface Recorded {
  world: World;
  /** All RBAC objects of the server, as it lists them. */
  objects: KubernetesObject[];
  asked: Asked[];
}

export interface Disagreement extends Asked {
  world: World;
  objects: KubernetesObject[];
  problem: string;
}

export interface Plan {
  seed: number;
  count: number;
  prefix: string;
  namespaces: World["namespaces"];
  /** Questions about one world before the next one is made. */
  perWorld?: number;
}

/** Makes one world after the other and asks about it; what a world left on the server is removed before the next. */
export async function* recordWorlds(
  server: Server,
  { seed, count, prefix, namespaces, perWorld = 500 }: Plan,
): AsyncGenerator<Recorded> {
  for (let done = 0, number = 0; done < count; done += perWorld, number += 1) {
    const choices = random(seed * 1009 + number);
    const world = generateWorld(choices, `${prefix}-${number}-`, namespaces);
    const requests = generateQuestions(choices, world, Math.min(perWorld, count - done));
    const written = await load(server, world);
    try {
      const objects = await readAll(server);
      const asked = await inParallel(requests, async (request) => ({ request, review: await review(server, request) }));
      yield { world, objects, asked };
    } finally {
      await deleteAll(server, written);
    }
  }
}

export async function load(
  server: Server,
  { objects, prefix, namespaces }: Pick<World, "objects" | "prefix" | "namespaces">,
): Promise<KubernetesObject[]> {
  await createAll(server, objects);
  return [...objects, ...(await untilSeen(server, `${prefix}canary`, namespaces[0]))];
}

/** Where the engine says something else than the server: the answer, the reason, or itself in other words. */
export function disagreements(
  { world, objects, asked }: Recorded,
  make: typeof authorizer = authorizer,
): Disagreement[] {
  const engine = make(objects);
  return asked.flatMap((each) => {
    const problem = problemWith(engine, each);
    return problem === undefined ? [] : [{ ...each, world, objects, problem }];
  });
}

function problemWith(engine: Authorizer, { request, review: { allowed, reason } }: Asked): string | undefined {
  const answered = engine.authorize(request).allowed;
  if (answered !== allowed)
    return `the server says ${allowed ? "yes" : "no"} (${reason}), the engine ${answered ? "yes" : "no"}`;
  const { answer, via, errors } = engine.explain(request);
  if ((answer === "yes") !== allowed) return `explain answers ${answer}, authorize ${answered ? "yes" : "no"}`;
  if (via.length > 0 && !via.some((match) => allowedReason(match) === reason))
    return `no match explains the server's reason: ${reason}`;
  if (!allowed && sorted(notAllowedReason(errors)) !== sorted(reason))
    return `the server's reason is ${reason}, the engine's ${notAllowedReason(errors)}`;
  return undefined;
}

/** Roles are named in the order of the server's cache, which nobody knows. */
const sorted = (text: string): string => Array.from(text).toSorted().join("");
