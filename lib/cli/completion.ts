import { access, rename, writeFile } from "node:fs/promises";
import { constants } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { delimiter, join, resolve as resolvePath } from "node:path";
import process from "node:process";
import { UserError } from "../errors.ts";
import { command } from "./command.ts";
import type { Command } from "./command.ts";
import { complete } from "./complete.ts";
import type { Completers } from "./complete.ts";

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

/** kubectl looks on PATH for this executable; a krew plugin cannot bring it along. */
const shim: Shim =
  process.platform === "win32"
    ? { name: "kubectl_complete-mirrord.cmd", text: "@kubectl mirrord __complete %*\r\n" }
    : { name: "kubectl_complete-mirrord", text: '#!/bin/sh\nexec kubectl mirrord __complete "$@"\n' };

const install = command({
  name: "completion install",
  summary: `Write ${shim.name}, which kubectl asks for completions, into a folder on PATH.`,
  usage: "--dir DIR [flags]",
  examples: [{ command: "kubectl mirrord completion install --dir ~/.local/bin", does: "Install it for yourself" }],
  flags: {
    dir: {
      type: "string",
      required: true,
      placeholder: "DIR",
      describe: "A folder on PATH.",
      completes: "directory",
    },
    force: { type: "boolean", describe: "Replace another file of that name." },
  },

  async run({ dir, force }, world) {
    const file = join(resolvePath(dir), shim.name);
    world.print(`${file} ${await writeShim(dir, file, force)}`);
    if (!isOnPath(dir, world.env)) world.note(`${dir} is not on PATH: kubectl will not find the file there.`);
    return 0;
  },
});

async function writeShim(dir: string, file: string, force: boolean): Promise<"created" | "configured" | "unchanged"> {
  const folder = await stat(dir).catch(() => undefined);
  if (!folder?.isDirectory())
    throw new UserError("usage", `${dir} is not a folder`, "Create it first, or name another one with --dir.");

  const present = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw cannotWrite(file, error);
  });
  const executable = await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (present === shim.text && executable) return "unchanged";
  if (present !== undefined && present !== shim.text && !force)
    throw new UserError("usage", `${file} is there already, and is another file`, "To replace it, add --force.");

  const draft = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(draft, shim.text, { mode: 0o755, flag: "wx" });
    await rename(draft, file);
  } catch (error) {
    throw cannotWrite(file, error as Error);
  }
  return present === undefined ? "created" : "configured";
}

function cannotWrite(file: string, cause: Error): UserError {
  return new UserError("undetermined", `cannot write ${file}: ${cause.message}`, undefined, { cause });
}

function isOnPath(dir: string, env: NodeJS.ProcessEnv): boolean {
  const folders = (env["PATH"] ?? "").split(delimiter).map((folder) => resolvePath(folder));
  return folders.includes(resolvePath(dir));
}

/** `completion SHELL` prints lines that can be read as well as sourced. */
export const completionCommand = command({
  name: "completion",
  summary: "Set up completion of kubectl mirrord in your shell.",
  usage: `[${shells.join("|")}]`,
  examples: [
    { command: "kubectl mirrord completion install --dir ~/.local/bin", does: "Install what kubectl asks" },
    { command: "kubectl mirrord completion bash", does: "Show what your shell needs besides" },
  ],
  positionals: {
    shell: { type: "string", placeholder: "SHELL", describe: "Your shell.", values: shells },
  },
  verbs: [install],

  async run({ shell }, world) {
    const wanted = shell === undefined ? shells : [shell];
    world.print(
      [
        `# kubectl completes its plugins by asking ${shim.name} on PATH. To install it, once:`,
        "#   kubectl mirrord completion install --dir DIR",
        "# kubectl's own completion must be on, too:",
        ...wanted.map((name) => (shell === undefined ? `#   ${name}: ${shellSetup[name]}` : shellSetup[name])),
      ].join("\n"),
    );
    return 0;
  },
});

/** The hidden command behind the shim. */
export function completeCommand(root: Command, completers: Completers): Command<{ args: string[] }> {
  return {
    name: "__complete",
    summary: "Print candidates for the last word.",
    usage: "WORD...",
    examples: [],
    positionals: {},
    flags: {},
    verbs: [],
    exitCodes: {},
    hidden: true,
    raw: true,

    async run({ args }, world) {
      world.print(await complete(root, args, completers, world));
      return 0;
    },
  };
}
