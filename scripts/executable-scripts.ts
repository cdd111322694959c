// The scripts that the executable holds. They are the same on every platform.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { bundler } from "./bundle.ts";

/** Have a script of their own, half the size of that of all: a preview, and who can do something, are what people wait for. */
const quick = ["kubectl-mirrord-can_i.ts", "kubectl-mirrord-audit.ts"];

/**
 * Writes them to `folder`: for the command of all plugins, and for the quick ones, an expression that is a function of `require`;
 * for each package that lies apart, a module. `version` is what the commands say of themselves.
 */
export async function bundleScripts(folder: string, version: string): Promise<{ files: string[]; metafile: Metafile }> {
  const bundles = bundler({
    version,
    // The oldest Node.js that an executable carries.
    target: "node24",
    here: "process.execPath",
    load: (name) => `
      const Module = require("node:module");
      const name = ${JSON.stringify(name)};
      const script = new Module(name);
      script._compile(require("node:sea").getAsset(name, "utf8"), name);
      module.exports = script.exports;`,
  });
  const commands = ["kubectl-mirrord.ts", ...quick].map(async (plugin) => {
    const file = join(folder, plugin.replaceAll("_", "-").replace(/\.ts$/, ".cjs"));
    await bundles.command(plugin, file);
    const code = readFileSync(file, "utf8").replace(/^#!.*\n/, "");
    writeFileSync(file, `(function (require) {${inAscii(code)}\n})`);
    return file;
  });
  return { files: [...(await Promise.all(commands)), ...(await bundles.packages(folder))], metafile: bundles.metafile };
}

/** One other character, and V8 would hold every character in two bytes. esbuild leaves those of regular expressions. */
function inAscii(code: string): string {
  return code.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
