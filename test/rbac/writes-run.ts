// Foretells posts of roles and bindings and asks the API server for the same by a dry run, which makes every check and
// stores nothing.
import { rbacIndex } from "../../lib/rbac/decide/rbac-index.ts";
import type { ControlPlane } from "../control-plane/start.ts";
import { foretell } from "./foretell.ts";
import { generateWriteWorld, type WriteWorld } from "./generate-write-world.ts";
import { generateWrites, type Write } from "./generate-writes.ts";
import { random } from "./random.ts";
import { apiPath, createAll, deleteAll, inParallel, readAll, untilSeen, type Answer, type Server } from "./server.ts";

export interface Written {
  write: Write;
  /** The server's message, or undefined when it takes the object. */
  foretold: string | undefined;
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
    const canaries = await untilSeen(server, `${world.prefix}canary`, namespaces[0]);
    try {
      const index = rbacIndex(await readAll(server));
      yield await inParallel(
        generateWrites(choices, world, Math.min(perWorld, count - done)),
        async (write) => ({ write, foretold: foretell(index, write), answer: await dryRun(plane, server, write) }),
        16,
      );
    } finally {
      await deleteAll(server, [...world.objects, ...canaries]);
    }
  }
}

async function dryRun(plane: ControlPlane, server: Server, { writer, object }: Write): Promise<Answer> {
  const token = plane.token(writer.name, ...writer.groups.filter((group) => group !== "system:authenticated"));
  return server.call({ method: "POST", path: `${apiPath(object, "collection")}?dryRun=All`, body: object, token });
}

/** How what was foretold differs from what happened, or undefined. A role that is not there, a 404, is not foretold. */
export function wrongPrediction({ write, foretold, answer }: Written): string | undefined {
  const message = answer.status < 300 ? undefined : answer.body["message"];
  if (message === foretold || answer.status === 404) return undefined;
  return `the server answers ${answer.status} ${String(message)}\nforetold was ${foretold}\n${JSON.stringify(write)}`;
}
