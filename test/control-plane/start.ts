// A real control plane for tests, in a line: kube-apiserver, etcd, and unless it is not wanted kube-controller-manager.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { resolveBinaries } from "./binaries.ts";
import { issueCertificate } from "./certificates.ts";
import { tokenFor } from "./tokens.ts";
import type { ControlPlaneDescription, SupervisorOptions, SupervisorReport } from "./supervisor.ts";

export interface ControlPlane {
  /** Such as https://127.0.0.1:41234. */
  server: string;
  /** PEM of the authority that signed the API server's certificate, as a file and as text. */
  caFile: string;
  ca: string;
  /** A bearer token for any user in exactly these groups (`system:authenticated` comes by itself). */
  token(user: string, ...groups: string[]): string;
  /** User `admin` in group `system:masters`. */
  admin: { token: string };
  /** A certificate that the API server takes for this user in these groups. PEM. */
  issueClientCertificate(user: string, ...groups: string[]): Promise<{ cert: string; key: string }>;
  /** A file with one context per user by token; `admin` is the current one (files.ts names them all). */
  kubeconfig: string;
  /** PEM file of the authority behind the client certificate that the API server shows to aggregated servers. */
  frontProxyCaFile: string;
  /** For a server on loopback that the API server calls by these names. PEM; `ca` is what goes into caBundle. */
  issueServingCertificate(...dnsNames: string[]): Promise<{ cert: string; key: string; ca: string }>;
  /** Path of a kubectl of the API server's version. */
  kubectl: string;
  /** JSON lines, level Metadata; a request's line may be written a moment after its answer. */
  auditLog: string;
  /** A file that describes this control plane to other processes, for `sharedControlPlaneVariable`. */
  descriptionFile: string;
  /** Only on a control plane of one's own: stops the controllers where they are, until resumed. */
  pauseControllerManager(): void;
  resumeControllerManager(): void;
  /** Ends the processes and removes the files; nothing to do with a shared one, which its owner stops. */
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  /** Default: true. Without it no namespace is ever deleted, and `admin`, `edit` and `view` are empty roles. */
  controllerManager?: boolean;
  /** Default: true. */
  auditLog?: boolean;
  /** After our own, so that they win. */
  apiServerFlags?: readonly string[];
}

/** Environment variable: the description file of the one control plane that a run of the suite shares. */
export const sharedControlPlaneVariable = "KUBECTL_MIRRORD_TEST_CONTROL_PLANE";

const supervisor = join(import.meta.dirname, "supervisor.ts");

/**
 * Starts a control plane of one's own, in 2 to 4 seconds (minutes, if it must be built first). It does not keep
 * the process alive and is gone with it, however the process ends.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binaries = await resolveBinaries((line) => process.stderr.write(`control plane: ${line}\n`));
  const supervisorOptions: SupervisorOptions = {
    binaries,
    controllerManager: options.controllerManager ?? true,
    auditLog: options.auditLog ?? true,
    apiServerFlags: options.apiServerFlags ?? [],
  };
  // A session of its own: Ctrl-C in a terminal ends the tests first, and that ends the supervisor.
  const child = spawn(process.execPath, [supervisor, randomBytes(6).toString("hex")], {
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => {});
  child.stdin.write(`${JSON.stringify(supervisorOptions)}\n`);
  const exited = once(child, "exit");
  const [line]: unknown[] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), exited]);
  if (typeof line !== "string") throw new Error("the control plane's supervisor ended before it was ready");
  const report: SupervisorReport = JSON.parse(line);
  if ("failed" in report) throw new Error(`the control plane did not start: ${report.failed}`);
  child.unref();
  for (const pipe of [child.stdin, child.stdout]) if (pipe instanceof Socket) pipe.unref();
  return controlPlane(report.ready, {
    async stop() {
      child.ref();
      child.stdin.end();
      await exited;
    },
  });
}

let shared: Promise<ControlPlane> | undefined;

/**
 * The control plane that all test files of a run use, each in its own namespaces (namespace.ts). Outside a run
 * of the suite: one for this process, which ends with it.
 */
export async function sharedControlPlane(): Promise<ControlPlane> {
  const descriptionFile = process.env[sharedControlPlaneVariable];
  shared ??= descriptionFile === undefined ? startControlPlane() : Promise.resolve(controlPlane(descriptionFile));
  return shared;
}

function controlPlane(descriptionFile: string, owned?: Pick<ControlPlane, "stop">): ControlPlane {
  const description: ControlPlaneDescription = JSON.parse(readFileSync(descriptionFile, "utf8"));
  const { authorities, folder, tokenSecret } = description;
  const token = (username: string, ...groups: string[]) => tokenFor(tokenSecret, { username, groups });
  const signalControllerManager = (signal: "SIGSTOP" | "SIGCONT") => {
    const { controllerManagerPid } = description;
    if (owned === undefined || controllerManagerPid === undefined) {
      throw new Error("only the controller-manager of a control plane of one's own can be paused");
    }
    process.kill(controllerManagerPid, signal);
  };
  return {
    server: description.server,
    caFile: join(folder, "ca.crt"),
    ca: authorities.cluster.certPem,
    token,
    admin: { token: token("admin", "system:masters") },
    async issueClientCertificate(user, ...organizations) {
      const issued = await issueCertificate(authorities.cluster, { commonName: user, organizations, usage: "client" });
      return { cert: issued.certPem, key: issued.keyPem };
    },
    kubeconfig: join(folder, "kubeconfig"),
    frontProxyCaFile: join(folder, "front-proxy-ca.crt"),
    async issueServingCertificate(...dnsNames) {
      const issued = await issueCertificate(authorities.cluster, {
        commonName: dnsNames[0] ?? "localhost",
        dnsNames: [...dnsNames, "localhost"],
        ipAddresses: ["127.0.0.1"],
        usage: "server",
      });
      return { cert: issued.certPem, key: issued.keyPem, ca: authorities.cluster.certPem };
    },
    kubectl: description.kubectl,
    auditLog: join(folder, "audit.log"),
    descriptionFile,
    pauseControllerManager: () => signalControllerManager("SIGSTOP"),
    resumeControllerManager: () => signalControllerManager("SIGCONT"),
    stop: async () => owned?.stop(),
  };
}
