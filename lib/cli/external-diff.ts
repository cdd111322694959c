import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { fileName } from "../text/file-name.ts";
import { runProgram } from "./run-program.ts";
import type { TwoTexts } from "./world.ts";

/**
 * Shows differences by the program of KUBECTL_EXTERNAL_DIFF: it gets two folders, what is stored and what would be, with a
 * file for each object. Words of it that are no plain flags are left out, as kubectl does.
 * Source: kubectl pkg/cmd/diff/diff.go, DiffProgram.
 * @throws UserError "undetermined" where it cannot be started or fails; its 0 and 1 are no failures
 */
export async function showByProgram(
  program: string,
  texts: readonly TwoTexts[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const [file = "", ...words] = program.split(" ");
  const flags = words.filter((word) => /^[a-zA-Z0-9-=]+$/.test(word));
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-diff-"));
  try {
    const [live, merged] = [join(folder, "LIVE"), join(folder, "MERGED")];
    mkdirSync(live, { mode: 0o700 });
    mkdirSync(merged, { mode: 0o700 });
    const names = new Set<string>();
    for (const { name, before, after } of texts) {
      const own = unusedName(fileName(name), names);
      names.add(own.toLowerCase());
      if (before !== "") writeFileSync(join(live, own), before, { mode: 0o600 });
      if (after !== "") writeFileSync(join(merged, own), after, { mode: 0o600 });
    }
    const code = await runProgram(file, [...flags, live, merged], env).catch((cause: unknown) => {
      throw new UserError("undetermined", `cannot run KUBECTL_EXTERNAL_DIFF ${JSON.stringify(file)}`, [], { cause });
    });
    if (code > 1)
      throw new UserError("undetermined", `KUBECTL_EXTERNAL_DIFF ${JSON.stringify(file)} failed: exit code ${code}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Two objects whose names differ in what no file name can hold have a file each, also where case makes no difference. */
function unusedName(file: string, used: ReadonlySet<string>): string {
  const isUsed = (name: string) => used.has(name.toLowerCase());
  if (!isUsed(file)) return file;
  for (let number = 2; ; number += 1) if (!isUsed(`${file}-${number}`)) return `${file}-${number}`;
}
