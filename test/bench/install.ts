// install by the bundled executable: printing beside `node -e 0`, and a run with nothing to do beside one `kubectl apply
// --server-side` of the same objects, in turn, against the same API server. npm run build first.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { renderInstallation } from "../../lib/install/render.ts";
import { toYaml } from "../../lib/yaml.ts";
import { startEmptyCluster } from "../e2e/empty-cluster.ts";

const ROUNDS = 15;
const root = join(import.meta.dirname, "..", "..");
const bundled = process.env["KUBECTL_MIRRORD_BUNDLED"] ?? join(root, "build", "kubectl-mirrord-install");

export async function run(): Promise<void> {
  if (!existsSync(bundled)) {
    process.stdout.write(`${bundled} is not there: npm run build\n`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-bench-"));
  const cluster = await startEmptyCluster();
  try {
    const key = join(folder, "key");
    const rendered = join(folder, "rendered.yaml");
    writeFileSync(key, "a-licence-key");
    const env = { PATH: process.env["PATH"], HOME: folder, KUBECONFIG: cluster.plane.kubeconfig };
    const printed = await timed(bundled, ["-o", "yaml", "--license-key-file", key, "--show-secrets"], env);
    writeFileSync(rendered, printed.stdout);
    const print = {
      name: "install -o yaml",
      act: () => timed(bundled, ["-o", "yaml", "--license-key-file", key, "--show-secrets"], env),
    };
    await compare(print, { name: "node -e 0", act: () => timed(process.execPath, ["-e", "0"], env) });
    const install = () => timed(bundled, ["--license-key-file", key, "-y"], env);
    const apply = () =>
      timed(cluster.plane.kubectl, ["apply", "--server-side", "--force-conflicts", "-f", rendered], env);
    await install();
    const objects = printed.stdout.split("\n---\n").length;
    await compare(
      { name: `install of ${objects} objects, nothing to do`, act: install },
      { name: "kubectl apply --server-side", act: apply },
    );
    // With what Helm runs before it uninstalls: kubectl applies it, install leaves it out.
    const { objects: all, hooks } = renderInstallation({ license: { key: "a-licence-key" } });
    const template = join(folder, "template.yaml");
    writeFileSync(template, [...all, ...hooks].map((object) => toYaml(object)).join("---\n"));
    const fromFile = (...more: string[]) => timed(bundled, ["-f", template, "-y", ...more], env);
    const applyAll = () =>
      timed(cluster.plane.kubectl, ["apply", "--server-side", "--force-conflicts", "-f", template], env);
    await fromFile("--force-conflicts");
    await compare(
      { name: `install -f of ${all.length + hooks.length} objects with hooks, nothing to do`, act: () => fromFile() },
      { name: "kubectl apply --server-side", act: applyAll },
    );
  } finally {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Runner {
  name: string;
  act(): Promise<{ milliseconds: number }>;
}

/** In turn, so that whatever else the machine does is shared. */
async function compare(...runners: readonly [Runner, Runner]): Promise<void> {
  const times: number[][] = [[], []];
  for (const { act } of runners) await act();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [at, { act }] of runners.entries()) times[at]?.push((await act()).milliseconds);
  }
  const [one = 0, other = 0] = times.map((all) => all.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0);
  const [first, second] = runners;
  const ratio = (one / other).toFixed(2);
  process.stdout.write(
    `${first.name}: ${one.toFixed(0)} ms; ${second.name}: ${other.toFixed(0)} ms; ratio ${ratio} (medians of ${ROUNDS}, in turn)\n`,
  );
}

/** Not in this process's own time: the nodes and the operator of the cluster run here. */
async function timed(
  command: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ milliseconds: number; stdout: string }> {
  const started = performance.now();
  const child = spawn(command, words, { env, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  if (code !== 0) throw new Error(`${command} ${words.join(" ")} ended with ${String(code)}: ${stderr}`);
  return { milliseconds: performance.now() - started, stdout };
}
