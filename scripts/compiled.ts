// The compiled code of the functions that usual commands run. V8 compiles a function when it is called first, which is a
// third of what a short command does; what lies in the executable as compiled code costs next to nothing.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { startUsualServer } from "./usual-server.ts";

/** Runs the script with what was compiled before, and keeps what is compiled after. */
const recorder = `
  const { existsSync, readFileSync, writeFileSync } = require("node:fs");
  const { basename } = require("node:path");
  const { Script } = require("node:vm");
  const [file, cache, ...words] = process.argv.slice(1);
  const cachedData = existsSync(cache) ? readFileSync(cache) : undefined;
  const source = readFileSync(file, "utf8");
  const script = new Script(source, { filename: basename(file), cachedData });
  process.on("exit", () => {
    const compiled = script.createCachedData();
    writeFileSync(cache, compiled);
    if (new Script(source, { cachedData: compiled }).cachedDataRejected) process.exitCode = 70;
  });
  process.argv = [process.execPath, file, ...words];
  script.runInThisContext()(require);
`;

/**
 * V8's code cache for the command of all plugins, and for plugins that are used most. What one Node.js has compiled, V8 rejects in another
 * version, and on another platform.
 * @param scripts folder of the scripts: expressions that are functions of `require`
 * @param node the Node.js that the executable will hold
 * @param examples a cluster as a folder
 * @param folder to be made, and worked in
 * @returns files in `folder`: the name of the plugin, or of several with `+`, and `.cache`
 */
export async function compiledCode(scripts: string, node: string, examples: string, folder: string): Promise<string[]> {
  const manifests = join(folder, "examples");
  mkdirSync(folder, { recursive: true });
  cpSync(examples, manifests, { recursive: true });
  const server = await startUsualServer(manifests);
  try {
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, JSON.stringify(server.kubeconfig));
    const live = ["--kubeconfig", kubeconfig];
    const caches: string[] = [];
    for (const commands of usualCommands(live, ["--manifests", manifests])) {
      const cache = join(folder, `${Object.keys(commands).join("+")}.cache`);
      for (const [plugin, lines] of Object.entries(commands))
        for (const words of lines) await record(node, { scripts, plugin, cache }, words);
      caches.push(cache);
    }
    return caches;
  } finally {
    server.close();
  }
}

/**
 * Of the plugins that people wait for, those in one entry share their compiled code. Half a megabyte of a download each, so the
 * others do with what all commands run.
 */
const usualCommands = (live: readonly string[], there: readonly string[]): Record<string, string[][]>[] => [
  { "kubectl-mirrord": [["--help"], ["version"], ["__complete", "can-i", "steal", "deploy/", ...live]] },
  { "kubectl-mirrord-audit": [["who-can", "get", "secrets", "-A", ...live]] },
  {
    "kubectl-mirrord-grant": [
      ["--help"],
      ["jim", "--ns", "dev", ...there],
      ["list", ...there],
      ["list", ...live],
      // A CronJob runs it every few minutes.
      ["sync", "--check", ...live],
    ],
  },
  // Most often in a check of a pull request, and for a repository.
  {
    "kubectl-mirrord-policy": [["lint", ...there]],
    "kubectl-mirrord-install": [["-o", "yaml", "--license-secret", "licence"]],
  },
  // A folder is asked in no hurry, and what a configuration or a list of many targets adds is little beside what they do: code that the
  // preview of one session does not run costs it as much as it saves the others.
  { "kubectl-mirrord-can-i": [["copy", "deploy/web", "-n", "dev", ...live]] },
];

/**
 * A plugin without a script of its own is a word of the command of them all. Answers of any kind are as good: "no" runs the
 * command as "yes" does. A fault of ours is none.
 */
async function record(
  node: string,
  { scripts, plugin, cache }: { scripts: string; plugin: string; cache: string },
  words: readonly string[],
): Promise<void> {
  const own = join(scripts, `${plugin}.cjs`);
  const all = join(scripts, "kubectl-mirrord.cjs");
  const word = plugin.slice("kubectl-mirrord-".length);
  const command = existsSync(own) ? [own, cache, ...words] : [all, cache, word, ...words];
  const child = spawn(node, ["-e", recorder, "--", ...command], { stdio: ["ignore", "ignore", "pipe"] });
  const stderr = text(child.stderr);
  const [status]: unknown[] = await once(child, "close");
  if ((status !== 0 && status !== 1) || !existsSync(cache))
    throw new Error(`kubectl mirrord ${words.join(" ")} ended with ${String(status)}: ${await stderr}`);
}
