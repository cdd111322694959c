// The names that kubectl looks for first, as links to the one executable: an archive and krew bring only `kubectl-mirrord`.
import { lstat, readlink, rename, rm, symlink } from "node:fs/promises";
import { basename, isAbsolute, join, resolve, win32 } from "node:path";
import process from "node:process";
import { usageError } from "../errors.ts";
import { command } from "./grammar/command.ts";
import { booleanFlag, stringFlag } from "./grammar/flags.ts";
import { cannotWrite, findProgram, foldersOnPath, noteIfHidden, requireFolder } from "./path-folder.ts";

interface Link {
  file: string;
  /** `other`: somebody else's. `changed`: a link to another executable of ours. */
  state: "absent" | "same" | "changed" | "other";
}

/**
 * @param plugins their words, such as `can-i`
 * @param calledAs the executable as it was started: a path, or a name that was found on PATH; undefined when it is a script, whose
 * names npm or the checkout brings
 */
export const installLinksCommand = (plugins: readonly string[], calledAs: string | undefined) =>
  command({
    name: "install-links",
    summary: "Write a link for each plugin into a folder on PATH: kubectl plugin list then shows all.",
    usage: "--dir DIR [flags]",
    examples: { "kubectl mirrord install-links --dir ~/.local/bin": "Link them for yourself" },
    flags: {
      dir: stringFlag("DIR", "A folder on PATH.", { required: true, completes: "directory" }),
      yes: booleanFlag("Does nothing: this command never asks.", { short: "y" }),
      force: booleanFlag("Replace other files of these names."),
    },

    async run({ dir, force }, world) {
      if (calledAs === undefined)
        throw usageError(
          "there is nothing to link: this is no executable",
          "npm and a checkout bring all names along.",
        );
      await requireFolder(dir);
      const executable = await executablePath(calledAs, world.env);
      const found = await Promise.all(
        plugins.map((word) => findLink(join(resolve(dir), linkName(word, executable)), executable)),
      );
      const other = found.find(({ state }) => state === "other");
      if (other !== undefined && !force)
        throw usageError(`${other.file} is there already, and is another file`, "To replace it, add --force.");
      for (const { file, state } of found) {
        if (state !== "same") await writeLink(file, executable);
        world.print(
          `${file} ${{ same: "unchanged", absent: "created", changed: "configured", other: "configured" }[state]}`,
        );
      }
      await noteIfHidden(
        found.map(({ file }) => file),
        dir,
        world,
      );
      return 0;
    },
  });

/** Where PATH has it, and not what that is a link to: krew's own link points to another file after an upgrade. */
async function executablePath(calledAs: string, env: NodeJS.ProcessEnv): Promise<string> {
  if (isAbsolute(calledAs) || win32.isAbsolute(calledAs)) return calledAs;
  if (basename(calledAs) !== calledAs) return resolve(calledAs);
  return (await findProgram(calledAs, foldersOnPath(env))) ?? process.execPath;
}

/** kubectl reads a dash inside a word as an underscore. */
function linkName(word: string, executable: string): string {
  return `kubectl-mirrord-${word.replaceAll("-", "_")}${executable.endsWith(".exe") ? ".exe" : ""}`;
}

async function findLink(file: string, executable: string): Promise<Link> {
  try {
    if (!(await lstat(file)).isSymbolicLink()) return { file, state: "other" };
    const target = await readlink(file);
    if (target === executable) return { file, state: "same" };
    return { file, state: /^kubectl-mirrord(\.exe)?$/.test(basename(target)) ? "changed" : "other" };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { file, state: "absent" };
    throw cannotWrite(file, error as Error);
  }
}

async function writeLink(file: string, executable: string): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    await symlink(executable, draft);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw cannotWrite(file, error as Error);
  }
}
