import { connectionFlags, dryRunFlag, outputFlag, yesFlag } from "../../cli/grammar/shared-flags.ts";

/** Of every command that changes collections, roles or administrators. */
export const changeFlags = {
  dryRun: dryRunFlag,
  output: outputFlag(["table", "json", "yaml", "name"]),
  yes: yesFlag,
  ...connectionFlags,
};
