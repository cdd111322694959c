// Programs of others that tests use, built from source into a cache as the control plane is.
import { join } from "node:path";
import { cacheFolder, goBuild, isBuilt, type GoModule } from "../control-plane/build.ts";

const tools: GoModule = {
  name: "tools",
  folder: import.meta.dirname,
  packages: { "kubectl-krew": "sigs.k8s.io/krew/cmd/krew", actionlint: "github.com/rhysd/actionlint/cmd/actionlint" },
  linkerFlags: "-s -w",
  howToGetOne: "Install Go 1.26 or newer (https://go.dev/dl/).",
};

/** The folder with `kubectl-krew` and `actionlint`; builds them the first time, which takes a minute. */
export async function toolsFolder(): Promise<string> {
  const folder = await cacheFolder(tools);
  if (!isBuilt(folder, tools)) await goBuild(folder, (line) => process.stderr.write(`${line}\n`), tools);
  return folder;
}

export async function tool(name: "actionlint"): Promise<string> {
  return join(await toolsFolder(), name);
}
