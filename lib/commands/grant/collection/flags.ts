import { namespacesFlag } from "../../../cli/grammar/shared-flags.ts";

/** A path that need not be there yet. */
export const newPath = {
  type: "string",
  placeholder: "PATH",
  describe: "The collection, such as prod/web",
  required: true,
} as const;

export const knownPath = { ...newPath, completes: "collection" } as const;

export const requiredNamespacesFlag = { ...namespacesFlag, required: true } as const;
