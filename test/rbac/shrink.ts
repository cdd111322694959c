// From a disagreement to its smallest case, by asking the server again with less and less.
import { isJsonObject } from "../../lib/json.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { AccessRequest } from "../../lib/kubernetes/access.ts";
import { authorizer } from "../../lib/rbac/authorizer.ts";
import { disagreements, load, type Disagreement } from "./differential-run.ts";
import { deleteAll, review, type Server } from "./server.ts";

export interface Case {
  objects: KubernetesObject[];
  request: AccessRequest;
  allowed: boolean;
}

/** Whether engine and server still disagree about these objects; nothing else may be on the server about the user. */
type StillFails = (objects: KubernetesObject[], request: AccessRequest) => Promise<Case | undefined>;

export async function shrink(
  server: Server,
  { world, request, review: { allowed } }: Disagreement,
  make: typeof authorizer = authorizer,
): Promise<Case> {
  await deleteAll(server, world.objects);
  let attempt = 0;
  const stillFails: StillFails = async (objects, asked) => {
    attempt += 1;
    // Users, groups and roles keep their names, so that what was removed before must be seen as gone: a canary per attempt.
    const written = await load(server, { ...world, objects, prefix: `${world.prefix}s${attempt}-` });
    try {
      const answer = await review(server, asked);
      const failed = disagreements({ world, objects, asked: [{ request: asked, review: answer }] }, make).length > 0;
      return failed ? { objects, request: asked, allowed: answer.allowed } : undefined;
    } finally {
      await deleteAll(server, written);
    }
  };
  let smallest: Case = { objects: world.objects, request, allowed };
  const first = await stillFails(world.objects, request);
  if (first === undefined) return smallest;
  smallest = await fewerObjects(first, stillFails);
  smallest = await fewerParts(smallest, stillFails);
  return smallest;
}

/** Leaves out halves, quarters, … single objects, as long as the case fails without them. */
async function fewerObjects(found: Case, stillFails: StillFails): Promise<Case> {
  let smallest = found;
  for (let size = Math.ceil(smallest.objects.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < smallest.objects.length;) {
      const without = smallest.objects.filter((_, position) => position < from || position >= from + size);
      const failed = await stillFails(without, smallest.request);
      if (failed === undefined) from += size;
      else smallest = failed;
    }
  }
  return smallest;
}

/** Leaves out single rules, subjects, values of rules, and groups of the user. */
async function fewerParts(found: Case, stillFails: StillFails): Promise<Case> {
  let smallest = found;
  for (let again = true; again;) {
    again = false;
    for (const candidate of smallerCases(smallest)) {
      const failed = await stillFails(candidate.objects, candidate.request);
      if (failed === undefined) continue;
      smallest = failed;
      again = true;
      break;
    }
  }
  return smallest;
}

/** Each leaves out one part. The API server reviews nothing about nobody, so the last group of no user stays. */
export function* smallerCases({ objects, request, allowed }: Case): Generator<Case> {
  for (const [position, object] of objects.entries()) {
    for (const smaller of smallerObjects(object)) yield { objects: objects.with(position, smaller), request, allowed };
  }
  const { user } = request;
  if (user.name === "" && user.groups.length === 1) return;
  for (const group of user.groups) {
    yield {
      objects,
      request: { ...request, user: { ...user, groups: user.groups.filter((each) => each !== group) } },
      allowed,
    };
  }
}

function* smallerObjects(object: KubernetesObject): Generator<KubernetesObject> {
  for (const field of ["rules", "subjects"]) {
    const list: unknown[] = Array.isArray(object[field]) ? object[field] : [];
    for (const [position, item] of list.entries()) {
      yield { ...object, [field]: list.toSpliced(position, 1) };
      if (field !== "rules" || !isJsonObject(item)) continue;
      for (const [key, values] of Object.entries(item)) {
        if (!Array.isArray(values) || (values.length === 1 && key !== "resourceNames")) continue;
        for (const index of values.keys())
          yield { ...object, rules: list.with(position, { ...item, [key]: values.toSpliced(index, 1) }) };
      }
    }
  }
}

/** A test to paste, with nothing of the run in it. */
export function readyTest({ objects, request, allowed }: Case): string {
  return [
    `t.test("the API server says ${allowed ? "yes" : "no"}", async (t) => {`,
    `  const objects = ${JSON.stringify(objects, undefined, 2)};`,
    `  const request = ${JSON.stringify(request, undefined, 2)};`,
    `  t.equal(authorizer(objects).authorize(request).allowed, ${allowed});`,
    `});`,
  ].join("\n");
}
