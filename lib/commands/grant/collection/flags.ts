import { connectionFlags, dryRunFlag, namespacesFlag, outputFlag, yesFlag } from "../../../cli/grammar/shared-flags.ts";

/** Of every command that changes collections. */
export const changeFlags = {
  dryRun: dryRunFlag,
  output: outputFlag(["table", "json", "yaml", "name"]),
  yes: yesFlag,
  ...connectionFlags,
};

/** A path that need not be there yet. */
export const newPath = {
  type: "string",
  placeholder: "PATH",
  describe: "The collection, such as prod/web",
  required: true,
} as const;

export const knownPath = { ...newPath, completes: "collection" } as const;

export const requiredNamespacesFlag = { ...namespacesFlag, required: true } as const;
