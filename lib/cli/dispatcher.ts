import { basename } from "node:path";
import { command, commandWord, type Command, type LazyCommand, type Verb } from "./grammar/command.ts";
import type { Completers } from "./completion/complete.ts";

export interface Plugins {
  /** In the order of help. */
  plugins: readonly LazyCommand[];
  /** Commands beside them that are about all of them. */
  besides: readonly LazyCommand[];
  completers: Completers;
}

/**
 * `kubectl mirrord` itself: the plugins, and what belongs to all of them. Called by a plugin's own name (a link such as
 * `kubectl-mirrord-can_i` to the one executable) it is that plugin. `program` is the path that was started.
 */
export function dispatcher({ plugins, besides, completers }: Plugins, calledAs: string, program: string): Verb {
  const root: Command = command({
    name: "",
    summary: "Grant, preview and explain access to mirrord for Teams, as ordinary Kubernetes RBAC.",
    usage: "COMMAND [flags]",
    examples: {
      "kubectl mirrord grant jim --ns dev": "Let jim use mirrord in namespace dev",
      "kubectl mirrord can-i steal deploy/web -n dev": "See beforehand whether a session will work",
    },
    verbs: [
      ...plugins,
      ...besides,
      {
        name: "completion",
        summary: "Set up completion of kubectl mirrord in your shell.",
        load: async () => (await import("./completion/completion.ts")).completionCommand(plugins.map(commandWord)),
      },
      {
        name: "options",
        summary: "List the flags that say which cluster, and as whom.",
        load: async () => (await import("./options.ts")).optionsCommand,
      },
      {
        name: "install-links",
        summary: "Write a link for each plugin into a folder on PATH: kubectl plugin list then shows all.",
        load: async () =>
          (await import("./install-links.ts")).installLinksCommand(
            plugins.map(commandWord),
            isExecutableName(calledAs) ? calledAs : undefined,
          ),
      },
      {
        name: "version",
        summary: "Print the version, the Node.js it runs on, and where it is installed.",
        load: async () => (await import("./version.ts")).versionCommand(program),
      },
      {
        name: "__complete",
        summary: "Print candidates for the last word.",
        hidden: true,
        load: async () => (await import("./completion/completion.ts")).completeCommand(root, completers),
      },
    ],
  });
  return plugins.find((plugin) => isNamed(calledAs, plugin)) ?? root;
}

/** Not what Node.js runs as a script. */
function isExecutableName(calledAs: string): boolean {
  return basename(calledAs.replaceAll("\\", "/")).startsWith("kubectl-mirrord");
}

/** kubectl looks for `kubectl-mirrord-can_i`; krew would link a plugin of its own as `kubectl-mirrord_can_i`. */
function isNamed(calledAs: string, plugin: LazyCommand): boolean {
  const file = basename(calledAs.replaceAll("\\", "/")).replace(/\.exe$/i, "");
  return file.replaceAll("_", "-") === `kubectl-mirrord-${commandWord(plugin)}`;
}
