// Text in the user's own editor, as kubectl edit opens it. Source: kubectl pkg/cmd/util/editor.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { usageError } from "../errors.ts";
import { runShell } from "./run-program.ts";

/** What the user left in the file. Throws UserError "usage" for an editor that fails. */
export async function editText(text: string, name: string, env: NodeJS.ProcessEnv): Promise<string> {
  const editor = env["KUBE_EDITOR"] || env["EDITOR"] || (process.platform === "win32" ? "notepad" : "vi");
  const file = newFile(text, name);
  try {
    const code = await runShell(editor, file, env);
    if (code !== 0)
      throw usageError(
        `there was a problem with the editor ${JSON.stringify(editor)}`,
        "Nothing was changed. KUBE_EDITOR or EDITOR says which one to use.",
      );
    return readFileSync(file, "utf8");
  } finally {
    rmSync(join(file, ".."), { recursive: true, force: true });
  }
}

/** Writes a file that stays, readable for the user alone; its path. */
export function newFile(text: string, name: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "kubectl-mirrord-edit-")), name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
