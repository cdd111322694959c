// The image that the Dockerfile makes, without docker: its instructions carried out in a folder, and that folder run as a kubelet
// runs a container. The root cannot be written, the user is the image's and can become nobody else.
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { basename, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { rootCertificates } from "node:tls";
import type { V1PodSpec } from "@kubernetes/client-node";
import type { Json } from "../../lib/kubernetes/api-types.ts";
import { shellQuote } from "../../lib/text/shell-quote.ts";
import { withoutProgress } from "./comparable.ts";

export interface Image {
  folder: string;
  /** UID:GID */
  user: string;
  entrypoint: string[];
}

/** What makes root of a command: nothing for root, else sudo where it asks nothing, else a namespace in which we are called so. */
export const asRoot: readonly string[] =
  process.getuid?.() === 0 ? [] : spawnSync("sudo", ["-n", "true"]).status === 0 ? ["sudo", "-n"] : ["unshare", "-r"];
const [first, ...rest] = [...asRoot, "unshare", "--mount", "--pid", "--fork"];

/** Whether this machine lets us make a root of our own, and become the image's user. */
export const runsImages = spawnSync(first, [...rest, "chroot", "--userspec=65532:65532", "/", "true"]).status === 0;

/**
 * Carries out the Dockerfile in an empty `folder`.
 * @param context the folder that `docker build` would be given
 * @param libraries what the base holds: files of this machine
 */
export function buildImage(dockerfile: string, context: string, libraries: readonly string[], folder: string): Image {
  for (const path of libraries) copy(path, join(folder, path), 0o755);
  // What else the base has, as far as a program notices.
  for (const path of ["proc", "tmp", "etc/ssl/certs"]) mkdirSync(join(folder, path), { recursive: true });
  chmodSync(join(folder, "tmp"), 0o1777);
  writeFileSync(join(folder, "etc/passwd"), "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n");
  writeFileSync(join(folder, AUTHORITIES), rootCertificates.join("\n"));
  const image: Image = { folder, user: "0:0", entrypoint: [] };
  for (const [instruction, ...words] of instructions(dockerfile)) {
    if (instruction === "COPY") copyInto(folder, context, words);
    else if (instruction === "USER") image.user = words[0] ?? "";
    else if (instruction === "ENTRYPOINT") image.entrypoint = JSON.parse(words.join(" ")) as string[];
    else if (instruction !== "ARG" && instruction !== "FROM") throw new Error(`${instruction}: not known here`);
  }
  return image;
}

function instructions(dockerfile: string): string[][] {
  const lines = dockerfile.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => line.split(" "));
}

/** The paths of its context that a Dockerfile copies. */
export function copiedSources(dockerfile: string): string[] {
  return instructions(dockerfile).flatMap(([instruction, ...words]) =>
    instruction === "COPY" ? copyPaths(words).sources : [],
  );
}

function copyPaths(words: readonly string[]): { sources: string[]; to: string } {
  const paths = words.filter((word) => !word.startsWith("--"));
  return { sources: paths.slice(0, -1), to: paths.at(-1) ?? "" };
}

function copyInto(folder: string, context: string, words: readonly string[]): void {
  const mode = /^--chmod=(\d+)$/m.exec(words.join("\n"))?.[1] ?? "644";
  const { sources, to } = copyPaths(words);
  for (const path of sources)
    copy(join(context, path), join(folder, to.endsWith("/") ? join(to, basename(path)) : to), Number.parseInt(mode, 8));
}

function copy(from: string, to: string, mode: number): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  chmodSync(to, mode);
}

const AUTHORITIES = "etc/ssl/certs/ca-certificates.crt";
/** What distroless images set. */
const ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  SSL_CERT_FILE: `/${AUTHORITIES}`,
};

const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

export interface Surroundings {
  /** Such as https://127.0.0.1:41234 */
  server: string;
  /** What is mounted for the pod's account. */
  account: { "ca.crt": string; token: string; namespace: string };
  /** A folder for each volume of the pod, by its name. */
  volumes: Readonly<Record<string, string>>;
}

/** Runs the one container of a pod, and resolves to how it ended. `folder` is empty. */
export async function runPod(image: Image, pod: Json<V1PodSpec>, around: Surroundings, folder: string) {
  const [container] = pod.containers;
  const { volumeMounts = [], args = [], securityContext } = container ?? {};
  const [uid, gid] = image.user.split(":").map(Number);
  if (pod.securityContext?.runAsNonRoot === true && !uid) throw new Error("a kubelet would not start it as root");
  const groups = [gid, pod.securityContext?.fsGroup].filter((group) => group !== undefined);
  for (const [name, value] of Object.entries(around.account)) writeFileSync(join(folder, name), value, { mode: 0o644 });
  const mounts = [
    { from: folder, path: ACCOUNT, readOnly: true },
    ...volumeMounts.map(({ name, mountPath, readOnly = false }) => {
      const from = around.volumes[name];
      if (from === undefined) throw new Error(`there is no volume ${name}`);
      return { from, path: mountPath, readOnly };
    }),
  ];
  const { hostname, port } = new URL(around.server);
  const env = { ...ENVIRONMENT, KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  const bind = (from: string, to: string, readOnly: boolean) => [
    `mount --bind ${shellQuote(from)} ${shellQuote(to)}`,
    ...(readOnly ? [`mount -o remount,bind,ro,nosuid,nodev ${shellQuote(to)}`] : []),
  ];
  for (const { path } of mounts) mkdirSync(join(image.folder, path), { recursive: true });
  const script = [
    ...bind(image.folder, image.folder, securityContext?.readOnlyRootFilesystem === true),
    `mount -t proc -o nosuid,nodev,noexec proc ${shellQuote(join(image.folder, "proc"))}`,
    ...mounts.flatMap(({ from, path, readOnly }) => bind(from, join(image.folder, path), readOnly)),
    [
      "exec setpriv",
      ...(securityContext?.allowPrivilegeEscalation === false ? ["--no-new-privs"] : []),
      ...["env", "-i", ...Object.entries(env).map(([name, value]) => `${name}=${value}`)].map(shellQuote),
      ...["chroot", `--userspec=${image.user}`, `--groups=${groups.join(",")}`, image.folder].map(shellQuote),
      ...[...image.entrypoint, ...args].map(shellQuote),
    ].join(" "),
  ].join("\n");
  const child = spawn(first, [...rest, "sh", "-ec", script], { stdio: ["ignore", "pipe", "pipe"] });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const [code]: unknown[] = await once(child, "close");
  const [stdout, stderr] = await output;
  return { code, stdout, stderr: withoutProgress(stderr) };
}
