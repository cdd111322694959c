// Folders of control planes, and what of them outlives a supervisor that was killed.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRunningWith } from "./processes.ts";

const folderName = /^kubectl-mirrord-control-plane-(?<pid>\d+)-(?<nonce>[a-z0-9]+)$/;

/**
 * Makes the folder of this process's control plane. Its name says who owns it, so that there is no moment at
 * which it has no owner; the nonce must be among this process's arguments.
 */
export function createFolder(nonce: string): string {
  const folder = join(tmpdir(), `kubectl-mirrord-control-plane-${process.pid}-${nonce}`);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** Remembers a part, for the case that nobody is left to stop it. Its arguments must hold the folder's path. */
export function rememberPart(folder: string, name: string, pid: number): void {
  writeFileSync(join(folder, `${name}.pid`), String(pid));
}

/** Ends the parts and removes the folders of control planes whose supervisor is gone. */
export function sweepLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const { pid, nonce } = folderName.exec(name)?.groups ?? {};
    if (pid === undefined || nonce === undefined || isRunningWith(Number(pid), nonce)) continue;
    removeLeftover(join(tmpdir(), name));
  }
}

function removeLeftover(folder: string): void {
  try {
    for (const name of readdirSync(folder).filter((file) => file.endsWith(".pid"))) {
      const pid = Number(readFileSync(join(folder, name), "utf8"));
      if (pid > 0 && isRunningWith(pid, folder)) process.kill(pid, "SIGKILL");
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  } catch {
    // Another user's, or just being swept by somebody else: either way not for us to remove.
  }
}
