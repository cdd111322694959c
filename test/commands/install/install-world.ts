// A cluster in memory with an installation as `install` makes it, and an operator that answers.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { execute } from "../../../lib/cli/execute.ts";
import { report } from "../../../lib/cli/report.ts";
import { install } from "../../../lib/commands/install/index.ts";
import { UserError } from "../../../lib/errors.ts";
import { renderInstallation } from "../../../lib/install/render.ts";
import { objectIn, type JsonObject } from "../../../lib/json.ts";
import type { Cluster } from "../../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { fakeWorld, type FakeWorld } from "../../cli/fake-world.ts";
import { memoryCluster, type MemoryCluster } from "../../kube/memory-cluster.ts";

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

/** As `install` applies it and its controllers complete it, without the operator's own answers. */
function installationObjects(values: JsonObject = {}): KubernetesObject[] {
  return renderInstallation({ license: { key: "secret-key" }, ...values }).objects.map(completed);
}

function completed(object: KubernetesObject): KubernetesObject {
  const { kind } = object;
  const condition = (type: string) => ({ type, status: "True", reason: "Passed", message: "all checks passed" });
  if (kind === "CustomResourceDefinition") {
    const versions = objectIn(object["spec"])["versions"] as { name: string }[];
    const storedVersions = versions.map(({ name }) => name);
    return { ...object, status: { conditions: [condition("Established")], storedVersions } };
  }
  if (kind === "APIService") return { ...object, status: { conditions: [condition("Available")] } };
  if (kind !== "Deployment") return object;
  const { replicas } = object["spec"] as { replicas?: number };
  return { ...object, status: { readyReplicas: replicas ?? 1, updatedReplicas: replicas ?? 1 } };
}

export const operatorAnswer = (spec: JsonObject = {}, status: JsonObject = { sessions: [] }): KubernetesObject => ({
  apiVersion: "operator.metalbear.co/v1",
  kind: "MirrordOperator",
  metadata: { name: "operator" },
  spec: {
    operator_version: "3.187.0",
    license: { name: "Acme", organization: "Acme", expire_at: "2027-11-22" },
    ...spec,
  },
  status,
});

/** With `change` made to each object before it is stored; undefined: it is left out. */
export function installedCluster(
  change: (object: KubernetesObject) => KubernetesObject | undefined = (object) => object,
  values: JsonObject = {},
): MemoryCluster {
  const objects = [...installationObjects(values), operatorAnswer()];
  return memoryCluster(...objects.flatMap((object) => change(object) ?? []));
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
