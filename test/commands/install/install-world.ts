// `kubectl mirrord install …` in a world of a test.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { execute } from "../../../lib/cli/execute.ts";
import { report } from "../../../lib/cli/report.ts";
import { install } from "../../../lib/commands/install/index.ts";
import { UserError } from "../../../lib/errors.ts";
import type { Cluster } from "../../../lib/kube/cluster.ts";
import { fakeWorld, type FakeWorld } from "../../cli/fake-world.ts";

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  world: FakeWorld;
}

/** `kubectl mirrord install …`. Failures are what lib/cli/run.ts would print. */
export async function runInstall(
  cluster: Cluster,
  words: readonly string[],
  change: (world: FakeWorld) => Partial<FakeWorld> = () => ({}),
): Promise<Ran> {
  const world = fakeWorld({ cluster });
  Object.assign(world, change(world));
  const code = await execute(install, words, world).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    world.note(report(error).lines);
    return error.exitCode;
  });
  return { code, stdout: world.stdout, stderr: world.stderr, world };
}

const ajv = new Ajv2020({ allErrors: true, strict: true });

/** What a schema of docs/schema has against a text; empty when nothing. */
export function schemaErrors(file: string, text: string): string {
  const path = join(import.meta.dirname, "../../..", "docs", "schema", file);
  const schema = JSON.parse(readFileSync(path, "utf8")) as { $id: string };
  if (ajv.getSchema(schema.$id) === undefined) ajv.addSchema(schema);
  ajv.validate(schema.$id, JSON.parse(text));
  return ajv.errorsText(ajv.errors);
}
