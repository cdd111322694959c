import { booleanFlag, stringFlag } from "../grammar/flags.ts";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join, resolve as resolvePath } from "node:path";
import process from "node:process";
import { usageError } from "../../errors.ts";
import { command, type Command } from "../grammar/command.ts";
import { cannotWrite, isExecutable, noteIfHidden, requireFolder } from "../path-folder.ts";
import { complete, type Completers } from "./complete.ts";

const shellSetup = {
  bash: "source <(kubectl completion bash)",
  zsh: "source <(kubectl completion zsh)",
  fish: "kubectl completion fish | source",
  powershell: "kubectl completion powershell | Out-String | Invoke-Expression",
} as const;

type Shell = keyof typeof shellSetup;
const shells = Object.keys(shellSetup) as [Shell, ...Shell[]];

interface Shim {
  name: string;
  text: string;
}

const MAIN = "kubectl_complete-mirrord";

/**
 * What kubectl runs for candidates: beside `kubectl-mirrord`, which krew links, its own; beside a file of a plugin's own name,
 * that plugin's, and no other. A plugin manager cannot bring them along.
 */
function shimsFor(plugins: readonly string[]): Shim[] {
  const shim = (name: string, words: string): Shim =>
    process.platform === "win32"
      ? { name: `${name}.cmd`, text: `@kubectl mirrord __complete ${words}%*\r\n` }
      : { name, text: `#!/bin/sh\nexec kubectl mirrord __complete ${words}"$@"\n` };
  return [shim(MAIN, ""), ...plugins.map((word) => shim(`${MAIN}-${word.replaceAll("-", "_")}`, `${word} `))];
}

const install = (plugins: readonly string[]) =>
  command({
    name: "completion install",
    summary: `Write ${MAIN} and its like, which kubectl asks for completions, into a folder on PATH.`,
    usage: "--dir DIR [flags]",
    examples: { "kubectl mirrord completion install --dir ~/.local/bin": "Install it for yourself" },
    flags: {
      dir: stringFlag("DIR", "A folder on PATH.", { required: true, completes: "directory" }),
      yes: booleanFlag("Does nothing: this command never asks.", { short: "y" }),
      force: booleanFlag("Replace other files of these names."),
    },

    async run({ dir, force }, world) {
      await requireFolder(dir);
      const found = await Promise.all(
        shimsFor(plugins).map(async (shim) => ({ shim, ...(await stored(join(resolvePath(dir), shim.name), shim)) })),
      );
      const other = found.find(({ state }) => state === "other");
      if (other !== undefined && !force)
        throw usageError(`${other.file} is there already, and is another file`, "To replace it, add --force.");
      for (const { shim, file, state } of found) {
        if (state !== "same") await writeShim(shim, file);
        const done = { same: "unchanged", absent: "created", changed: "configured", other: "configured" }[state];
        world.print(`${file} ${done}`);
      }
      await noteIfHidden(
        found.map(({ file }) => file),
        dir,
        world,
      );
      return 0;
    },
  });

/** `changed`: it is ours and cannot be run. */
async function stored(
  file: string,
  { text }: Shim,
): Promise<{ file: string; state: "absent" | "same" | "changed" | "other" }> {
  const present = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw cannotWrite(file, error);
  });
  if (present === undefined) return { file, state: "absent" };
  if (present !== text) return { file, state: "other" };
  return { file, state: (await isExecutable(file)) ? "same" : "changed" };
}

async function writeShim({ text }: Shim, file: string): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(draft, text, { mode: 0o755, flag: "wx" });
    await rename(draft, file);
  } catch (error) {
    throw cannotWrite(file, error as Error);
  }
}

/**
 * `completion SHELL` prints lines that can be read as well as sourced.
 * @param plugins their words, such as `can-i`
 */
export const completionCommand = (plugins: readonly string[]) =>
  command({
    name: "completion",
    summary: "Set up completion of kubectl mirrord in your shell.",
    usage: `[${shells.join("|")}]`,
    examples: {
      "kubectl mirrord completion install --dir ~/.local/bin": "Install what kubectl asks",
      "kubectl mirrord completion bash": "Show what your shell needs besides",
    },
    positionals: {
      shell: { type: "string", placeholder: "SHELL", describe: "Your shell.", values: shells },
    },
    verbs: [install(plugins)],

    async run({ shell }, world) {
      const wanted = shell === undefined ? shells : [shell];
      world.print([
        `# kubectl completes its plugins by asking ${MAIN} (or ${MAIN}-PLUGIN, beside a plugin of its own name) on PATH.`,
        "# To install them, once:",
        "#   kubectl mirrord completion install --dir DIR",
        "# kubectl's own completion must be on, too (in bash it needs the package bash-completion):",
        ...wanted.map((name) => (shell === undefined ? `#   ${name}: ${shellSetup[name]}` : shellSetup[name])),
      ]);
      return 0;
    },
  });

/** The hidden command behind the shims. */
export function completeCommand(root: Command, completers: Completers): Command<{ args: string[] }> {
  return {
    ...command({ name: "__complete", summary: "Print candidates for the last word.", usage: "WORD...", hidden: true }),
    raw: true,

    async run({ args }, world) {
      world.document(await complete(root, args, completers, world));
      return 0;
    },
  };
}
