// Policy commands in this process, on a folder of manifests or on a cluster in memory.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execute } from "../../lib/cli/execute.ts";
import { report } from "../../lib/cli/report.ts";
import { policy } from "../../lib/commands/policy/index.ts";
import type { World } from "../../lib/cli/world.ts";
import { UserError } from "../../lib/errors.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import { connect } from "../../lib/commands/connect.ts";
import { toYaml } from "../../lib/yaml.ts";
import { fakeWorld } from "../cli/fake-world.ts";

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** `policy …`, as it would run; a UserError is its exit code, anything else is thrown. */
export async function runPolicy(
  words: readonly string[],
  cluster?: Cluster,
  change: Partial<World> = {},
): Promise<Ran & { kept?: string[] }> {
  const world = Object.assign(fakeWorld(cluster === undefined ? {} : { cluster }), change);
  if (cluster === undefined) {
    world.connect = (flags) => connect(flags, { env: {}, signal: world.signal, warn: (text) => world.warn(text) });
  }
  try {
    const code = await execute(policy, words, world);
    return { code, stdout: world.stdout, stderr: world.stderr, ...kept(world) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    world.note(report(error).lines);
    return { code: error.exitCode, stdout: world.stdout, stderr: world.stderr, ...kept(world) };
  }
}

const kept = ({ kept: texts }: { kept: string[] }) => (texts.length === 0 ? {} : { kept: texts });

interface Teardown {
  teardown(cleanUp: () => unknown): void;
}

export interface Folder {
  path: string;
  /** Writes a file, objects as YAML documents; resolves to its path. */
  file(name: string, content: string | readonly object[]): string;
  /** Runs with the folder as the cluster. */
  run(...words: string[]): Promise<Ran>;
}

/** A copy of the example cluster as a folder, and another one beside it for files. */
export function exampleFolder(t: Teardown): Folder {
  const base = mkdtempSync(join(tmpdir(), "kubectl-mirrord-policy-"));
  t.teardown(() => rmSync(base, { recursive: true, force: true }));
  const path = join(base, "cluster");
  cpSync(join(import.meta.dirname, "../../examples"), path, { recursive: true });
  return {
    path,
    file(name, content) {
      const file = join(base, name);
      writeFileSync(
        file,
        typeof content === "string" ? content : content.map((object) => toYaml(object)).join("---\n"),
      );
      return file;
    },
    run: (...words) => runPolicy([...words, "--manifests", path]),
  };
}

/** `policy test` and `policy lint` of a file, on the example cluster: for counting their steps. */
export async function testAndLint(path: string, values: readonly string[]): Promise<void> {
  const examples = ["--manifests", join(import.meta.dirname, "../../examples")];
  const words = ["deploy/web", "-n", "dev", "-f", path, ...values, "-o", "json", ...examples];
  const { code, stderr } = await runPolicy(["test", ...words]);
  if (code !== 0) throw new Error(stderr);
  await runPolicy(["lint", "-f", path, ...examples]);
}
