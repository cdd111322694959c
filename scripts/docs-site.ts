// Makes the documentation site, files for any web server: npm run docs:site [-- FOLDER] [-- --base /PATH/]
// The generator is not among the packages of the checkout: it is installed into the cache folder the first time.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { copyPages } from "./docs/site.ts";

const root = join(import.meta.dirname, "..");
const sources = join(import.meta.dirname, "site");
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Where the site will be on its server. */
    base: { type: "string", default: "/" },
  },
});
const output = resolve(positionals[0] ?? join(root, "site"));

const folder = mkdtempSync(join(installGenerator(), "pages-"));
try {
  const sidebar = copyPages(root, folder);
  const config = join(folder, ".vitepress");
  mkdirSync(config);
  for (const part of ["config.js", "theme"]) cpSync(join(sources, part), join(config, part), { recursive: true });
  writeFileSync(join(config, "sidebar.json"), JSON.stringify(sidebar));
  const vitepress = join(folder, "..", "node_modules", "vitepress", "bin", "vitepress.js");
  rmSync(output, { recursive: true, force: true });
  run(process.execPath, [vitepress, "build", folder, "--outDir", output, "--base", options.base], root);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${join(output, "index.html")}\n`);

/** The folder that has it. Others may do the same at the same time: each moves a whole folder into place. */
function installGenerator(): string {
  const lock = readFileSync(join(sources, "package-lock.json"));
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "kubectl-mirrord");
  const place = join(cache, `site-${createHash("sha256").update(lock).digest("hex").slice(0, 16)}`);
  if (existsSync(place)) return place;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, "unfinished-"));
  try {
    for (const file of ["package.json", "package-lock.json"]) copyFileSync(join(sources, file), join(draft, file));
    copyFileSync(join(root, ".npmrc"), join(draft, ".npmrc"));
    run("npm", ["ci"], draft);
    renameSync(draft, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return place;
}

function run(file: string, args: readonly string[], cwd: string): void {
  const shell = process.platform === "win32" && file === "npm";
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd, encoding: "utf8", shell });
  if (status !== 0) throw new Error(`${file} ${args.join(" ")}: ${error?.message ?? ""}${stdout}${stderr}`);
}
