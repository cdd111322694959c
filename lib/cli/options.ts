import { command } from "./grammar/command.ts";
import { connectionHelp } from "./grammar/help.ts";
import { connectionFlags } from "./grammar/shared-flags.ts";

/** As `kubectl options`: in place of the same two dozen flags in every help. */
export const optionsCommand = command({
  name: "options",
  summary: "List the flags that say which cluster, and as whom.",
  usage: "",
  examples: { "kubectl mirrord options": "All of them" },
  // oxlint-disable-next-line typescript/require-await -- A command resolves to its exit code.
  async run(_options, world) {
    world.print(connectionHelp(connectionFlags, world.columns));
    return 0;
  },
});
