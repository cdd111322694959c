// Text in the user's own editor, as kubectl edit opens it. Source: kubectl pkg/cmd/util/editor.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { usageError } from "../errors.ts";
import { fileName } from "../text/file-name.ts";
import { runShell } from "./run-program.ts";

/** What the user left in the file; `name` is what the text is about. Throws UserError "usage" for an editor that fails. */
export async function editText(text: string, name: string, env: NodeJS.ProcessEnv): Promise<string> {
  const editor = env["KUBE_EDITOR"] || env["EDITOR"] || (process.platform === "win32" ? "notepad" : "vi");
  const folder = newFolder();
  try {
    const file = writeInto(folder, text, name);
    const code = await runShell(editor, file, env);
    if (code !== 0)
      throw usageError(
        `there was a problem with the editor ${JSON.stringify(editor)}`,
        "Nothing was changed. KUBE_EDITOR or EDITOR says which one to use.",
      );
    return readFileSync(file, "utf8");
  } finally {
    // Never a folder that is found by the name, which a server may have said.
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes a file that stays, readable for the user alone, in a new folder of its own; its path. */
export const newFile = (text: string, name: string): string => writeInto(newFolder(), text, name);

const newFolder = () => mkdtempSync(join(tmpdir(), "kubectl-mirrord-edit-"));

function writeInto(folder: string, text: string, name: string): string {
  const file = join(folder, fileName(name));
  writeFileSync(file, text, { mode: 0o600, flag: "wx" });
  return file;
}
