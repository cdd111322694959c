import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../errors.ts";
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
    for (const { name, before, after } of texts) {
      const safe = name.replaceAll(/[^A-Za-z0-9._-]/g, "_");
      if (before !== "") writeFileSync(join(live, safe), before, { mode: 0o600 });
      if (after !== "") writeFileSync(join(merged, safe), after, { mode: 0o600 });
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
