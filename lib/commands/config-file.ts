import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { withDefaultSignals } from "../computing.ts";
import { usageError } from "../errors.ts";
import { readNamed, workingFolder } from "../kube/config/files.ts";
import { configuredAction, DEFAULT_CONFIG_PATH, parseSessionConfig } from "../mirrord/config/config.ts";
import type { Action } from "../mirrord/plan/session-plan.ts";
import type { NamedConfig } from "../mirrord/plan/session-question.ts";
import { BARE_CONFIG } from "./config-flag.ts";

/**
 * Reads a mirrord configuration: a file, `-` for stdin, or, when none was named (BARE_CONFIG), where mirrord itself looks.
 * Throws UserError "usage" for what cannot be read and for what the client would refuse.
 */
export function readConfig(path: string, env: NodeJS.ProcessEnv): NamedConfig & { action: Action } {
  const file = path === BARE_CONFIG ? DEFAULT_CONFIG_PATH : path;
  const branch = gitBranch(workingFolder());
  const text = readText(file);
  const options = { fileName: file, env, ...(branch === undefined ? {} : { gitBranch: branch }) };
  // The file is a repository's, and its templates are programs.
  const session = withDefaultSignals(() => parseSessionConfig(text, options));
  if (session.operator === false) {
    throw usageError(
      `${file}: operator is false, so the session does not go through the operator and none of its access checks apply`,
      "Leave out operator: false to ask about a session with the operator.",
    );
  }
  return { session, file, action: configuredAction(session) };
}

function readText(file: string): string {
  try {
    // The client refuses what is not UTF-8, too.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readNamed(file));
  } catch (cause) {
    if (cause instanceof TypeError) throw usageError(`${file}: not valid UTF-8`, undefined, { cause });
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    const isMissing = why === "ENOENT";
    throw usageError(
      `cannot read the configuration ${JSON.stringify(file)}: ${isMissing ? "there is no such file" : why}`,
      file === DEFAULT_CONFIG_PATH ? "Name the file: -f FILE." : undefined,
      { cause },
    );
  }
}

/** The branch that is checked out around a folder, for templates; undefined without one, or outside of a repository. */
function gitBranch(folder: string): string | undefined {
  if (!isAbsolute(folder)) return undefined;
  for (let at = folder; ; at = dirname(at)) {
    const git = join(at, ".git");
    if (existsSync(git)) return currentBranch(git);
    if (dirname(at) === at) return undefined;
  }
}

function currentBranch(git: string): string | undefined {
  try {
    // In a worktree `.git` is a file that says where the folder is.
    const folder = statSync(git).isDirectory()
      ? git
      : resolve(dirname(git), /^gitdir: (.+)$/m.exec(gitText(git))?.[1] ?? "");
    return /^ref: refs\/heads\/(.+)$/m.exec(gitText(join(folder, "HEAD")))?.[1];
  } catch {
    return undefined;
  }
}

// What stands in for git's own file, a named pipe for one, could keep the command waiting.
function gitText(path: string): string {
  return statSync(path).isFile() ? readFileSync(path, "utf8") : "";
}
