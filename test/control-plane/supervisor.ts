// Runs one control plane for as long as whoever started it holds the other end of standard input, and leaves
// neither processes nor files behind, however that end came. Arguments: a nonce. First line of standard input:
// SupervisorOptions as JSON. First line of standard output: SupervisorReport as JSON.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { Server } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Binaries } from "./binaries.ts";
import { issueCertificate } from "./certificates.ts";
import { createAuthorities, writeKeys, writeKubeconfigs } from "./files.ts";
import type { Authorities } from "./files.ts";
import { createFolder, sweepLeftovers } from "./leftovers.ts";
import { PartExited, startPart } from "./part.ts";
import type { Part } from "./part.ts";
import { apiServerFlags, controllerManagerFlags, etcdFlags } from "./flags.ts";
import type { PartOptions } from "./flags.ts";
import { waitForApiServer, waitForControllers, waitForPort } from "./readiness.ts";
import { tokenFor, tokenWebhook } from "./tokens.ts";

export interface SupervisorOptions {
  binaries: Binaries;
  controllerManager: boolean;
  auditLog: boolean;
  apiServerFlags: readonly string[];
}

/** The path of the file that has a ControlPlaneDescription, or why there is none. */
export type SupervisorReport = { ready: string } | { failed: string };

/** Everything that another process needs to use the control plane. All of it secret. */
export interface ControlPlaneDescription {
  server: string;
  folder: string;
  authorities: Authorities;
  tokenSecret: string;
  kubectl: string;
  supervisorPid: number;
  etcdPid: number;
  apiServerPid: number;
  controllerManagerPid?: number;
}

const attempts = 5;

async function main(): Promise<void> {
  const input = createInterface({ input: process.stdin });
  const [line = ""]: string[] = await once(input, "line");
  const options: SupervisorOptions = JSON.parse(line);
  sweepLeftovers();
  const folder = createFolder(process.argv[2] ?? "");
  const running = new Set<Part>();
  let ending: Promise<never> | undefined;
  const end = (code: number): Promise<never> => (ending ??= clear(code));
  async function clear(code: number): Promise<never> {
    // A process that was killed is still there for a moment, and whoever stops a control plane wants it gone; another may
    // have been started meanwhile.
    for (let killed = 0; killed < running.size;) {
      killed = running.size;
      for (const part of running) part.kill();
      await Promise.all([...running].map((part) => part.exited));
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
    process.exit(code);
  }
  input.once("close", () => void end(0));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void end(0));
  try {
    report({ ready: await startOnFreePorts(folder, options, running) });
    const stopped = await Promise.race([...running].map((part) => part.exited));
    // Whoever ends it knows.
    if (ending === undefined) process.stderr.write(`control plane: ${stopped.message}\n`);
  } catch (error) {
    report({ failed: error instanceof Error ? error.message : String(error) });
  }
  await end(1);
}

function report(message: SupervisorReport): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** A port that was free may be taken before the part listens on it; then all is tried again on others. */
async function startOnFreePorts(folder: string, options: SupervisorOptions, running: Set<Part>): Promise<string> {
  const authorities = await createAuthorities();
  await writeKeys(folder, authorities);
  const tokenSecret = randomBytes(24).toString("base64url");
  const webhookPort = await startWebhook(authorities, tokenSecret);
  for (let attempt = 1; ; attempt += 1) {
    const [etcdPort, apiServerPort] = await freePorts();
    const ports = { webhookPort, apiServerPort };
    writeKubeconfigs(folder, authorities, tokenSecret, ports);
    try {
      const partOptions = { folder, etcdPort, ports, ...options };
      return await startParts(options, partOptions, { authorities, tokenSecret }, running);
    } catch (error) {
      if (!(error instanceof PartExited) || !error.portTaken || attempt === attempts) throw error;
      for (const part of running) part.kill();
      await Promise.all([...running].map((part) => part.exited));
      running.clear();
      rmSync(join(folder, "etcd"), { recursive: true, force: true });
    }
  }
}

async function startParts(
  { binaries, controllerManager }: SupervisorOptions,
  options: PartOptions,
  secrets: Pick<ControlPlaneDescription, "authorities" | "tokenSecret">,
  running: Set<Part>,
): Promise<string> {
  const { folder } = options;
  const start = (name: string, program: Binaries["etcd"], flags: readonly string[]) => {
    const part = startPart(folder, name, program, flags);
    running.add(part);
    return part;
  };
  const failure = () => Promise.race([...running].map(async (part) => Promise.reject(await part.exited)));
  const server = `https://127.0.0.1:${options.ports.apiServerPort}`;
  const admin = {
    server,
    ca: secrets.authorities.cluster.certPem,
    token: tokenFor(secrets.tokenSecret, { username: "admin", groups: ["system:masters"] }),
  };
  const etcd = start("etcd", binaries.etcd, etcdFlags(options));
  // The API server that finds no etcd waits a second before it looks again.
  await Promise.race([waitForPort(options.etcdPort), failure()]);
  const apiServer = start("kube-apiserver", binaries.apiServer, apiServerFlags(options));
  await Promise.race([waitForApiServer(admin), failure()]);
  const description: ControlPlaneDescription = {
    server,
    folder,
    ...secrets,
    kubectl: binaries.kubectl,
    supervisorPid: process.pid,
    etcdPid: etcd.pid,
    apiServerPid: apiServer.pid,
  };
  if (controllerManager) {
    const part = start("kube-controller-manager", binaries.controllerManager, controllerManagerFlags(options));
    await Promise.race([waitForControllers(admin), failure()]);
    description.controllerManagerPid = part.pid;
  }
  const file = join(folder, "control-plane.json");
  writeFileSync(file, JSON.stringify(description), { mode: 0o600 });
  return file;
}

async function startWebhook({ cluster }: Authorities, secret: string): Promise<number> {
  const { certPem, keyPem } = await issueCertificate(cluster, {
    commonName: "token-webhook",
    ipAddresses: ["127.0.0.1"],
    usage: "server",
  });
  const webhook = tokenWebhook(secret, { cert: certPem, key: keyPem });
  webhook.listen(0, "127.0.0.1");
  await once(webhook, "listening");
  return boundPort(webhook);
}

/** Both are held until both are known, so that they differ. */
async function freePorts(): Promise<[number, number]> {
  const holders = [createServer(), createServer()] as const;
  for (const holder of holders) {
    holder.listen(0, "127.0.0.1");
    await once(holder, "listening");
  }
  const [first, second] = holders.map((holder) => boundPort(holder));
  for (const holder of holders) {
    holder.close();
    await once(holder, "close");
  }
  return [first ?? 0, second ?? 0];
}

function boundPort(listener: Pick<Server, "address">): number {
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a port");
  return address.port;
}

await main();
