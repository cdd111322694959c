import { realpathSync } from "node:fs";
import process from "node:process";
import manifest from "../../package.json" with { type: "json" };
import { printOutput, type Output } from "../view/output.ts";
import { command, type Command } from "./grammar/command.ts";
import { outputFlag } from "./grammar/shared-flags.ts";

interface Version {
  version: string;
  node: string;
  platform: string;
  path: string;
}

/** `path` is the executable that answered: several versions may be on PATH. */
export function versionCommand(path: string): Command {
  return command({
    name: "version",
    summary: "Print the version, the Node.js it runs on, and where it is installed.",
    usage: "[flags]",
    examples: { "kubectl mirrord version -o json": "Print it for a script" },
    flags: { output: outputFlag(["table", "json", "yaml"]) },

    async run({ output: format }, world) {
      await printOutput(versionOutput(path), { format }, world);
      return 0;
    },
  });
}

function installedAt(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // Found on PATH by its bare name, or gone since.
  }
}

function versionOutput(path: string): Output<Version> {
  const value: Version = {
    version: manifest.version,
    node: process.versions.node,
    platform: `${process.platform}/${process.arch}`,
    path: installedAt(path),
  };
  return {
    kind: "Version",
    value,
    rows: [value],
    columns: {
      VERSION: (row) => row.version,
      NODE: (row) => row.node,
      PLATFORM: (row) => row.platform,
      PATH: (row) => row.path,
    },
  };
}
