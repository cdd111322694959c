// Foretells writes and asks the API server for the same by a dry run, which makes every check and stores nothing.
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { writePreflight, type WritePrediction, type WriteRequest } from "../../lib/rbac/write/write-preflight.ts";
import type { ControlPlane } from "../control-plane/start.ts";
import { generateWriteWorld, type WriteWorld } from "./generate-write-world.ts";
import { generateWrites } from "./generate-writes.ts";
import { random } from "./random.ts";
import { createAll, deleteAll, inParallel, apiPath, readAll, untilSeen, type Answer, type Server } from "./server.ts";

export interface Written {
  request: WriteRequest;
  predicted: WritePrediction;
  answer: Answer;
}

export interface WritePlan {
  seed: number;
  count: number;
  prefix: string;
  namespaces: WriteWorld["namespaces"];
  perWorld?: number;
}

export async function* writeWorlds(
  plane: ControlPlane,
  server: Server,
  { seed, count, prefix, namespaces, perWorld = 150 }: WritePlan,
): AsyncGenerator<Written[]> {
  for (let done = 0, number = 0; done < count; done += perWorld, number += 1) {
    const choices = random(seed * 1013 + number);
    const world = generateWriteWorld(choices, `${prefix}-w${number}-`, namespaces);
    await createAll(server, world.objects);
    await inParallel(world.applied, (object) => applied(server, object));
    const canaries = await untilSeen(server, `${world.prefix}canary`, namespaces[0]);
    try {
      const stored = await readAll(server);
      const preflight = writePreflight(stored);
      const requests = generateWrites(choices, world, stored, Math.min(perWorld, count - done));
      yield await inParallel(
        requests,
        async (request) => ({
          request,
          predicted: preflight.predict(request),
          answer: await dryRun(plane, server, request),
        }),
        16,
      );
    } finally {
      await deleteAll(server, [...world.objects, ...world.applied, ...canaries]);
    }
  }
}

async function applied(server: Server, object: KubernetesObject): Promise<void> {
  const { status, body } = await server.call({
    method: "PATCH",
    path: `${apiPath(object)}?fieldManager=m1`,
    body: object,
    contentType: "application/apply-patch+yaml",
  });
  if (status !== 201) throw new Error(`not applied: ${status} ${JSON.stringify(body).slice(0, 1000)}`);
}

async function dryRun(
  plane: ControlPlane,
  server: Server,
  { user, verb, object, fieldManager = "", force = false }: WriteRequest,
): Promise<Answer> {
  const token = plane.token(user.name, ...user.groups.filter((group) => group !== "system:authenticated"));
  switch (verb) {
    case "create":
      return server.call({ method: "POST", path: `${apiPath(object, "collection")}?dryRun=All`, body: object, token });
    case "update":
      return server.call({ method: "PUT", path: `${apiPath(object)}?dryRun=All`, body: object, token });
    case "apply": {
      const path = `${apiPath(object)}?dryRun=All&fieldManager=${fieldManager}&force=${force}`;
      return server.call({ method: "PATCH", path, body: object, contentType: "application/apply-patch+yaml", token });
    }
    case "delete":
      return server.call({ method: "DELETE", path: `${apiPath(object)}?dryRun=All`, token });
  }
}

/** How a prediction differs from what happened, or undefined. The text of a conflict and a made-up name are not foretold. */
export function wrongPrediction({ request, predicted, answer }: Written): string | undefined {
  const message = typeof answer.body["message"] === "string" ? answer.body["message"] : "";
  const text = `the server answers ${answer.status} ${message}\nforetold was ${predicted.code} ${predicted.message}\n${JSON.stringify(request)}`;
  if (predicted.code !== answer.status) return text;
  if (answer.status < 400 || answer.status === 409 || request.object.metadata.generateName !== undefined)
    return undefined;
  return message === predicted.message ? undefined : text;
}
