// The compiled code of the functions that usual commands run. V8 compiles a function when it is called first, which is a
// third of what a short command does; what lies in the executable as compiled code costs next to nothing.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { Script } from "node:vm";
import { startUsualServer } from "./usual-server.ts";

/** Runs the bundle with what was compiled before, and keeps what is compiled after. */
const recorder = `
  const { existsSync, readFileSync, writeFileSync } = require("node:fs");
  const { basename } = require("node:path");
  const { Script } = require("node:vm");
  const [bundle, cache, ...words] = process.argv.slice(1);
  const cachedData = existsSync(cache) ? readFileSync(cache) : undefined;
  const script = new Script(readFileSync(bundle, "utf8"), { filename: basename(bundle), cachedData });
  process.on("exit", () => writeFileSync(cache, script.createCachedData()));
  process.argv = [process.execPath, bundle, ...words];
  script.runInThisContext()(require);
`;

/**
 * V8's code cache for each script, made by this Node.js for the same one.
 * @param scripts files: expressions that are functions of `require`
 * @param examples a cluster as a folder
 * @param folder to be made, and worked in
 * @returns a file beside each script: its name with `.cache`
 */
export async function compiledCode(scripts: readonly string[], examples: string, folder: string): Promise<string[]> {
  const manifests = join(folder, "examples");
  mkdirSync(folder, { recursive: true });
  cpSync(examples, manifests, { recursive: true });
  const server = await startUsualServer(manifests);
  try {
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, JSON.stringify(server.kubeconfig));
    const live = ["--kubeconfig", kubeconfig];
    const config = join(folder, "mirrord.json");
    writeFileSync(config, JSON.stringify({ profile: "safe", target: { path: "deployment/web", namespace: "dev" } }));
    const usual = usualCommands(live, ["--manifests", manifests], config);
    const caches: string[] = [];
    for (const script of scripts) {
      const commands = usual[basename(script, ".cjs")];
      if (commands === undefined) throw new Error(`no usual commands are known of ${basename(script)}`);
      caches.push(await compiled(script, commands));
    }
    return caches;
  } finally {
    server.close();
  }
}

const usualCommands = (
  live: readonly string[],
  there: readonly string[],
  config: string,
): Record<string, string[][]> => ({
  "kubectl-mirrord-audit": [
    ["--help"],
    ["who-can", "steal", "deploy/web", "-n", "dev", ...live],
    ["who-can", "get", "pods", "-n", "dev", "-o", "json", ...there],
  ],
  "kubectl-mirrord": [["--help"], ["version"], ["__complete", "can-i", "steal", "deploy/", ...live]],
  "kubectl-mirrord-install": [["--help"], ["-o", "yaml", "--license-secret", "licence"]],
  "kubectl-mirrord-grant": [["--help"], ["jim", "--ns", "dev", ...there], ["list", ...there], ["list", ...live]],
  // A folder is asked in no hurry, and code that a cluster's preview does not run costs it as much as it saves the other.
  "kubectl-mirrord-can-i": [
    ["-f", config, ...live],
    ["copy", "deploy/web", "-n", "dev", ...live],
    ["--list", "-n", "dev", ...live],
  ],
  "kubectl-mirrord-policy": [
    ["lint", ...there],
    ["list", ...live],
  ],
  "kubectl-mirrord-session": [["list", "-A", ...live]],
});

async function compiled(script: string, commands: readonly string[][]): Promise<string> {
  const cache = `${script}.cache`;
  for (const words of commands) await record([script, cache, ...words]);
  const { cachedDataRejected } = new Script(readFileSync(script, "utf8"), { cachedData: readFileSync(cache) });
  if (cachedDataRejected === true) throw new Error(`V8 does not take its own compiled code of ${basename(script)}`);
  return cache;
}

/** Answers of any kind are as good: "no" runs the command as "yes" does. A fault of ours is none. */
async function record(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, ["-e", recorder, "--", ...args], { stdio: ["ignore", "ignore", "pipe"] });
  const stderr = text(child.stderr);
  const [status]: unknown[] = await once(child, "close");
  const [, cache = "", ...words] = args;
  if ((status !== 0 && status !== 1) || !existsSync(cache))
    throw new Error(`kubectl mirrord ${words.join(" ")} ended with ${String(status)}: ${await stderr}`);
}
