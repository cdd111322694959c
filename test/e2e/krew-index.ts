// A real krew, with an index of its own and a server for the archives, all on loopback and in a folder.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, createReadStream, existsSync, mkdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { resolveBinaries } from "../control-plane/binaries.ts";
import { toolsFolder } from "../tools/tools.ts";

export interface Ran {
  status: number;
  stdout: string;
  stderr: string;
}

export interface KrewIndex {
  /** The address of the folder `name` of the archives. */
  download(name: string): string;
  /** Makes a release the index's newest: the folder that `npm run release:build` wrote. */
  publish(release: string): void;
  repository: string;
  kubectl(...words: string[]): Promise<Ran>;
  close(): void;
}

/** `folder` is empty. The archives are served from its `archives/NAME/`; krew lives in its `krew`. */
export async function startKrewIndex(folder: string): Promise<KrewIndex> {
  const archives = join(folder, "archives");
  const repository = join(folder, "index");
  const krewRoot = join(folder, "krew");
  for (const one of [archives, krewRoot, join(repository, "plugins")]) mkdirSync(one, { recursive: true });
  const server = await serve(archives);
  const { port } = server.address() as AddressInfo;
  const { kubectl } = await resolveBinaries(() => {});
  const tools = await toolsFolder();
  const env = {
    // Only what is meant to be found: kubectl, krew, what krew installs, and git for krew's indexes.
    PATH: [join(krewRoot, "bin"), dirname(kubectl), tools, "/usr/bin", "/bin"].join(delimiter),
    HOME: folder,
    KREW_ROOT: krewRoot,
    KREW_NO_UPGRADE_CHECK: "1",
    KUBECONFIG: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
  };
  const git = (...words: string[]) => {
    const identity = ["-c", "user.name=release", "-c", "user.email=release@example.com"];
    const { status, stderr } = spawnSync("git", [...identity, ...words], { cwd: repository, env, encoding: "utf8" });
    if (status !== 0) throw new Error(`git ${words.join(" ")}: ${stderr}`);
  };
  git("init", "--quiet", "--initial-branch=main");
  return {
    repository,
    download: (name) => `http://127.0.0.1:${port}/${name}`,
    publish(release) {
      copyFileSync(join(release, "plugins", "mirrord.yaml"), join(repository, "plugins", "mirrord.yaml"));
      git("add", "--all");
      git("commit", "--quiet", "--message=A release");
    },
    async kubectl(...words) {
      // krew reads names from a stdin that is no terminal.
      const child = spawn(kubectl, words, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
      const output = Promise.all([text(child.stdout), text(child.stderr)]);
      const [status]: unknown[] = await once(child, "close");
      const [stdout, stderr] = await output;
      return { status: Number(status), stdout, stderr };
    },
    close: () => void server.close(),
  };
}

async function serve(folder: string): Promise<Server> {
  const server = createServer(({ url = "" }, response) => {
    const file = join(folder, new URL(url, "http://localhost").pathname);
    if (existsSync(file)) createReadStream(file).pipe(response);
    else response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.keepAliveTimeout = 1;
  return server;
}
