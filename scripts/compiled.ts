// The compiled code of the functions that usual commands run. V8 compiles a function when it is called first, which is a
// third of what a short command does; what lies in the executable as compiled code costs next to nothing.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Script } from "node:vm";

/** Runs the bundle with what was compiled before, and keeps what is compiled after. */
const recorder = `
  const { existsSync, readFileSync, writeFileSync } = require("node:fs");
  const { Script } = require("node:vm");
  const [bundle, cache, ...words] = process.argv.slice(1);
  const cachedData = existsSync(cache) ? readFileSync(cache) : undefined;
  const script = new Script(readFileSync(bundle, "utf8"), { filename: "kubectl-mirrord.cjs", cachedData });
  process.on("exit", () => writeFileSync(cache, script.createCachedData()));
  process.argv = [process.execPath, bundle, ...words];
  script.runInThisContext()(require);
`;

/**
 * V8's code cache for the bundle, made by this Node.js for the same one.
 * @param bundle a file: an expression that is a function of `require`
 * @param folder an empty one, to work in
 */
export async function compiledCode(bundle: string, examples: string, folder: string): Promise<Buffer> {
  const cache = join(folder, "cache");
  const manifests = join(folder, "examples");
  mkdirSync(folder, { recursive: true });
  cpSync(examples, manifests, { recursive: true });
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const live = ["--kubeconfig", writeKubeconfig(folder, (server.address() as AddressInfo).port)];
    const there = ["--manifests", manifests];
    for (const words of [
      ["version"],
      ["grant", "--help"],
      ["grant", "jim", "--ns", "dev", ...there],
      ["grant", "list", ...there],
      ["session", "list", "-A", ...live],
      ["policy", "lint", ...there],
      ["can-i", "steal", "deploy/web", "-n", "dev", "--as", "ana", ...there],
      ["grant", "list", ...live],
      ["can-i", "steal", "deploy/web", "-n", "dev", ...live],
    ])
      await record([bundle, cache, ...words]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
  const cachedData = readFileSync(cache);
  const script = new Script(readFileSync(bundle, "utf8"), { filename: "kubectl-mirrord.cjs", cachedData });
  if (script.cachedDataRejected === true) throw new Error("V8 does not take its own compiled code");
  return cachedData;
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

function writeKubeconfig(folder: string, port: number): string {
  const file = join(folder, "kubeconfig");
  writeFileSync(
    file,
    JSON.stringify({
      clusters: [{ name: "build", cluster: { server: `http://127.0.0.1:${port}` } }],
      contexts: [{ name: "build", context: { cluster: "build" } }],
      "current-context": "build",
    }),
  );
  return file;
}

/** As much of an API server as commands that only read go through: everything is allowed, and nothing is there. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const asked = await text(request);
  const isList = request.url?.includes("limit=") ?? false;
  const found = request.method === "POST" ? reviewed(JSON.parse(asked) as Review) : isList ? { items: [] } : undefined;
  response.writeHead(found === undefined ? 404 : 200, { "Content-Type": "application/json" });
  response.end(JSON.stringify(found ?? { kind: "Status", status: "Failure", reason: "NotFound", code: 404 }));
}

interface Review {
  kind: string;
}

const reviewed = (review: Review) => ({
  ...review,
  status: review.kind === "SelfSubjectReview" ? { userInfo: { username: "build" } } : { allowed: true },
});
